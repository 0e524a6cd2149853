package sqltype

import (
	"encoding/binary"
	"math/bits"
)

// uint128 is an unsigned 128-bit integer: hi·2⁶⁴ + lo.
type uint128 struct{ hi, lo uint64 }

// maxPow10 is the largest power of ten in a uint128.
const maxPow10 = 38

// pow10 holds 10⁰ … 10³⁸.
var pow10 = func() (t [maxPow10 + 1]uint128) {
	t[0] = uint128{0, 1}
	for i := 1; i <= maxPow10; i++ {
		t[i], _ = t[i-1].mul64(10)
	}
	return t
}()

func (a uint128) isZero() bool { return a.hi|a.lo == 0 }

// cmp is −1, 0 or 1.
func (a uint128) cmp(b uint128) int {
	switch {
	case a.hi < b.hi || a.hi == b.hi && a.lo < b.lo:
		return -1
	case a == b:
		return 0
	}
	return 1
}

// add is a+b; ok is false on overflow.
func (a uint128) add(b uint128) (sum uint128, ok bool) {
	lo, c := bits.Add64(a.lo, b.lo, 0)
	hi, c := bits.Add64(a.hi, b.hi, c)
	return uint128{hi, lo}, c == 0
}

// sub is a−b for a ≥ b.
func (a uint128) sub(b uint128) uint128 {
	lo, c := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, c)
	return uint128{hi, lo}
}

// mul64 is a·m; ok is false on overflow.
func (a uint128) mul64(m uint64) (p uint128, ok bool) {
	h, lo := bits.Mul64(a.lo, m)
	over, mid := bits.Mul64(a.hi, m)
	hi, c := bits.Add64(h, mid, 0)
	return uint128{hi, lo}, over == 0 && c == 0
}

// mul is a·b; ok is false on overflow.
func (a uint128) mul(b uint128) (p uint128, ok bool) {
	switch {
	case b.hi == 0:
		return a.mul64(b.lo)
	case a.hi == 0:
		return b.mul64(a.lo)
	}
	return uint128{}, false // both are at least 2⁶⁴
}

// mulPow10 is a·10ⁿ for n ≥ 0; ok is false on overflow.
func (a uint128) mulPow10(n int32) (p uint128, ok bool) {
	if n == 0 || a.isZero() {
		return a, true
	}
	if n > maxPow10 {
		return uint128{}, false
	}
	return a.mul(pow10[n])
}

// div64 is the quotient and remainder of a by d ≠ 0.
func (a uint128) div64(d uint64) (q uint128, r uint64) {
	if a.hi == 0 {
		return uint128{0, a.lo / d}, a.lo % d
	}
	hi, rem := a.hi/d, a.hi%d
	lo, r := bits.Div64(rem, a.lo, d)
	return uint128{hi, lo}, r
}

// div is the quotient and remainder of a by d ≠ 0.
func (a uint128) div(d uint128) (q, r uint128) {
	if d.hi == 0 {
		q, rem := a.div64(d.lo)
		return q, uint128{0, rem}
	}
	if a.cmp(d) < 0 {
		return uint128{}, a
	}
	// The quotient fits in 64 bits. Estimate it with both operands shifted so
	// that the divisor's top bit is set, as in Knuth's algorithm D, then correct
	// the estimate, which is at most one too large.
	s := uint(bits.LeadingZeros64(d.hi))
	v := d.hi<<s | d.lo>>1>>(63-s)
	u := uint128{a.hi >> 1, a.hi<<63 | a.lo>>1}
	est, _ := bits.Div64(u.hi, u.lo, v)
	est >>= 63 - s
	if est > 0 {
		est--
	}
	p, _ := d.mul64(est)
	r = a.sub(p)
	if r.cmp(d) >= 0 {
		est++
		r = r.sub(d)
	}
	return uint128{0, est}, r
}

// divPow10Half is a/10ⁿ rounded half up in magnitude.
func (a uint128) divPow10Half(n int32) uint128 {
	if n <= 0 {
		return a
	}
	if n > maxPow10 {
		return uint128{} // a < 2¹²⁸ < 5·10³⁸
	}
	d := pow10[n]
	q, r := a.div(d)
	if r.cmp(d.sub(r)) >= 0 {
		q, _ = q.add(uint128{0, 1})
	}
	return q
}

// digits is the number of decimal digits, 1 for zero.
func (a uint128) digits() int32 {
	n := 64 - bits.LeadingZeros64(a.lo)
	if a.hi != 0 {
		n = 128 - bits.LeadingZeros64(a.hi)
	}
	d := int32(n * 1233 >> 12) // floor(n·log10 2), exact for n ≤ 128
	if d <= maxPow10 && a.cmp(pow10[d]) >= 0 {
		d++
	}
	return max(d, 1)
}

// appendText appends the decimal digits, at least minDigits of them.
func (a uint128) appendText(dst []byte, minDigits int) []byte {
	var buf [48]byte
	i := len(buf)
	for a.hi != 0 {
		var r uint64
		a, r = a.div64(1e18)
		for range 18 {
			i--
			buf[i] = byte('0' + r%10)
			r /= 10
		}
	}
	for v := a.lo; v != 0; v /= 10 {
		i--
		buf[i] = byte('0' + v%10)
	}
	for len(buf)-i < minDigits && i > 0 {
		i--
		buf[i] = '0'
	}
	return append(dst, buf[i:]...)
}

// bytes is a in big-endian order.
func (a uint128) bytes() (b [16]byte) {
	binary.BigEndian.PutUint64(b[:8], a.hi)
	binary.BigEndian.PutUint64(b[8:], a.lo)
	return b
}

// uint128From is the inverse of bytes.
func uint128From(b [16]byte) uint128 {
	return uint128{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}
