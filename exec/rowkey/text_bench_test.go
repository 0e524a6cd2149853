package rowkey

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// BenchmarkText groups and looks up texts of 12 and of 24 bytes; its unit is a row.
func BenchmarkText(b *testing.B) {
	const rows = 8192
	for _, format := range []string{"id%010d", "identifier-%013d"} {
		for _, distinct := range []int{1_000, 50_000, 1_000_000} {
			var batches []arrow.Array
			random := rand.New(rand.NewPCG(1, 2))
			for range 2*distinct/rows + 1 {
				builder := array.NewStringBuilder(memory.DefaultAllocator)
				for range rows {
					builder.Append(fmt.Sprintf(format, random.IntN(distinct)))
				}
				batches = append(batches, builder.NewArray())
			}
			table := NewTable([]arrow.DataType{arrow.BinaryTypes.String})
			groups := make([]uint32, rows)
			for _, a := range batches {
				table.Assign([]arrow.Array{a}, rows, groups)
			}
			name := fmt.Sprintf("%d of %d", len(fmt.Sprintf(format, 1)), distinct)
			b.Run("assign "+name, func(b *testing.B) {
				for i := 0; i < b.N; i += rows {
					table.Assign(batches[i/rows%len(batches):][:1], rows, groups)
				}
			})
			probe := table.NewProbe()
			b.Run("find "+name, func(b *testing.B) {
				for i := 0; i < b.N; i += rows {
					probe.Find(batches[i/rows%len(batches):][:1], rows, groups)
				}
			})
		}
	}
}
