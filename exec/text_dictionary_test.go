package exec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

func texts(n, distinct, width int) *array.String {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	for i := range n {
		b.Append(strings.Repeat("x", width-6) + fmt.Sprintf("%06d", i*7919%distinct))
	}
	return b.NewStringArray()
}

func BenchmarkTextDictionary(b *testing.B) {
	for _, c := range []struct{ distinct, width int }{{8, 12}, {8, 230}, {1000, 12}, {1000, 30}, {8192, 30}} {
		b.Run(fmt.Sprintf("%d values of %d bytes", c.distinct, c.width), func(b *testing.B) {
			col := texts(8192, c.distinct, c.width)
			b.SetBytes(8192)
			d := newTextDictionary(col.DataType(), false)
			for range b.N {
				if _, err := d.encode(col); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
