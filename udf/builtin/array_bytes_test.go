package builtin

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// TestBytesOfSlices: the slices of an array take together about what it takes.
func TestBytesOfSlices(t *testing.T) {
	const rows = 1000
	texts := array.NewStringBuilder(memory.DefaultAllocator)
	lists := array.NewListBuilder(memory.DefaultAllocator, arrow.PrimitiveTypes.Int64)
	numbers := array.NewInt64Builder(memory.DefaultAllocator)
	for i := range rows {
		texts.Append("0123456789"[:i%10])
		numbers.Append(int64(i))
		lists.Append(i%3 > 0)
		for range i % 3 {
			lists.ValueBuilder().(*array.Int64Builder).Append(1)
		}
	}
	for _, c := range []struct {
		a    arrow.Array
		want int64
	}{{texts.NewArray(), rows*4 + 4500}, {numbers.NewArray(), rows * 8}, {lists.NewArray(), rows*4 + 999*8}} {
		sum := int64(0)
		for i := 0; i < rows; i += 8 {
			sum += arrayBytes(array.NewSlice(c.a, int64(i), int64(i+8)).Data())
		}
		if sum < c.want || sum > c.want+rows {
			t.Errorf("slices of %s take %d bytes, not about %d", c.a.DataType(), sum, c.want)
		}
	}
}
