package parquet_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/objstore/local"
	"volley/catalog/parquet"
	"volley/exec/kernel"
	"volley/sqltype"
)

const manyRows = 90_000

// ordered has a column that ascends (several pages a row group), one of few
// values, a text and a value that tells the row.
func ordered() arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
		{Name: "up", Type: sqltype.Int64, Nullable: true},
		{Name: "few", Type: sqltype.Int32, Nullable: true},
		{Name: "text", Type: sqltype.Text, Nullable: true},
		{Name: "list", Type: arrow.ListOf(sqltype.Int32), Nullable: true},
		{Name: "row", Type: sqltype.Int64, Nullable: true},
	}, nil))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range manyRows {
		if i%1000 == 7 {
			b.Field(0).AppendNull()
		} else {
			b.Field(0).(*array.Int64Builder).Append(int64(i * 2))
		}
		b.Field(1).(*array.Int32Builder).Append(int32(i / 30_000 * 10 * (1 + r.IntN(5))))
		b.Field(2).(*array.StringBuilder).Append(textOf(int64(i)))
		l := b.Field(3).(*array.ListBuilder)
		l.Append(true)
		for range i % 3 {
			l.ValueBuilder().(*array.Int32Builder).Append(int32(i))
		}
		b.Field(4).(*array.Int64Builder).Append(int64(i))
	}
	return b.NewRecord()
}

// readPruned gives the values of column row that a scan with predicates gives,
// all columns read, and what it counted.
func readPruned(t *testing.T, def *catalog.TableDef, target catalog.SplitTarget, preds ...catalog.Predicate) (map[int64]bool, catalog.ScanCounts) {
	t.Helper()
	spec := specOf(def)
	spec.Pruning = preds
	format := parquet.New()
	splits, err := format.Splits(ctx, local.New(), def, spec, target)
	if err != nil {
		t.Fatal(err)
	}
	out, counts := map[int64]bool{}, catalog.ScanCounts{}
	for _, split := range splits {
		counts.Add(readPlain(t, spec, split, func(cols []arrow.Array) {
			checkRows(t, cols)
			for _, v := range cols[4].(*array.Int64).Int64Values() {
				if out[v] {
					t.Fatalf("row %d comes twice", v)
				}
				out[v] = true
			}
		}))
	}
	return out, counts
}

// readPlain reads a split, gives each batch in plain columns, and what was counted.
func readPlain(t *testing.T, spec *catalog.ScanSpec, split catalog.Split, batch func(cols []arrow.Array)) catalog.ScanCounts {
	t.Helper()
	r, err := parquet.New().Open(ctx, local.New(), spec, split)
	if err != nil {
		t.Fatal(err)
	}
	for {
		rec, err := r.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		cols := make([]arrow.Array, rec.NumCols())
		for i, c := range rec.Columns() {
			if cols[i], err = kernel.Decode(c); err != nil {
				t.Fatal(err)
			}
		}
		batch(cols)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return r.(catalog.ScanCounter).Counts()
}

// checkRows checks that the columns of each row belong together.
func checkRows(t *testing.T, cols []arrow.Array) {
	t.Helper()
	for i, row := range cols[4].(*array.Int64).Int64Values() {
		if up := cols[0].(*array.Int64); up.IsNull(i) != (row%1000 == 7) || up.IsValid(i) && up.Value(i) != row*2 {
			t.Fatalf("row %d has up %s", row, up.ValueStr(i))
		}
		if text := cols[2].(*array.String).Value(i); text != textOf(row) {
			t.Fatalf("row %d has text %s", row, text)
		}
		if from, to := cols[3].(*array.List).ValueOffsets(i); to-from != row%3 {
			t.Fatalf("row %d has a list of %d", row, to-from)
		}
	}
}

func int64s(op string, c int, values ...int64) catalog.Predicate {
	b := array.NewInt64Builder(memory.DefaultAllocator)
	b.AppendValues(values, nil)
	return catalog.Predicate{Column: c, Op: op, Values: []arrow.Array{b.NewArray()}}
}

// TestSelectedRows asks for rows by predicates: all that match are there, each
// with its own values, and what the index excludes is not read.
func TestSelectedRows(t *testing.T) {
	rec := ordered()
	r := rand.New(rand.NewPCG(5, 6))
	for _, opts := range []parquet.WriterOptions{
		{RowGroupRows: 45_000, Compression: "zstd"},
		{RowGroupRows: 45_000, NoPageIndex: true},
		{RowGroupRows: 7000, NoDictionary: true, Bloom: []string{"*"}},
	} {
		def := infer(t, writeFile(t, opts, rec))
		for range 12 {
			lo := int64(r.IntN(2 * manyRows))
			hi := lo + int64(r.IntN(30_000))
			got, _ := readPruned(t, def, catalog.SplitTarget{Slots: 2, Bytes: 100_000}, int64s(">=", 0, lo), int64s("<", 0, hi))
			for row := (lo + 1) / 2; row*2 < hi && row < manyRows; row++ {
				if row%1000 != 7 && !got[row] {
					t.Fatalf("%+v: row %d of %d to %d is missing", opts, row, lo, hi)
				}
			}
		}
	}
}

func TestCountsOfSelectedRows(t *testing.T) {
	text := func(op string, values ...string) catalog.Predicate {
		return catalog.Predicate{Column: 2, Op: op, Values: []arrow.Array{column(t, sqltype.Text, values...)}}
	}
	few := func(v string) catalog.Predicate {
		return catalog.Predicate{Column: 1, Op: "=", Values: []arrow.Array{column(t, sqltype.Int32, v)}}
	}
	rec := ordered()
	plain := infer(t, writeFile(t, parquet.WriterOptions{RowGroupRows: 45_000}, rec))
	bloom := infer(t, writeFile(t, parquet.WriterOptions{RowGroupRows: 45_000, Bloom: []string{"text"}}, rec))
	for name, c := range map[string]struct {
		def    *catalog.TableDef
		pred   catalog.Predicate
		groups int64 // read, of 2
		some   bool  // not all pages of them, of all columns
		rows   int   // at least
	}{
		"page index":          {plain, int64s("=", 0, 100_000), 1, true, 1},
		"nothing":             {plain, int64s("=", 0, 1_000_000), 0, false, 0},
		"odd":                 {plain, int64s("=", 0, 100_001), 1, true, 0}, // within the bounds
		"dictionary":          {plain, few("35"), 0, false, 0},
		"dictionary, one":     {plain, few("80"), 1, false, 1},
		"bloom, found":        {bloom, text("=", textOf(5)), 1, true, 1}, // the others' where it is not
		"bloom, missing":      {bloom, text("=", "5000000z"), 0, false, 0},
		"bloom, IN":           {bloom, text("in", "5000000z", "5000001z"), 0, false, 0},
		"no bloom, must read": {plain, text("=", "5000000z"), 2, true, 0},
	} {
		rows, counts := readPruned(t, c.def, catalog.SplitTarget{}, c.pred)
		if counts.RowGroupsRead != c.groups || len(rows) < c.rows {
			t.Errorf("%s: %d rows, %+v", name, len(rows), counts)
		}
		if some := counts.PagesRead < counts.Pages; some != c.some {
			t.Errorf("%s: %+v", name, counts)
		}
	}
}

// textOf is the text of a row; texts are in no order.
func textOf(row int64) string { return fmt.Sprintf("%08x", uint32(row)*2654435761) }
