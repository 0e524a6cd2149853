package rowkey

import (
	"bytes"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"pgregory.net/rapid"
)

// TestBound compares what a bound's first column tells with whole keys: no row
// that is less may be left out, and no row that is greater by its first column
// may stay.
func TestBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		order := Order{Desc: rapid.Bool().Draw(t, "desc"), NullsFirst: rapid.Bool().Draw(t, "nulls first")}
		n := rapid.IntRange(1, 50).Draw(t, "rows")
		vals := rapid.SliceOfN(rapid.Int64Range(-3, 3), n, n).Draw(t, "values")
		nulls := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "null rows")
		col := int64s(vals, nulls)
		var keys Keys
		keys.Append([]arrow.Array{col}, []Order{order}, n)
		key := keys.Key(rapid.IntRange(0, n-1).Draw(t, "bound"))
		rows, all := NewBound(key, order).Maybe(col, n)
		if all != (len(rows) == n) {
			t.Fatalf("%d of %d rows, all: %v", len(rows), n, all)
		}
		for i := range n {
			if got, want := slices.Contains(rows, int32(i)), bytes.Compare(keys.Key(i), key) <= 0; got != want {
				t.Fatalf("row %d of %v (NULLs %v): %v, want %v", i, vals, nulls, got, want)
			}
		}
	})
}
