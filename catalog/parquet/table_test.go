package parquet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/catalog/objstore/local"
	"volley/catalog/parquet"
	"volley/sqlerr"
	"volley/sqltype"
)

// column makes an array of a type from texts; "∅" is null.
func column(t testing.TB, dt arrow.DataType, values ...string) arrow.Array {
	t.Helper()
	b := array.NewBuilder(memory.DefaultAllocator, dt)
	for _, v := range values {
		if v == "∅" {
			b.AppendNull()
			continue
		}
		if err := b.AppendValueFromString(v); err != nil {
			t.Fatal(err)
		}
	}
	return b.NewArray()
}

// record makes a record from name, array, name, array, …
func record(cols ...any) arrow.Record {
	var fields []arrow.Field
	var arrays []arrow.Array
	for i := 0; i < len(cols); i += 2 {
		a := cols[i+1].(arrow.Array)
		fields = append(fields, arrow.Field{Name: cols[i].(string), Type: a.DataType(), Nullable: true})
		arrays = append(arrays, a)
	}
	return array.NewRecord(arrow.NewSchema(fields, nil), arrays, int64(arrays[0].Len()))
}

// place moves a written file to dir/name and gives its path.
func place(t testing.TB, dir, name string, opts parquet.WriterOptions, recs ...arrow.Record) string {
	t.Helper()
	to := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(writeFile(t, opts, recs...), to); err != nil {
		t.Fatal(err)
	}
	return to
}

func dump(recs []arrow.Record) string {
	if len(recs) == 0 {
		return ""
	}
	cols := make([][]string, recs[0].NumCols())
	for c := range cols {
		cols[c] = strings.Split(text(recs, c), "\n")
	}
	var lines []string
	for r := range int(rows(recs)) {
		var cells []string
		for c := range cols {
			cells = append(cells, cols[c][r])
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "; ")
}

func TestSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	none := parquet.WriterOptions{}
	a := place(t, dir, "a.parquet", none, record("x", column(t, sqltype.Int16, "1", "∅"), "y", column(t, sqltype.Text, "p", "q")))
	b := place(t, dir, "b.parquet", none, record("y", column(t, sqltype.Text, "r"), "x", column(t, sqltype.Int64, "5000000000")))
	c := place(t, dir, "c.parquet", none, record("x", column(t, sqltype.Int32, "7")))
	d := place(t, dir, "d.parquet", none, record("x", column(t, sqltype.Text, "z"), "y", column(t, sqltype.Text, "z")))
	e := place(t, dir, "e.parquet", none, record("x", column(t, sqltype.Decimal(5, 1), "1.5"), "y", column(t, sqltype.Text, "z")))
	f := place(t, dir, "f.parquet", none, record("x", column(t, sqltype.Decimal(9, 3), "2.125"), "y", column(t, sqltype.Text, "z")))
	union := map[string]string{"union_by_name": "true"}
	schema := func(fields ...arrow.Field) *arrow.Schema { return arrow.NewSchema(fields, nil) }
	for _, tc := range []struct {
		files []string
		given catalog.Given
		want  string
		code  string
		text  string
	}{
		{files: []string{a, b}, want: "1 p; ∅ q; 5000000000 r"},
		{files: []string{b, a}, want: "r 5000000000; p 1; q ∅"},
		{files: []string{a, c}, code: sqlerr.UndefinedColumn, text: `has no column "y"`},
		{files: []string{c, a}, code: sqlerr.UndefinedColumn, text: `has no column "y"`},
		{files: []string{c, a}, given: catalog.Given{Options: union}, want: "7 ∅; 1 p; ∅ q"},
		{files: []string{a, d}, code: sqlerr.DatatypeMismatch, text: "smallint"},
		{files: []string{e, f}, want: "1.500 z; 2.125 z"},
		{files: []string{a}, given: catalog.Given{Columns: schema(arrow.Field{Name: "Y", Type: sqltype.Text}, arrow.Field{Name: "X", Type: sqltype.Float64})}, want: "p 1; q ∅"},
		{files: []string{a}, given: catalog.Given{Columns: schema(arrow.Field{Name: "x", Type: sqltype.Date})}, code: sqlerr.DatatypeMismatch},
		{files: []string{b}, given: catalog.Given{Columns: schema(arrow.Field{Name: "x", Type: sqltype.Int32})}, code: sqlerr.DatatypeMismatch},
		{files: []string{a}, given: catalog.Given{Columns: schema(arrow.Field{Name: "nix", Type: sqltype.Date})}, code: sqlerr.UndefinedColumn, text: "nix"},
		{files: []string{a}, given: catalog.Given{Options: map[string]string{"filename": "true"}}, want: "1 p " + a + "; ∅ q " + a},
		{files: []string{a}, given: catalog.Given{Options: map[string]string{"filename": "x"}}, code: sqlerr.DuplicateColumn},
		{files: []string{a}, given: catalog.Given{Options: map[string]string{"delim": ","}}, code: sqlerr.InvalidParameterValue, text: "delim"},
		{files: []string{a}, given: catalog.Given{Options: map[string]string{"union_by_name": "maybe"}}, code: sqlerr.InvalidParameterValue},
		{files: nil, given: catalog.Given{Location: "*.nix"}, code: sqlerr.UndefinedFile},
	} {
		recs, err := scan(t, tc.given, catalog.SplitTarget{}, tc.files...)
		if sqlerr.Code(err) != tc.code || tc.text != "" && !strings.Contains(fmt.Sprint(err), tc.text) {
			t.Errorf("%v %+v: %v", tc.files, tc.given, err)
		}
		if got := dump(recs); err == nil && got != tc.want {
			t.Errorf("%v %+v: %q, want %q", tc.files, tc.given, got, tc.want)
		}
	}
}

func TestHivePartitions(t *testing.T) {
	dir := t.TempDir()
	for i, p := range []string{"year=2023/k=a/1.parquet", "year=2024/k=b/2.parquet", "year=2024/k=__HIVE_DEFAULT_PARTITION__/3.parquet"} {
		place(t, dir, p, parquet.WriterOptions{}, record("v", column(t, sqltype.Int32, fmt.Sprint(i), "9"), "year", column(t, sqltype.Text, "hidden", "hidden")))
	}
	recs, err := scan(t, catalog.Given{}, catalog.SplitTarget{}, dir)
	if got, want := dump(recs), "0 2023 a; 9 2023 a; 2 2024 ∅; 9 2024 ∅; 1 2024 b; 9 2024 b"; err != nil || got != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	def := infer(t, dir)
	spec := specOf(def)
	spec.Pruning = []catalog.Predicate{{Column: 1, Op: ">", Values: []arrow.Array{column(t, sqltype.Int64, "2023")}}}
	splits, err := parquet.New().Splits(ctx, local.New(), def, spec, catalog.SplitTarget{})
	if err != nil || len(splits) != 2 {
		t.Errorf("year > 2023: %d splits, %v", len(splits), err)
	}
	spec.Pruning = append(spec.Pruning, catalog.Predicate{Column: 2, Op: "is null"})
	if splits, err = parquet.New().Splits(ctx, local.New(), def, spec, catalog.SplitTarget{}); err != nil || len(splits) != 1 {
		t.Errorf("and k is null: %d splits, %v", len(splits), err)
	}
}

func infer(t testing.TB, path string) *catalog.TableDef {
	t.Helper()
	infos, err := local.New().Glob(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	var files []catalog.FileInfo
	for _, i := range infos {
		files = append(files, catalog.FileInfo(i))
	}
	def, err := parquet.New().Infer(ctx, local.New(), files, catalog.Given{})
	if err != nil {
		t.Fatal(err)
	}
	return def
}

// TestCountFromMetadata reads no column: rows are counted by the footer alone.
func TestCountFromMetadata(t *testing.T) {
	path := writeFile(t, parquet.WriterOptions{RowGroupRows: 30_000}, allTypesRecord(100_000))
	var c objstore.Counters
	store := objstore.Count(local.New(), &c)
	def := infer(t, path)
	spec := specOf(def)
	spec.Projection = nil
	format := parquet.New()
	splits, err := format.Splits(ctx, store, def, spec, catalog.SplitTarget{Slots: 4})
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	for _, s := range splits {
		r, err := format.Open(ctx, store, spec, s)
		if err != nil {
			t.Fatal(err)
		}
		for {
			rec, err := r.Next(ctx)
			if err != nil {
				break
			}
			if rec.NumCols() != 0 {
				t.Fatal("a record has columns")
			}
			n += rec.NumRows()
		}
	}
	if n != 100_000 {
		t.Errorf("%d rows", n)
	}
	if bytes := c.ReadBytes.Load(); bytes > 200_000 {
		t.Errorf("%d bytes were read to count rows", bytes)
	}
}

func TestProjectionAndLimit(t *testing.T) {
	path := writeFile(t, parquet.WriterOptions{RowGroupRows: 1000}, allTypesRecord(5000))
	def := infer(t, path)
	spec := specOf(def)
	spec.Projection = []int{10, 2, 10}
	spec.Limit = 1500
	recs, err := scanSpec(parquet.New(), def, spec, catalog.SplitTarget{})
	if err != nil || rows(recs) != 1500 || recs[0].NumCols() != 3 || recs[0].ColumnName(1) != "int4" {
		t.Fatalf("%d rows, %v", rows(recs), err)
	}
	if text(recs, 0) != text(recs, 2) || text(recs, 1) != text([]arrow.Record{allTypesRecord(1500)}, 2) {
		t.Error("wrong values")
	}
	if recs[0].NumRows() > 8192 {
		t.Errorf("a record of %d rows", recs[0].NumRows())
	}
}

// TestVersionChanged replaces the file after it was planned.
func TestVersionChanged(t *testing.T) {
	path := writeFile(t, parquet.WriterOptions{}, allTypesRecord(10))
	def := infer(t, path)
	spec := specOf(def)
	format := parquet.New()
	splits, err := format.Splits(ctx, local.New(), def, spec, catalog.SplitTarget{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(writeFile(t, parquet.WriterOptions{}, allTypesRecord(11)), path); err != nil {
		t.Fatal(err)
	}
	if _, err := format.Open(ctx, local.New(), spec, splits[0]); sqlerr.Code(err) != sqlerr.DataCorrupted || !strings.Contains(err.Error(), "changed") {
		t.Errorf("%v", err)
	}
}
