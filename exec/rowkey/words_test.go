package rowkey

import (
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/sqltype"
)

// TestWords: words have the order of the values, and give them back bit by bit.
func TestWords(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, sorted := range []arrow.Array{
		kernel.FromValues(sqltype.Float64, []float64{-inf, -2.5, math.Copysign(0, -1), 0, math.SmallestNonzeroFloat64, 1, inf, nan}, nil),
		kernel.FromValues(sqltype.Float32, []float32{float32(-inf), -2.5, float32(math.Copysign(0, -1)), 0, math.SmallestNonzeroFloat32, 1, float32(inf)}, nil),
		kernel.FromValues(sqltype.Int64, []int64{math.MinInt64, -1, 0, 1, math.MaxInt64}, nil),
		kernel.FromValues(sqltype.Int32, []int32{math.MinInt32, -1, 0, 1, math.MaxInt32}, nil),
		kernel.FromValues(sqltype.Int16, []int16{math.MinInt16, -1, 0, 1, math.MaxInt16}, nil),
		kernel.FromValues(sqltype.Date, []int32{math.MinInt32, -1, 0, 1, math.MaxInt32}, nil),
		kernel.FromValues(sqltype.Timestamp, []int64{math.MinInt64, -1, 0, 1, math.MaxInt64}, nil),
		kernel.FromValues(arrow.PrimitiveTypes.Uint64, []uint64{0, 1, 1 << 63, math.MaxUint64}, nil),
		kernel.FromValues(arrow.PrimitiveTypes.Uint32, []uint32{0, 1, 1 << 31, math.MaxUint32}, nil),
	} {
		typ := sorted.DataType()
		if !HasWords(typ) {
			t.Errorf("%s has no words", typ)
			continue
		}
		words := make([]uint64, sorted.Len())
		Words(sorted, words)
		if !slices.IsSorted(words) || len(slices.Compact(slices.Clone(words))) < len(words) {
			t.Errorf("%s: %x are not in order", typ, words)
		}
		back := FromWords(typ, words)
		a, b := sorted.Data().Buffers()[1].Bytes(), back.Data().Buffers()[1].Bytes()
		if !slices.Equal(a, b) {
			t.Errorf("%s: %v became %v", typ, sorted, back)
		}
	}
	words := make([]uint64, 2)
	Words(kernel.FromValues(sqltype.Float64, []float64{math.Copysign(0, -1), 0}, nil), words)
	if words[0] != NegativeZero || words[1] != Zero {
		t.Errorf("zeros are %x", words)
	}
}
