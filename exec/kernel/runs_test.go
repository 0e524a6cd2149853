package kernel

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"pgregory.net/rapid"

	"volley/sqltype"
)

// Selecting by runs gives what taking row by row gives, of whole and of sliced
// columns, with NULLs and without.
func TestSelectRecord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "rows")
		lo := rapid.IntRange(0, 3).Draw(t, "offset")
		plain := make([]int32, n+lo)
		for i := range plain {
			plain[i] = int32(i)
		}
		cols := []arrow.Array{FromValues(sqltype.Int32, plain, nil)}
		for range rapid.IntRange(0, 3).Draw(t, "columns") {
			cols = append(cols, drawArray(t, rapid.SampledFrom(types).Draw(t, "type"), n+lo))
		}
		fields := make([]arrow.Field, len(cols))
		for i, c := range cols {
			cols[i] = array.NewSlice(c, int64(lo), int64(n+lo))
			fields[i] = arrow.Field{Name: "c", Type: c.DataType(), Nullable: true}
		}
		w := make(Words, wordCount(n))
		for at := 0; at < n; { // runs of either kind
			stop := min(n, at+rapid.IntRange(0, 90).Draw(t, "set"))
			for ; at < stop; at++ {
				w.Set(at)
			}
			at += rapid.IntRange(1, 20).Draw(t, "clear")
		}
		rec := Record(arrow.NewSchema(fields, nil), cols, n)
		out, err := SelectRecord(rec, w)
		if err != nil {
			t.Fatal(err)
		}
		rows := w.Rows()
		if int(out.NumRows()) != len(rows) {
			t.Fatalf("%d rows, want %d", out.NumRows(), len(rows))
		}
		for c := range cols {
			for i, r := range rows {
				if got, want := str(out.Column(c), i), str(cols[c], int(r)); got != want {
					t.Fatalf("column %d, row %d is %s, want %s", c, i, got, want)
				}
				if got := w.Nth(i); got != int(r) {
					t.Fatalf("bit %d is %d, want %d", i, got, r)
				}
			}
		}
		if w.Nth(len(rows)) != -1 {
			t.Fatal("there is one bit more")
		}
	})
}
