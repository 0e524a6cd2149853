package parquet_test

import (
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/catalog/objstore/local"
	"volley/catalog/parquet"
	"volley/exec/kernel"
)

// oneOf keeps the values that are 0 by a divisor; after so many batches it does not pay.
type oneOf struct{ divisor, batches int }

func (f *oneOf) Keep(values arrow.Array, bits []uint64) {
	words := kernel.Words(bits)
	for i := range values.Len() {
		v := int64(0)
		switch a := values.(type) {
		case *array.Int32:
			v = int64(a.Value(i))
		case *array.Int64:
			v = a.Value(i)
		}
		if v%int64(f.divisor) != 0 {
			words.Clear(i)
		}
	}
}

func (f *oneOf) Pays(int, int) bool { f.batches--; return f.batches > 0 }

// A reader gives just the rows whose values all filters keep, as a scan of all rows has
// them, and no more of them once that does not pay.
func TestFilterValues(t *testing.T) {
	const rows = 60_000
	rec := mixed(rows)
	few := rec.Column(1).(*array.Int32)
	for _, opts := range []parquet.WriterOptions{
		{RowGroupRows: 45_000, Compression: "zstd"},
		{RowGroupRows: 25_000, Compression: "snappy", NoDictionary: true},
	} {
		def := infer(t, writeFile(t, opts, rec))
		all := rowTexts(t, def)
		for _, c := range []struct {
			name     string
			row, few []int // divisors of the row's number and of the second column
			gives    bool  // up
		}{
			{"few rows", nil, []int{20}, false},
			{"most rows", nil, []int{1}, false},
			{"by two columns", []int{3}, []int{2}, false},
			{"twice by one", []int{2, 3}, nil, false},
			{"no row", []int{rows}, []int{39}, false},
			{"given up", []int{7}, nil, true},
		} {
			spec := specOf(def)
			splits, err := parquet.New().Splits(ctx, local.New(), def, spec, catalog.SplitTarget{Slots: 1, Bytes: 1 << 20})
			if err != nil {
				t.Fatal(err)
			}
			got := map[int64]string{}
			for _, split := range splits {
				r, err := parquet.New().Open(ctx, local.New(), spec, split)
				if err != nil {
					t.Fatal(err)
				}
				f := r.(catalog.ValueFiltered)
				batches := 1 << 30
				if c.gives {
					batches = 2
				}
				for column, divisors := range [][]int{c.row, c.few} {
					for _, d := range divisors {
						if !f.FilterValues(column, &oneOf{d, batches}) {
							t.Fatalf("%s: column %d is not filtered", c.name, column)
						}
					}
				}
				if f.FilterValues(10, &oneOf{1, batches}) {
					t.Fatal("a list is filtered")
				}
				for {
					rec, err := r.Next(ctx)
					if err == io.EOF {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
					texts := make([]strings.Builder, rec.NumRows())
					for _, a := range rec.Columns() {
						if a, err = kernel.Decode(a); err != nil {
							t.Fatal(err)
						}
						for i := range texts {
							texts[i].WriteString(a.ValueStr(i) + "|")
						}
					}
					plain, err := kernel.Decode(rec.Column(0))
					if err != nil {
						t.Fatal(err)
					}
					for i, row := range plain.(*array.Int64).Int64Values() {
						got[row] = texts[i].String()
					}
				}
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
			}
			want := 0
			for i := range rows {
				passes := true
				for _, d := range c.row {
					passes = passes && i%d == 0
				}
				for _, d := range c.few {
					passes = passes && few.IsValid(i) && int(few.Value(i))%d == 0
				}
				if text, ok := got[int64(i)]; passes != ok && (passes || !c.gives) || ok && text != all[int64(i)] {
					t.Fatalf("%+v, %s: row %d is %q, want it: %t, as %q", opts, c.name, i, text, passes, all[int64(i)])
				}
				if passes {
					want++
				}
			}
			if c.gives && (len(got) <= want || len(got) == rows) {
				t.Errorf("%+v, %s: %d rows of %d, %d of which pass", opts, c.name, len(got), rows, want)
			}
		}
	}
}
