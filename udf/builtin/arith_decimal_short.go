package builtin

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/udf"
)

// Short decimals are those whose digits, at the scale of the operation, are an
// int64 of at most 62 bits: what is computed of two of them cannot overflow, and
// nearly all decimals are short.

// shortOp computes a whole batch; false, and dst is anything, if a value is not
// short.
type shortOp func(dst []decimal128.Num, a, b shorts) bool

// shorts is an argument whose values are to be multiplied by factor.
type shorts struct {
	values []decimal128.Num
	every  int // distance between the values of rows: 0 for a constant
	factor int64
	most   int64 // for the value of a row, so that it is short when multiplied
}

// shortDecimals is an argument that gets so many digits more behind the point.
func shortDecimals(a udf.Arg, digits int32) shorts {
	s := shorts{values: values[decimal128.Num](a.Array), every: 1, factor: 1}
	if a.Const {
		s.every = 0
	}
	for range min(digits, 18) {
		s.factor *= 10
	}
	if s.most = math.MaxInt64/2/s.factor - 1; digits > 18 {
		s.most = -1 // none is short
	}
	return s
}

// at is the value of a row, multiplied, and a number below zero unless it is
// short.
func (s *shorts) at(row int) (v, ok int64) {
	d := s.values[row*s.every]
	v = int64(d.LowBits())
	// v and most−|v| are negative where they are too far from zero
	magnitude := v ^ v>>63
	return v * s.factor, (s.most - magnitude) | -((d.HighBits() ^ v>>63) & math.MaxInt64) | (d.HighBits() ^ v>>63)
}

func mulShort(dst []decimal128.Num, a, b shorts) bool {
	all := int64(0)
	for i := range dst {
		x, ok1 := a.at(i)
		y, ok2 := b.at(i)
		all |= ok1 | ok2
		hi, lo := bits.Mul64(uint64(x), uint64(y))
		dst[i] = decimal128.New(int64(hi)-x>>63&y-y>>63&x, lo)
	}
	return all >= 0
}

func addShort(dst []decimal128.Num, a, b shorts) bool {
	all := int64(0)
	for i := range dst {
		x, ok1 := a.at(i)
		y, ok2 := b.at(i)
		all |= ok1 | ok2
		dst[i] = decimal128.New((x+y)>>63, uint64(x+y))
	}
	return all >= 0
}

func subShort(dst []decimal128.Num, a, b shorts) bool {
	all := int64(0)
	for i := range dst {
		x, ok1 := a.at(i)
		y, ok2 := b.at(i)
		all |= ok1 | ok2
		dst[i] = decimal128.New((x-y)>>63, uint64(x-y))
	}
	return all >= 0
}
