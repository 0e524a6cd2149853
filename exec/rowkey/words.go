package rowkey

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// The words of the zeros of floating-point types, which are equal: what compares words
// takes NegativeZero for Zero.
const (
	NegativeZero = 1<<63 - 1
	Zero         = 1 << 63
)

// HasWords tells whether each value of type t is a word of its own (Words).
func HasWords(t arrow.DataType) bool { return t.ID() != arrow.BOOL && fixedWidth(t) > 0 }

// HasNegativeZero tells whether type t, which has words, has two zeros.
func HasNegativeZero(t arrow.DataType) bool {
	return t.ID() == arrow.FLOAT64 || t.ID() == arrow.FLOAT32
}

// Words writes the values of a column, whose type HasWords, as integers of the same
// order from which FromWords makes them again. NULL rows get anything.
func Words(a arrow.Array, dst []uint64) {
	switch a.DataType().ID() {
	case arrow.FLOAT64:
		for i, v := range kernel.Values[float64](a) {
			dst[i] = floatWord(v)
		}
	case arrow.FLOAT32:
		for i, v := range kernel.Values[float32](a) {
			dst[i] = floatWord(float64(v))
		}
	default:
		orderedValues(a, dst)
	}
}

// floatWord is the word of a number; every NaN has the same.
func floatWord(v float64) uint64 {
	if v != v {
		v = math.NaN()
	}
	return orderedFloat(math.Float64bits(v))
}

// FromWords makes a column of type t from its words.
func FromWords(t arrow.DataType, words []uint64) arrow.Array {
	switch t.ID() {
	case arrow.FLOAT64:
		return kernel.FromValues(t, wordFloats[float64](words), nil)
	case arrow.FLOAT32:
		return kernel.FromValues(t, wordFloats[float32](words), nil)
	case arrow.UINT64:
		return kernel.FromValues(t, words, nil)
	}
	switch fixedWidth(t) {
	case 1:
		return kernel.FromValues(t, wordInts[uint8](words), nil)
	case 2:
		return kernel.FromValues(t, wordInts[uint16](words), nil)
	case 4:
		return kernel.FromValues(t, wordInts[uint32](words), nil)
	}
	return kernel.FromValues(t, wordInts[uint64](words), nil)
}

func wordFloats[T float32 | float64](words []uint64) []T {
	out := make([]T, len(words))
	for i, w := range words {
		if w>>63 != 0 {
			w &^= 1 << 63
		} else {
			w = ^w
		}
		out[i] = T(math.Float64frombits(w))
	}
	return out
}

func wordInts[T uint8 | uint16 | uint32 | uint64](words []uint64) []T {
	out := make([]T, len(words))
	for i, w := range words {
		out[i] = T(w ^ 1<<63)
	}
	return out
}
