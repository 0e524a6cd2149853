package sqltype

import (
	"math"
	"math/bits"
	"strconv"
)

// AppendFloat64 appends double precision as PostgreSQL does: the shortest
// digits that read back as v, with an exponent below 1e-04 and from 1e+15.
func AppendFloat64(dst []byte, v float64) []byte {
	if a := math.Abs(v); a < 1e15 && a == math.Trunc(a) && a != 0 {
		return strconv.AppendInt(dst, int64(v), 10)
	}
	return appendShortest(dst, v, 64, 15)
}

// AppendFloat32 appends real as PostgreSQL does, with an exponent below 1e-04
// and from 1e+06.
func AppendFloat32(dst []byte, v float32) []byte {
	return appendShortest(dst, float64(v), 32, 6)
}

// appendShortest lays out the shortest digits; numbers of 10^maxExp and more
// have an exponent.
func appendShortest(dst []byte, v float64, bitSize, maxExp int) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(v, -1):
		return append(dst, "-Infinity"...)
	}
	var buf [32]byte
	b := strconv.AppendFloat(buf[:0], v, 'e', -1, bitSize)
	if b[0] == '-' {
		dst = append(dst, '-')
		b = b[1:]
	}
	digits, exp := splitExponent(b)
	if math.Abs(v) >= 1<<24 { // below, a midpoint has more digits than the shortest form

		digits, exp = avoidMidpoint(digits, exp, math.Abs(v), bitSize)
	}
	if bitSize == 32 && len(digits) >= 7 {
		breakTie(digits, v)
	}
	if exp < -4 || exp >= maxExp {
		dst = append(dst, digits[0])
		if len(digits) > 1 {
			dst = append(dst, '.')
			dst = append(dst, digits[1:]...)
		}
		return appendExponent(dst, exp)
	}
	if exp < 0 {
		dst = append(dst, '0', '.')
		for i := -1; i > exp; i-- {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	if len(digits) <= exp+1 {
		dst = append(dst, digits...)
		for i := len(digits); i <= exp; i++ {
			dst = append(dst, '0')
		}
		return dst
	}
	dst = append(dst, digits[:exp+1]...)
	dst = append(dst, '.')
	return append(dst, digits[exp+1:]...)
}

// splitExponent takes "d.ddde±xx" apart in place: the digits without the point
// and the exponent of the first.
func splitExponent(b []byte) (digits []byte, exp int) {
	e := len(b) - 1
	for b[e] != 'e' {
		e--
	}
	for _, c := range b[e+2:] {
		exp = exp*10 + int(c-'0')
	}
	if b[e+1] == '-' {
		exp = -exp
	}
	if e == 1 {
		return b[:1], exp
	}
	b[1] = b[0]
	return b[1:e], exp
}

func appendExponent(dst []byte, exp int) []byte {
	dst = append(dst, 'e', '+')
	if exp < 0 {
		dst[len(dst)-1] = '-'
		exp = -exp
	}
	if exp < 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(exp), 10)
}

// breakTie makes the last digit even when v lies exactly between two decimals
// of this length, as PostgreSQL's Ryu does; strconv does not for float32.
func breakTie(digits []byte, v float64) {
	last := len(digits) - 1
	if digits[last]&1 == 0 {
		return
	}
	var buf [32]byte
	exact, _ := splitExponent(strconv.AppendFloat(buf[:0], math.Abs(v), 'e', -1, 64))
	if len(exact) != len(digits)+1 || exact[len(digits)] != '5' {
		return
	}
	if exact[last] == digits[last] {
		digits[last]++
	} else {
		copy(digits, exact)
	}
}

// avoidMidpoint replaces digits that lie exactly halfway between v and its
// neighbour. They read back as v only by the round-half-even rule, on which
// PostgreSQL's Ryu does not rely, while strconv does.
func avoidMidpoint(digits []byte, exp int, v float64, bitSize int) ([]byte, int) {
	for n := len(digits); isMidpoint(digits, exp, v, bitSize); n++ {
		var buf [32]byte
		longer, e := splitExponent(strconv.AppendFloat(buf[:0], v, 'e', n, bitSize))
		digits, exp = append(digits[:0], longer...), e
		for len(digits) > 1 && digits[len(digits)-1] == '0' {
			digits = digits[:len(digits)-1]
		}
	}
	return digits, exp
}

// isMidpoint tells whether digits·10^… is the middle of v and a neighbour.
func isMidpoint(digits []byte, exp int, v float64, bitSize int) bool {
	var d uint64
	for _, c := range digits {
		d = d*10 + uint64(c-'0')
	}
	tens := exp - len(digits) + 1 // the value is d·10^tens
	if tens < 1 || tens > 27 {
		return false // 5²⁸ exceeds 64 bits, and a midpoint's odd part has at most 55
	}
	fives := uint64(1)
	for range tens {
		fives *= 5
	}
	// The value is d·5^tens·2^tens: compare its odd part and power of two with
	// those of the two midpoints (2m±1)·2^(e−1), or (4m−1)·2^(e−2) under a power
	// of two.
	hi, lo := bits.Mul64(d, fives)
	if hi != 0 {
		return false // the odd part of a midpoint has at most 55 bits
	}
	twos := bits.TrailingZeros64(lo)
	odd, twos := lo>>twos, twos+tens
	frac, e := math.Frexp(v)
	mantBits := 53
	if bitSize == 32 {
		mantBits = 24
	}
	m := uint64(math.Ldexp(frac, mantBits))
	e -= mantBits
	if odd == 2*m+1 && twos == e-1 {
		return true
	}
	if m == 1<<(mantBits-1) {
		return odd == 4*m-1 && twos == e-2
	}
	return odd == 2*m-1 && twos == e-1
}
