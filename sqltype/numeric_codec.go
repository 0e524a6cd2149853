package sqltype

import (
	"encoding/binary"
	"math/big"
)

// The encoding of a numeric value, as stored in a NumericArray:
//
//	  7   6   5 … 0
//	+---+---+-------+-----------+---------------------+
//	| k | n |   s   | [scale 2B] | magnitude, 0…n bytes |
//	+---+---+-------+-----------+---------------------+
//
//	n       1 when the value is negative
//	k = 0   s is the display scale, 0…63
//	k = 1   s = 0: the display scale follows in two bytes, big-endian
//	        s = 1: infinity, nothing follows
//	        s = 2: NaN, nothing follows
//
// The magnitude is the coefficient in big-endian order without leading zero
// bytes; zero has none. Equal values of different scale have different
// encodings; AppendKey gives one for all of them.
const (
	numExtended  = 0x80
	numNegative  = 0x40
	numScaleBits = 0x3f

	numWideScale = 0
	numInfinity  = 1
	numNaN       = 2
)

// AppendNum appends the encoding of n.
func AppendNum(dst []byte, n Num) []byte {
	var head byte
	if n.neg {
		head = numNegative
	}
	switch {
	case n.form == infinite:
		return append(dst, head|numExtended|numInfinity)
	case n.form == notANumber:
		return append(dst, numExtended|numNaN)
	case n.scale <= numScaleBits:
		dst = append(dst, head|byte(n.scale))
	default:
		dst = append(dst, head|numExtended|numWideScale, byte(n.scale>>8), byte(n.scale))
	}
	if n.large != nil {
		return append(dst, n.large.Bytes()...)
	}
	b := n.coef.bytes()
	i := 0
	if n.coef.hi == 0 {
		i = 8
	}
	for i < len(b) && b[i] == 0 {
		i++
	}
	return append(dst, b[i:]...)
}

// DecodeNum reads what AppendNum wrote. It does not keep b. Bytes that AppendNum
// cannot have written decode to some value, never to a fault.
func DecodeNum(b []byte) Num {
	if len(b) == 0 {
		return Num{}
	}
	n := Num{neg: b[0]&numNegative != 0, scale: int32(b[0] & numScaleBits)}
	if b[0]&numExtended != 0 {
		switch {
		case n.scale == numInfinity:
			return Num{form: infinite, neg: n.neg}
		case n.scale != numWideScale || len(b) < 3:
			return NaN()
		}
		n.scale = min(int32(binary.BigEndian.Uint16(b[1:])), 2*maxNumScale)
		b = b[2:]
	}
	b = b[1:]
	if len(b) > 16 {
		n.large = new(big.Int).SetBytes(b)
		if n.large.BitLen() <= 128 {
			return newNum(n.neg, n.large, n.scale)
		}
		return n
	}
	for ; len(b) > 8; b = b[1:] {
		n.coef.hi = n.coef.hi<<8 | uint64(b[0])
	}
	if len(b) == 8 {
		n.coef.lo = binary.BigEndian.Uint64(b)
	} else {
		for _, c := range b {
			n.coef.lo = n.coef.lo<<8 | uint64(c)
		}
	}
	n.neg = n.neg && !n.coef.isZero()
	return n
}

// AppendKey appends bytes that are the same for equal values of any scale and
// different for different values: the encoding with the smallest scale.
func (n Num) AppendKey(dst []byte) []byte { return AppendNum(dst, n.Reduce()) }

// AppendNumKey appends the key (Num.AppendKey) of the value that AppendNum encoded as b.
func AppendNumKey(dst, b []byte) []byte {
	if IsNumKey(b) {
		return append(dst, b...)
	}
	return DecodeNum(b).AppendKey(dst)
}

// IsNumKey tells whether what AppendNum encoded as b has b as its key. It may be false
// for some of these: it looks no further than at whether the coefficient is odd, or
// one of few bytes that 10 does not divide.
func IsNumKey(b []byte) bool {
	switch {
	case len(b) == 0 || b[0]&numExtended != 0:
		return false
	case b[0]&numScaleBits == 0:
		return len(b) > 1 || b[0] == 0
	case len(b) == 1: // zero
		return false
	case b[len(b)-1]&1 == 1:
		return true
	case len(b) > 8:
		return false
	}
	coef := uint64(0)
	for _, c := range b[1:] {
		coef = coef<<8 | uint64(c)
	}
	return coef%10 != 0
}

// Reduce is n with the smallest scale that holds its value (PostgreSQL's
// trim_scale).
func (n Num) Reduce() Num {
	if n.form != finite || n.scale == 0 {
		return n
	}
	if n.large != nil {
		return n.reduceLarge()
	}
	if n.coef.isZero() {
		return Num{}
	}
	for n.scale >= 8 && n.coef.lo&0xff == 0 { // 10⁸ has the factor 2⁸
		q, r := n.coef.div64(1e8)
		if r != 0 {
			break
		}
		n.coef, n.scale = q, n.scale-8
	}
	for n.scale > 0 && n.coef.lo&1 == 0 {
		q, r := n.coef.div64(10)
		if r != 0 {
			break
		}
		n.coef, n.scale = q, n.scale-1
	}
	return n
}

func (n Num) reduceLarge() Num {
	c, s := n.large, n.scale
	var q, r big.Int
	for step := int32(4096); step > 0; step /= 2 {
		d := bigPow10(step)
		for s >= step {
			if q.QuoRem(c, d, &r); r.Sign() != 0 {
				break
			}
			c, s = new(big.Int).Set(&q), s-step
		}
	}
	return newNum(n.neg, new(big.Int).Set(c), s)
}
