package planner

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/parser"
	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/builtin"
)

// world is a catalog of tables for tests.
type world struct {
	tables map[string]Object
}

func fields(spec string) *arrow.Schema {
	var out []arrow.Field
	for _, c := range strings.Split(spec, ",") {
		name, typ, _ := strings.Cut(strings.TrimSpace(c), " ")
		t, err := sqltype.Resolve(typeAndMods(strings.ReplaceAll(typ, ";", ",")))
		if err != nil {
			panic(err)
		}
		out = append(out, arrow.Field{Name: name, Type: t, Nullable: true})
	}
	return arrow.NewSchema(out, nil)
}

func csvTable(name, spec string, bytes int64) Object {
	return Object{Schema: "public", Name: name, Table: &catalog.TableDef{
		Format: "csv", Location: name + ".csv", Schema: fields(spec),
		Files: []catalog.FileInfo{{Path: "/data/" + name + ".csv", Size: bytes}},
	}}
}

// counted adds a Parquet table of so many rows, whose columns have so many values.
func (w *world) counted(name, spec string, rows int64, distinct ...int64) {
	o := csvTable(name, spec, rows)
	o.Table.Format, o.Stats = "parquet", &catalog.Stats{Rows: rows, Bytes: rows * 20}
	for _, d := range distinct {
		o.Stats.Columns = append(o.Stats.Columns, catalog.ColumnStats{Distinct: d})
	}
	w.tables[name] = o
}

// define adds CSV tables, a line each: a name and columns.
func (w *world) define(tables string, bytes int64) {
	for _, line := range strings.Split(tables, "\n") {
		name, spec, _ := strings.Cut(line, " ")
		w.tables[name] = csvTable(name, spec, bytes)
	}
}

func newWorld(t testing.TB) *world {
	w := &world{tables: map[string]Object{}}
	for _, o := range []Object{
		csvTable("trips", "id bigint, vendor text, passenger_count integer, distance double precision, fare numeric(10;2), picked_up timestamp", 1<<30),
		csvTable("vendors", "vendor text, name text, founded date", 2000),
		csvTable("orders", "id bigint, customer bigint, total numeric(12;2), placed date", 400<<20),
		csvTable("customers", "id bigint, name text, country text", 300<<20),
		csvTable("tiny", "a integer, b text, c double precision", 500),
	} {
		w.tables[o.Name] = o
	}
	keyed := csvTable("products", "id bigint, sku text, category text, price numeric(8;2), weight double precision", 200<<20)
	keyed.Table.Key = []int{0}
	w.tables["products"] = keyed
	unique := csvTable("accounts", "id bigint, email text, phone text, balance numeric(12;2)", 200<<20)
	unique.Table.Uniques = [][]int{{0}, {1}}
	columns := unique.Table.Schema.Fields()
	columns[0].Nullable = false
	unique.Table.Schema = arrow.NewSchema(columns, nil)
	w.tables["accounts"] = unique
	w.tables["workers"] = Object{Schema: "volley", Name: "workers", Table: &catalog.TableDef{Format: "system", Local: true, Schema: fields("id text, state text")}}
	w.counted("sales", "product bigint, store integer, quantity integer, amount numeric(10;2), weight double precision, sold date", 10_000_000, 10_000, 500, 100, 1_000_000, 1_000_000, 1000)
	w.counted("stores", "store integer, city text, region text", 500, 500, 100, 10)
	w.counted("goods", "product bigint, maker integer, label text", 10_000, 10_000, 50, 10_000)
	w.counted("makers", "maker integer, country text", 50, 50, 20)
	events := csvTable("events", "id bigint, kind text, year bigint, month bigint", 1<<42)
	events.Table.PartitionColumns = []string{"year", "month"}
	events.Table.Unlisted = &catalog.External{}
	w.tables["events"] = events
	w.view(t, "busy", "SELECT vendor, count(*) AS n FROM trips GROUP BY vendor")
	w.view(t, "broken", "SELECT nothing FROM trips")
	w.view(t, "loop", "SELECT * FROM loop")
	return w
}

func (w *world) view(t testing.TB, name, sql string) {
	w.tables[name] = Object{Schema: "public", Name: name, View: parseQuery(t, sql)}
}

func parseQuery(t testing.TB, sql string) *ast.Query {
	t.Helper()
	st, err := parser.ParseOne(sql)
	if err != nil {
		t.Fatalf("parse %q: %v", sql, err)
	}
	q, ok := st.(*ast.Query)
	if !ok {
		t.Fatalf("%q is no query but %T", sql, st)
	}
	return q
}

func (w *world) Resolve(_ context.Context, parts []string) (Object, error) {
	o := w.tables[parts[len(parts)-1]]
	if len(parts) > 1 && o.Schema != parts[len(parts)-2] {
		return Object{}, nil
	}
	return o, nil
}

// List lists a file of 1 MB for each month of 2000 to 2019.
func (w *world) List(ctx context.Context, def *catalog.TableDef, wanted catalog.Wanted) (*catalog.TableDef, *catalog.Stats, error) {
	listed := *def
	listed.Files, listed.Unlisted = nil, nil
	for i := range int64(240) {
		year, month := bigint(2000+i/12), bigint(1+i%12)
		if wanted == nil || wanted(ctx, []arrow.Array{year, nil}) && wanted(ctx, []arrow.Array{year, month}) {
			listed.Files = append(listed.Files, catalog.FileInfo{Path: fmt.Sprintf("/data/events/%d.csv", i), Size: 1 << 20})
		}
	}
	return &listed, &catalog.Stats{Rows: int64(len(listed.Files)) * 10_000, Wanted: wanted != nil}, nil
}

func bigint(v int64) arrow.Array {
	b := array.NewInt64Builder(allocator)
	b.Append(v)
	return b.NewArray()
}

func (w *world) File(_ context.Context, format string, given catalog.Given) (*catalog.TableDef, *catalog.Stats, error) {
	if strings.HasPrefix(given.Location, "missing") {
		return nil, nil, sqlerr.New(sqlerr.UndefinedFile, "no file %q", given.Location)
	}
	def := &catalog.TableDef{
		Format: format, Location: given.Location, Options: given.Options, Schema: given.Columns,
		Files: []catalog.FileInfo{{Path: given.Location, Size: 10 << 20}},
	}
	if def.Format == "" {
		def.Format = "csv"
	}
	if def.Schema == nil {
		def.Schema = fields("ID bigint, sku text, flux double precision")
	}
	return def, nil, nil
}

func (w *world) Functions(context.Context, []string) ([]*Function, error) { return nil, nil }

func (w *world) Names(context.Context) []string {
	var out []string
	for n := range w.tables {
		out = append(out, n)
	}
	return out
}

func newPlanner(t testing.TB) *Planner {
	t.Helper()
	r := udf.NewRegistry()
	if err := builtin.Register(r); err != nil {
		t.Fatal(err)
	}
	if err := r.RegisterScalar(&udf.Scalar{
		Name: "classify", Params: []arrow.DataType{sqltype.Text, sqltype.Float64}, Returns: sqltype.Float64, User: true,
		Batch: func(*udf.Context, []udf.Arg, int) (arrow.Array, error) { return nil, fmt.Errorf("not called") },
	}); err != nil {
		t.Fatal(err)
	}
	for name, cost := range map[string]float64{"slow": 5000, "slower": 50_000} {
		if err := r.RegisterScalar(&udf.Scalar{
			Name: name, Params: []arrow.DataType{sqltype.Text}, Returns: sqltype.Text, User: true, Cost: cost,
			Batch: func(_ *udf.Context, args []udf.Arg, _ int) (arrow.Array, error) { return args[0].Array, nil },
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.RegisterAggregate(&udf.Aggregate{
		Name: "in_order", Params: []arrow.DataType{sqltype.Text}, Returns: sqltype.Text, Ordered: true,
		State: func([]arrow.DataType) []arrow.DataType { return []arrow.DataType{sqltype.Text} },
		New:   func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) { return nil, fmt.Errorf("not called") },
	}); err != nil {
		t.Fatal(err)
	}
	return &Planner{Registry: r}
}

func bind(t testing.TB, sql string, opts BindOptions) (*Bound, error) {
	t.Helper()
	return newPlanner(t).Bind(context.Background(), parseQuery(t, sql), newWorld(t), opts)
}
