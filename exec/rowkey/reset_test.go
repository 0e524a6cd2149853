package rowkey

import (
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"pgregory.net/rapid"

	"volley/sqltype"
)

// TestReset compares a table that is used again and again with new ones.
func TestReset(t *testing.T) {
	layouts := [][]arrow.DataType{
		{},
		{sqltype.Int64},
		{sqltype.Int16, sqltype.Int16},
		{sqltype.Int64, sqltype.Int32},
		{sqltype.Int64, sqltype.Int64},
		{sqltype.Text},
		{sqltype.Text, sqltype.Int64},
	}
	rapid.Check(t, func(t *rapid.T) {
		types := rapid.SampledFrom(layouts).Draw(t, "types")
		table := NewTable(types)
		for range rapid.IntRange(1, 5).Draw(t, "uses") {
			fresh := NewTable(types)
			if rapid.Bool().Draw(t, "reset") || table.Len() > 0 {
				table.Reset(rapid.IntRange(0, 200).Draw(t, "expected"))
			}
			for range rapid.IntRange(0, 3).Draw(t, "batches") {
				n := rapid.IntRange(0, 100).Draw(t, "rows")
				cols := make([]arrow.Array, len(types))
				for c, typ := range types {
					b := array.NewBuilder(memory.DefaultAllocator, typ)
					for range n {
						v := rapid.SampledFrom([]string{"", "0", "1", "2", "-1", "77", "1234"}).Draw(t, "value")
						if v == "" {
							b.AppendNull()
						} else if err := b.AppendValueFromString(v); err != nil {
							t.Fatalf("%v", err)
						}
					}
					cols[c] = b.NewArray()
				}
				got, want := make([]uint32, n), make([]uint32, n)
				gotNew, wantNew := table.Assign(cols, n, got), fresh.Assign(cols, n, want)
				if !slices.Equal(got, want) || !slices.Equal(gotNew, wantNew) || table.Len() != fresh.Len() {
					t.Fatalf("groups %v, new at %v; want %v, %v", got, gotNew, want, wantNew)
				}
			}
		}
	})
}
