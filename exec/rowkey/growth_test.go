package rowkey

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
)

// TestGrowth: what a table takes for new keys is never more than it said, but for
// a little where keys of text are longer than those before.
func TestGrowth(t *testing.T) {
	for _, types := range [][]arrow.DataType{{sqltype.Int64}, {sqltype.Int32, sqltype.Int64}, {sqltype.Int64, sqltype.Int64}, {sqltype.Text}, {sqltype.Text, sqltype.Int64}} {
		table := NewTable(types)
		grew, slack := 0, int64(0)
		if !(types[0].ID() == arrow.INT64 || types[0].ID() == arrow.INT32) {
			slack = 64 << 10
		}
		for at := 0; at < 40_000; at += 700 {
			cols := make([]arrow.Array, len(types))
			for c, typ := range types {
				b := array.NewBuilder(memory.DefaultAllocator, typ)
				for i := at; i < at+700; i++ {
					if err := b.AppendValueFromString(fmt.Sprint(i * 7919)); err != nil {
						t.Fatal(err)
					}
				}
				cols[c] = b.NewArray()
			}
			before, said := table.Bytes(), table.Growth(700)
			table.Assign(cols, 700, make([]uint32, 700))
			if more := table.Bytes() - before; more > 0 {
				grew++
				if said+slack < more && table.small.groups == nil {
					t.Errorf("%v: %d bytes more at %d keys, not %d", types, more, table.Len(), said)
				}
			}
		}
		if grew == 0 {
			t.Errorf("%v: it has not grown", types)
		}
	}
}
