package exec

import (
	"context"
	"fmt"
	"io"
	"math"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/builtin"
)

// registry has the built-in functions.
var registry = func() *udf.Registry {
	r := udf.NewRegistry()
	if err := builtin.Register(r); err != nil {
		panic(err)
	}
	return r
}()

// fakeFormat reads splits from records in memory, by Split.Index.
type fakeFormat struct {
	catalog.Format
	records map[int][]arrow.Record

	mu     sync.Mutex // tasks of one query open their splits at once
	opened []int
	spec   *catalog.ScanSpec // of the last one
	stop   func()            // called before each record; nil: nothing
}

func (f *fakeFormat) Open(_ context.Context, _ objstore.Store, spec *catalog.ScanSpec, s catalog.Split) (catalog.Reader, error) {
	f.mu.Lock()
	f.spec = spec
	f.opened = append(f.opened, s.Index)
	f.mu.Unlock()
	return &fakeReader{recs: f.records[s.Index], split: s, stop: f.stop}, nil
}

type fakeReader struct {
	recs  []arrow.Record
	split catalog.Split
	given int64
	line  int64 // of the first row of the last record
	stop  func()
}

func (r *fakeReader) Next(context.Context) (arrow.Record, error) {
	if r.stop != nil {
		r.stop()
	}
	if len(r.recs) == 0 {
		return nil, io.EOF
	}
	rec := r.recs[0]
	r.recs = r.recs[1:]
	r.line = r.given + 1
	r.given += rec.NumRows()
	return rec, nil
}

// Line counts the rows of the split.
func (r *fakeReader) Line(_ context.Context, row int) (int64, error) { return r.line + int64(row), nil }

func (r *fakeReader) Bounds() catalog.Bounds {
	return catalog.Bounds{Start: r.split.Start, End: r.split.End}
}
func (r *fakeReader) Close() error { return nil }

// fakeExchange gives the records of producer tasks, by stage, task, partition.
type fakeExchange map[[3]int][]arrow.Record

func (x fakeExchange) Open(_ context.Context, src physical.Source, partition int) (Operator, error) {
	if partition != physical.AllPartitions {
		return &recordSource{recs: x[[3]int{src.Task.Stage, src.Task.Task, partition}]}, nil
	}
	all := &recordSource{}
	for p := 0; ; p++ {
		recs, ok := x[[3]int{src.Task.Stage, src.Task.Task, p}]
		if !ok {
			return all, nil
		}
		all.recs = append(all.recs, recs...)
	}
}

type recordSource struct{ recs []arrow.Record }

func (s *recordSource) Schema() *arrow.Schema { return nil }
func (s *recordSource) Close() error          { return nil }
func (s *recordSource) Next(context.Context) (arrow.Record, error) {
	if len(s.recs) == 0 {
		return nil, io.EOF
	}
	rec := s.recs[0]
	s.recs = s.recs[1:]
	return rec, nil
}

// world is the surroundings of a test's fragments.
type world struct {
	format   *fakeFormat
	exchange fakeExchange
	env      Env
	frag     physical.Fragment
}

func newWorld() *world {
	w := &world{format: &fakeFormat{records: map[int][]arrow.Record{}}, exchange: fakeExchange{}}
	w.env = Env{Formats: map[string]catalog.Format{"fake": w.format}, Registry: registry, Exchange: w.exchange}
	w.frag.Splits = map[int][]catalog.Split{}
	w.frag.Sources = map[int][]physical.Source{}
	return w
}

// scan adds a table of records, two to a split.
func (w *world) scan(schema *arrow.Schema, recs []arrow.Record) *physical.Scan {
	id := len(w.frag.Splits)
	proj := make([]int, schema.NumFields())
	for i := range proj {
		proj[i] = i
	}
	for lo := 0; lo < len(recs); lo += 2 {
		index := 100*id + lo
		w.format.records[index] = recs[lo:min(lo+2, len(recs))]
		w.frag.Splits[id] = append(w.frag.Splits[id], catalog.Split{
			Index: index, File: catalog.FileInfo{Path: fmt.Sprintf("/t%d/%d.csv", id, lo)}, Start: int64(lo), End: int64(lo + 2),
		})
	}
	if len(recs) == 0 {
		w.frag.Splits[id] = nil
	}
	return &physical.Scan{ID: id, Spec: catalog.ScanSpec{Format: "fake", Schema: schema, Projection: proj}, Rows: -1}
}

// source adds a producer stage whose task i gives outputs[i] as partition 0.
func (w *world) source(schema *arrow.Schema, outputs ...[]arrow.Record) *physical.ExchangeSource {
	stage := len(w.frag.Sources)
	for i, recs := range outputs {
		id := physical.TaskID{Stage: stage, Task: i}
		w.exchange[[3]int{stage, i, 0}] = recs
		w.frag.Sources[stage] = append(w.frag.Sources[stage], physical.Source{Task: id})
	}
	if len(outputs) == 0 {
		w.frag.Sources[stage] = nil
	}
	return &physical.ExchangeSource{Stage: stage, Ordered: true, Limit: -1, Out: schema}
}

// collector is a sink that keeps everything.
type collector map[int][]arrow.Record

func (c collector) Write(partition int, rec arrow.Record) error {
	if rec.NumRows() == 0 {
		return fmt.Errorf("an empty batch was written")
	}
	c[partition] = append(c[partition], rec)
	return nil
}

// run runs a plan by Run and gives the rows of partition 0 as text.
func (w *world) run(root physical.Node) ([][]string, Report, error) {
	w.frag.Root = root
	out := collector{}
	report, err := Run(context.Background(), &w.env, &w.frag, out)
	return textRows(out[0]), report, err
}

func (w *world) mustRun(t fataler, root physical.Node) [][]string {
	rows, report, err := w.run(root)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if report.Rows != int64(len(rows)) && w.frag.Output.Count < 2 {
		t.Fatalf("report says %d rows, there are %d", report.Rows, len(rows))
	}
	if used := w.env.Memory.Used(); used != 0 && w.env.Shared == nil {
		t.Fatalf("%d bytes are still reserved", used)
	}
	return rows
}

type fataler interface{ Fatalf(string, ...any) }

const null = "␀"

func textRows(recs []arrow.Record) [][]string {
	var rows [][]string
	for _, rec := range recs {
		for r := range int(rec.NumRows()) {
			row := make([]string, rec.NumCols())
			for c, a := range rec.Columns() {
				row[c] = textOf(a, r)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func textOf(a arrow.Array, r int) string {
	if a.IsNull(r) {
		return null
	}
	if d, ok := a.(*array.Dictionary); ok {
		return textOf(d.Dictionary(), d.GetValueIndex(r))
	}
	a = plainDecimals(a)
	return string(sqltype.NewTextEncoder(a.DataType(), sqltype.TextOptions{})(nil, a, r))
}

func equalRows(t fataler, got, want [][]string) {
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d\ngot  %v\nwant %v", len(got), len(want), got, want)
	}
	for i := range want {
		if fmt.Sprint(got[i]) != fmt.Sprint(want[i]) {
			t.Fatalf("row %d is %v, want %v\ngot  %v\nwant %v", i, got[i], want[i], got, want)
		}
	}
}

// parse makes an array from texts; null is NULL.
func parse(typ arrow.DataType, texts ...string) arrow.Array {
	b := array.NewBuilder(memory.DefaultAllocator, typ)
	p := sqltype.NewTextParser(typ, sqltype.TextOptions{})
	for _, s := range texts {
		if s == null {
			b.AppendNull()
		} else if err := p(b, []byte(s)); err != nil {
			panic(err)
		}
	}
	return b.NewArray()
}

func lit(typ arrow.DataType, text string) expr.Expr { return &expr.Literal{Value: parse(typ, text)} }

func col(schema *arrow.Schema, i int) expr.Expr {
	return &expr.Column{Index: i, Name: schema.Field(i).Name, Type: schema.Field(i).Type}
}

func call(name string, typ arrow.DataType, args ...expr.Expr) expr.Expr {
	return &expr.Call{Func: name, Args: args, Type: typ, Pos: -1}
}

func schemaOf(types ...arrow.DataType) *arrow.Schema {
	fields := make([]arrow.Field, len(types))
	for i, typ := range types {
		fields[i] = arrow.Field{Name: fmt.Sprintf("c%d", i), Type: typ, Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

// pool is texts of a type from which random columns are drawn: few enough to
// collide, with the hard cases among them.
var pool = map[arrow.DataType][]string{
	sqltype.Bool:      {"t", "f"},
	sqltype.Int16:     {"0", "1", "-1", "300", "-32768"},
	sqltype.Int32:     {"0", "1", "2", "-1", "7", "2147483647", "-2147483648"},
	sqltype.Int64:     {"0", "1", "-1", "5", "9223372036854775807", "-9223372036854775808", "70000"},
	sqltype.Float64:   {"0", "-0", "1.5", "-1.5", "NaN", "Infinity", "-Infinity", "1e300"},
	sqltype.Float32:   {"0", "-0", "1.5", "NaN", "-Infinity"},
	sqltype.Text:      {"", "a", "b", "ab", "a\x00b", "abcdefghij", "abcdefghik", "é"},
	sqltype.Bytea:     {"\\x", "\\x00", "\\x0001", "\\xff"},
	sqltype.Numeric:   {"0", "0.00", "1", "1.0", "-1", "10", "0.001", "-0.001", "123456789012345678901234567890.5", "NaN", "Infinity", "-Infinity"},
	sqltype.Date:      {"2020-01-01", "1969-12-31", "infinity"},
	sqltype.Timestamp: {"2020-01-01 00:00:00", "1960-01-01 12:00:00.5"},
	sqltype.Interval:  {"1 month", "30 days", "720:00:00", "-1 day", "1 day", "24:00:00", "00:00:00.000001"},
	sqltype.UUID:      {"00000000-0000-0000-0000-000000000001", "ffffffff-0000-0000-0000-000000000001"},
	decimal:           {"0.00", "1.50", "-1.50", "99999999.99"},
}

var decimal = sqltype.Decimal(10, 2)

var poolTypes = []arrow.DataType{
	sqltype.Bool, sqltype.Int16, sqltype.Int32, sqltype.Int64, sqltype.Float64, sqltype.Float32, sqltype.Text,
	sqltype.Bytea, sqltype.Numeric, sqltype.Date, sqltype.Timestamp, sqltype.Interval, sqltype.UUID, decimal,
}

// drawRecords gives random records of a schema; now and then columns are slices,
// text is dictionary-encoded, and Decimals are short.
func drawRecords(t *rapid.T, label string, schema *arrow.Schema, maxBatches int) []arrow.Record {
	recs := make([]arrow.Record, rapid.IntRange(0, maxBatches).Draw(t, label+" batches"))
	for b := range recs {
		n := rapid.IntRange(1, 20).Draw(t, label+" rows")
		cols := make([]arrow.Array, schema.NumFields())
		fields := append([]arrow.Field(nil), schema.Fields()...)
		for c := range cols {
			cols[c] = drawArray(t, schema.Field(c).Type, n)
			fields[c].Type = cols[c].DataType()
		}
		recs[b] = array.NewRecord(arrow.NewSchema(fields, nil), cols, int64(n))
	}
	return recs
}

// plainDecimals decodes short Decimals.
func plainDecimals(a arrow.Array) arrow.Array {
	if a.DataType().ID() != arrow.EXTENSION {
		return a
	}
	plain, err := kernel.Decode(a)
	if err != nil {
		panic(err)
	}
	return plain
}

func drawArray(t *rapid.T, typ arrow.DataType, n int) arrow.Array {
	skip := rapid.IntRange(0, 9).Draw(t, "offset")
	values := rapid.SliceOfN(rapid.SampledFrom(append([]string{null}, pool[typ]...)), n+skip, n+skip).Draw(t, "values")
	if rapid.IntRange(0, 3).Draw(t, "no nulls") == 0 {
		for i := range values {
			if values[i] == null {
				values[i] = pool[typ][0]
			}
		}
	}
	a := parse(typ, values...)
	if typ == sqltype.Text && rapid.Bool().Draw(t, "dictionary") {
		b := array.NewBuilder(memory.DefaultAllocator, &arrow.DictionaryType{IndexType: rapid.SampledFrom([]arrow.DataType{sqltype.Int32, arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Uint16}).Draw(t, "index type"), ValueType: sqltype.Text}).(*array.BinaryDictionaryBuilder)
		for _, v := range values {
			if v == null {
				b.AppendNull()
			} else if err := b.AppendString(v); err != nil {
				t.Fatalf("%v", err)
			}
		}
		a = b.NewArray()
	}
	if typ == decimal && rapid.Bool().Draw(t, "short") {
		digits := kernel.DigitsOf(a)
		for i := range digits {
			if a.IsNull(i) {
				digits[i] = math.MinInt64 // which is not to be looked at
			}
		}
		var valid *memory.Buffer
		if v := kernel.Valid(a); v != nil {
			valid = v.Buffer()
		}
		a = kernel.ShortDecimals(sqltype.NewShortDecimal(typ.(*arrow.Decimal128Type)), digits, valid)
	}
	return array.NewSlice(a, int64(skip), int64(n+skip))
}

func drawSchema(t *rapid.T, label string, cols int) *arrow.Schema {
	types := make([]arrow.DataType, cols)
	for i := range types {
		types[i] = rapid.SampledFrom(poolTypes).Draw(t, label)
	}
	return schemaOf(types...)
}

// small draws a batch size, tiny or not.
func small(t *rapid.T) int { return rapid.SampledFrom([]int{1, 2, 3, 7, 8192}).Draw(t, "batch size") }
