package csv

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unsafe"
)

// floatPow10 are the powers of ten that are exact doubles.
var floatPow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// maxDigits is how many decimal digits always fit in 64 bits.
const maxDigits = 19

// fastFloat reads decimals like -73.968925476074219, of up to 19 digits and
// without an exponent, correctly rounded; !ok means "take the general parser".
// Coordinates with 17 digits are usual in files, and the general parser needs
// several times as long for them. The text is buf[beg:end]; pad bytes can be
// read after it.
func fastFloat(buf []byte, beg, end int) (v float64, ok bool) {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	neg := beg < end && buf[beg] == '-'
	if neg {
		beg++
	}
	var m uint64
	var scale int
	if n := end - beg; n <= 8 {
		m, scale, ok = shortDecimal(load(base, beg), n)
	} else {
		m, scale, ok = longDecimal(buf, beg, end)
	}
	switch {
	case !ok:
		return 0, false
	case m < 1<<53: // both operands are exact: one rounding (Clinger's fast path)
		v = float64(m) / floatPow10[scale]
	default:
		v = quotient(m, scale)
	}
	if neg {
		return -v, true
	}
	return v, true
}

const zeros = '0' * ones // eight digits 0

// shortDecimal reads the first n ≤ 8 bytes of w, digits with at most one point
// among them, as m·10^−scale: the digits before the point move over it, so that
// there are eight with the zeros before them.
func shortDecimal(w uint64, n int) (m uint64, scale int, ok bool) {
	if n <= 0 {
		return 0, 0, false
	}
	free := 8 * (8 - n)
	w <<= free
	if point := equalBytes(w, repeat('.')); point != 0 {
		if n == 1 {
			return 0, 0, false
		}
		at := bits.TrailingZeros64(point) &^ 7 // the first one; a second is no digit
		scale = 7 - at>>3
		before := uint64(1)<<at - 1
		w = w&^(before<<8|0xff) | w&before<<8
		free += 8
	}
	w |= zeros & (1<<free - 1)
	return eightDigitsValue(w), scale, eightDigits(w)
}

// longDecimal reads the more than 8 bytes buf[beg:end] likewise. At most 19
// digits fit.
func longDecimal(buf []byte, beg, end int) (m uint64, scale int, ok bool) {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	w := load(base, beg)
	point := equalBytes(w, repeat('.'))
	if point == 0 || end-beg > maxDigits+1 {
		return fastDecimal(buf[beg:end])
	}
	n := bits.TrailingZeros64(point) >> 3
	if n > 0 {
		if m, _, ok = shortDecimal(w, n); !ok {
			return 0, 0, false
		}
	}
	beg += n + 1
	scale = end - beg
	for ; end-beg >= 8; beg += 8 {
		if w = load(base, beg); !eightDigits(w) {
			return 0, 0, false
		}
		m = m*1e8 + eightDigitsValue(w)
	}
	if n = end - beg; n == 0 {
		return m, scale, true
	}
	w = load(base, beg)<<(8*(8-n)) | zeros>>(8*n)
	return m*uintPow10[n] + eightDigitsValue(w), scale, eightDigits(w)
}

// fastDecimal reads b as m·10^−scale: digits with at most one point.
func fastDecimal(b []byte) (m uint64, scale int, ok bool) {
	i := 0
	for i < len(b) && b[i]-'0' <= 9 {
		m = m*10 + uint64(b[i]-'0')
		i++
	}
	if i == len(b) {
		return m, 0, i > 0 && i <= maxDigits
	}
	if b[i] != '.' || len(b)-1 > maxDigits || len(b) == 1 {
		return 0, 0, false
	}
	fraction := b[i+1:]
	scale = len(fraction)
	for len(fraction) >= 8 {
		w := binary.LittleEndian.Uint64(fraction)
		if !eightDigits(w) {
			return 0, 0, false
		}
		m = m*1e8 + eightDigitsValue(w)
		fraction = fraction[8:]
	}
	for _, c := range fraction {
		if c -= '0'; c > 9 {
			return 0, 0, false
		}
		m = m*10 + uint64(c)
	}
	return m, scale, true
}

// eightDigits tells whether all bytes of w are ASCII digits.
func eightDigits(w uint64) bool {
	return (w&0xf0f0f0f0f0f0f0f0)|((w+0x0606060606060606)&0xf0f0f0f0f0f0f0f0)>>4 == 0x3333333333333333
}

// eightDigitsValue combines eight ASCII digits, the first in the lowest byte, to
// pairs, fours and all eight by multiplication.
func eightDigitsValue(w uint64) uint64 {
	w = (w & 0x0f0f0f0f0f0f0f0f) * (10<<8 + 1) >> 8
	w = (w & 0x00ff00ff00ff00ff) * (100<<16 + 1) >> 16
	return (w & 0x0000ffff0000ffff) * (10000<<32 + 1) >> 32
}

// quotient is m/10^scale rounded to the nearest double, ties to even, for
// m ≥ 2^53 and scale ≤ 19. Both are shifted to have their top bit set, so that
// one division of 128 by 64 bits gives 63 or 64 bits of quotient, and the
// remainder tells whether anything follows them.
func quotient(m uint64, scale int) float64 {
	d := uintPow10[scale]
	shiftM, shiftD := bits.LeadingZeros64(m), bits.LeadingZeros64(d)
	m, d = m<<shiftM, d<<shiftD
	// m/2 < d, as Div64 demands. q = m·2^63/d is between 2^62 and 2^64.
	q, rem := bits.Div64(m>>1, m<<63, d)
	exp := shiftD - shiftM - 63 // the value is q·2^exp, and a bit if rem ≠ 0
	drop := bits.Len64(q) - 53
	half := uint64(1) << (drop - 1)
	low := q & (half<<1 - 1)
	q >>= drop
	if low > half || low == half && (rem != 0 || q&1 == 1) {
		q++ // 2^53 is exact, too
	}
	return float64(q) * math.Float64frombits(uint64(1023+exp+drop)<<52) // times a power of two: exact
}

var uintPow10 = [...]uint64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}
