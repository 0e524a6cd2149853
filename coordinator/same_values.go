package coordinator

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// sameValues tells whether two arrays have the same values, bit by bit: -0 is not 0,
// as the text of a result shows, and NaN is itself.
func sameValues(a, b arrow.Array) bool {
	if a.Len() != b.Len() || !arrow.TypeEqual(a.DataType(), b.DataType()) {
		return false
	}
	switch x := a.(type) {
	case *array.Float64:
		return sameFloats(x, b.(*array.Float64), x.Float64Values(), b.(*array.Float64).Float64Values(), math.Float64bits)
	case *array.Float32:
		return sameFloats(x, b.(*array.Float32), x.Float32Values(), b.(*array.Float32).Float32Values(), math.Float32bits)
	case *array.List:
		y := b.(*array.List)
		for i := range x.Len() {
			if x.IsNull(i) != y.IsNull(i) {
				return false
			}
			from, to := x.ValueOffsets(i)
			other, end := y.ValueOffsets(i)
			if x.IsValid(i) && !sameValues(array.NewSlice(x.ListValues(), from, to), array.NewSlice(y.ListValues(), other, end)) {
				return false
			}
		}
		return true
	case *array.Struct:
		for i := range x.Len() {
			if x.IsNull(i) != b.IsNull(i) {
				return false
			}
		}
		for i := range x.NumField() {
			if !sameValues(x.Field(i), b.(*array.Struct).Field(i)) {
				return false
			}
		}
		return true
	case array.ExtensionArray:
		return sameValues(x.Storage(), b.(array.ExtensionArray).Storage())
	}
	return array.Equal(a, b)
}

func sameFloats[T float32 | float64, B comparable](a, b arrow.Array, x, y []T, bits func(T) B) bool {
	for i := range x {
		if a.IsNull(i) != b.IsNull(i) || a.IsValid(i) && bits(x[i]) != bits(y[i]) {
			return false
		}
	}
	return true
}
