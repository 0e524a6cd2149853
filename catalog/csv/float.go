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
	negative := beg < end && buf[beg] == '-'
	if negative {
		beg++
	}
	m, scale, ok := longDecimal(buf, beg, end)
	switch {
	case !ok:
		return 0, false
	case m < 1<<53: // both operands are exact: one rounding (Clinger's fast path)
		v = float64(m) / floatPow10[scale]
	default:
		v = quotient(m, scale)
	}
	if negative {
		return -v, true
	}
	return v, true
}

// shortFloats is fastFloat for the first fields, up to one that is quoted, is
// missing, has not 1 to 8 bytes, or is not for it. It gives how many it has read.
func shortFloats(buf []byte, fields []span, out []float64) int {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	out = out[:len(fields)]
	for i, s := range fields {
		n := s.end - s.beg
		if n-1 >= 8 {
			return i
		}
		w, sign := load(base, int(s.beg)), uint64(0)
		if byte(w) == '-' {
			w, n, sign = w>>8, n-1, 1<<63
		}
		d, point, points := closePoint(endDigits(w, n))
		if !digitsOnly(d) || uint64(n) <= points {
			return i
		}
		v := float64(int64(digitsValue(d))) / shortPow10[point>>3&15]
		out[i] = math.Float64frombits(math.Float64bits(v) | sign)
	}
	return len(fields)
}

// shortPow10 are the powers of ten by the byte that the point of eight had; there
// is none in byte 8.
var shortPow10 = [16]float64{1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1, 1}

// closePoint moves the digits before the first point over this, without a
// branch: numbers of a column have points at several places, or none. The digits
// are numbers, the first in the lowest byte. point is the bit where the point was,
// 64 without one, and points is 1 or 0.
func closePoint(d uint64) (digits uint64, point int, points uint64) {
	const dot = '.' ^ '0'
	x := d ^ repeat(dot)
	p := (x - ones) & ^x & high // the lowest bit is right, which is all that counts
	p = (p & -p) >> 7
	points = (p | -p) >> 63
	before := d & (p - points)
	return d - dot*p - before + before<<8, bits.TrailingZeros64(p), points
}

// longDecimal reads buf[beg:end] as m·10^−scale: at most 19 digits with at most
// one point.
func longDecimal(buf []byte, beg, end int) (m uint64, scale int, ok bool) {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	n := end - beg
	if n <= 8 || n > maxDigits+1 {
		return fastDecimal(buf[beg:end])
	}
	d, point, points := closePoint(load(base, beg) ^ zeros)
	if points == 0 {
		return fastDecimal(buf[beg:end])
	}
	ok = digitsOnly(d)
	m, scale = digitsValue(d), n-1-point>>3
	for beg += 8; end-beg >= 8; beg += 8 {
		d = load(base, beg) ^ zeros
		ok = ok && digitsOnly(d)
		m = m*1e8 + digitsValue(d)
	}
	if n = end - beg; n > 0 {
		d = endDigits(load(base, beg), uint32(n))
		ok = ok && digitsOnly(d)
		m = m*uintPow10[n] + digitsValue(d)
	}
	return m, scale, ok
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
		d := binary.LittleEndian.Uint64(fraction) ^ zeros
		if !digitsOnly(d) {
			return 0, 0, false
		}
		m = m*1e8 + digitsValue(d)
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

// quotient is m/10^scale rounded to the nearest double, ties to even, for
// m ≥ 2^53 and scale ≤ 19. Both are shifted to have their top bit set. The product
// with the reciprocal of the power is too small by less than 2 in its upper half,
// 63 or 64 bits, of which the low ones mostly tell all the same how to round.
// (Eisel and Lemire's way, for few powers.) Where they do not, one division of
// 128 by 64 bits gives the same bits exactly, and the remainder tells whether
// anything follows them.
func quotient(m uint64, scale int) float64 {
	shift := bits.LeadingZeros64(m)
	m <<= shift
	power := &uintPow10Inverse[scale]
	q, _ := bits.Mul64(m, power.inverse)
	drop := bits.Len64(q) - 53
	half := uint64(1) << (drop - 1)
	low := q & (half<<1 - 1)
	up := low > half
	if low-(half-1) <= 1 {
		d := uintPow10[scale] << power.shift
		var rem uint64
		q, rem = bits.Div64(m>>1, m<<63, d) // m/2 < d, as Div64 demands
		drop = bits.Len64(q) - 53
		half = uint64(1) << (drop - 1)
		low = q & (half<<1 - 1)
		up = low > half || low == half && (rem != 0 || q>>drop&1 == 1)
	}
	exp := power.shift - shift - 63 + drop // the value is q·2^exp, rounded
	q >>= drop
	if up {
		q++ // 2^53 is exact, too
	}
	return float64(int64(q)) * math.Float64frombits(uint64(1023+exp)<<52) // times a power of two: exact
}

// uintPow10Inverse has for each of uintPow10 the shift that sets the top bit of d,
// the power, and then ⌊2^127/d⌋, for 1 one less.
var uintPow10Inverse = func() (table [maxDigits + 1]struct {
	inverse uint64
	shift   int
},
) {
	for i, d := range uintPow10 {
		table[i].shift, table[i].inverse = bits.LeadingZeros64(d), math.MaxUint64
		if d > 1 {
			table[i].inverse, _ = bits.Div64(1<<63, 0, d<<table[i].shift)
		}
	}
	return table
}()

var uintPow10 = [...]uint64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}
