package sqltype

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqlerr"
)

// ParseInt reads PostgreSQL's integer input for 16, 32 or 64 bits: an optional
// sign and decimal digits between white space. 22P02 for bad syntax, 22003 out
// of range.
func ParseInt(b []byte, bits int) (int64, error) {
	if v, ok := FastInt64(b); ok && v>>(bits-1) == v>>63 {
		return v, nil
	}
	t := trimSpace(b)
	neg := false
	if len(t) > 0 && (t[0] == '-' || t[0] == '+') {
		neg = t[0] == '-'
		t = t[1:]
	}
	if len(t) == 0 {
		return 0, invalidInput(intName(bits), b)
	}
	limit := uint64(1) << (bits - 1)
	if !neg {
		limit--
	}
	var v uint64
	for _, c := range t {
		c -= '0'
		if c > 9 {
			return 0, invalidInput(intName(bits), b)
		}
		if v > limit/10 || v*10+uint64(c) > limit {
			return 0, outOfRange(intName(bits), b)
		}
		v = v*10 + uint64(c)
	}
	if neg {
		return int64(-v), nil
	}
	return int64(v), nil
}

// FastInt64 reads an optional minus sign and 1–18 digits and nothing else;
// !ok means "take ParseInt".
func FastInt64(b []byte) (v int64, ok bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	u := uint64(0)
	if len(b) >= 8 {
		w := binary.LittleEndian.Uint64(b)
		if !eightDigits(w) {
			return 0, false
		}
		u = parseEight(w)
		b = b[8:]
	}
	for _, c := range b {
		c -= '0'
		if c > 9 {
			return 0, false
		}
		u = u*10 + uint64(c)
	}
	if neg {
		return -int64(u), true
	}
	return int64(u), true
}

// eightDigits tells whether all eight bytes of w are ASCII digits.
func eightDigits(w uint64) bool {
	return (w&0xf0f0f0f0f0f0f0f0)|((w+0x0606060606060606)&0xf0f0f0f0f0f0f0f0)>>4 == 0x3333333333333333
}

// parseEight is the value of eight ASCII digits, the first in the lowest byte:
// pairs, then fours, then all eight are combined by multiplication.
func parseEight(w uint64) uint64 {
	w = (w & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8
	w = (w & 0x00ff00ff00ff00ff) * 6553601 >> 16
	return (w & 0x0000ffff0000ffff) * 42949672960001 >> 32
}

// ParseFloat reads PostgreSQL's float input for 32 or 64 bits, correctly
// rounded, with NaN and Infinity; 22P02 for bad syntax, 22003 for overflow and
// for underflow to zero.
func ParseFloat(b []byte, bits int) (float64, error) {
	if bits == 64 {
		if v, ok := FastFloat64(b); ok {
			return v, nil
		}
	}
	name := "double precision"
	if bits == 32 {
		name = "real"
	}
	t := trimSpace(b)
	if v, ok := specialFloat(t); ok {
		return v, nil
	}
	if h, ok := hexFloat(t); ok {
		t = h
	} else if !plainFloat(t) {
		return 0, invalidInput(name, b)
	}
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(t), len(t)), bits)
	if errors.Is(err, strconv.ErrRange) || err == nil && v == 0 && hasNonZeroDigit(t) {
		return 0, floatOutOfRange(name, t)
	}
	if err != nil {
		return 0, invalidInput(name, b)
	}
	return v, nil
}

// specialFloat reads the words for values that are not finite.
func specialFloat(t []byte) (float64, bool) {
	sign := 1
	if len(t) > 0 && (t[0] == '-' || t[0] == '+') {
		if t[0] == '-' {
			sign = -1
		}
		t = t[1:]
	}
	if equalFold(t, "nan") {
		return math.NaN(), true
	}
	if equalFold(t, "infinity") || equalFold(t, "inf") {
		return math.Inf(sign), true
	}
	return 0, false
}

// plainFloat tells whether t has only what a decimal number is made of:
// strconv would also take underscores, hexadecimal and words.
func plainFloat(t []byte) bool {
	digit := false
	for _, c := range t {
		switch {
		case c >= '0' && c <= '9':
			digit = true
		case c != '+' && c != '-' && c != '.' && (c|0x20 != 'e' || !digit):
			return false
		}
	}
	return digit
}

// hexFloat gives a hexadecimal number with the exponent that strconv asks for; it
// is optional in C, whose strtod PostgreSQL takes.
func hexFloat(t []byte) ([]byte, bool) {
	digits := bytes.TrimLeft(t, "+-")
	if len(t)-len(digits) > 1 || len(digits) < 3 || digits[0] != '0' || digits[1]|0x20 != 'x' || bytes.IndexByte(digits, '_') >= 0 {
		return nil, false
	}
	if bytes.ContainsAny(digits, "pP") {
		return t, true
	}
	return append(bytes.Clone(t), "p0"...), true
}

func hasNonZeroDigit(t []byte) bool {
	for _, c := range t {
		if c >= '1' && c <= '9' {
			return true
		}
		if c|0x20 == 'e' {
			return false
		}
	}
	return false
}

// FastFloat64 reads plain decimals like -12.345 of up to 15 digits exactly;
// !ok means "take ParseFloat".
func FastFloat64(b []byte) (float64, bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	m, frac, ok := fastDigits(b)
	if !ok {
		return 0, false
	}
	f, ok := exactFloat(m, -frac)
	if neg {
		f = -f
	}
	return f, ok
}

// fastDigits reads up to 18 digits with at most one point among them: the
// digits as a number and how many follow the point.
func fastDigits(b []byte) (m uint64, frac int, ok bool) {
	if len(b) == 0 || len(b) > 19 {
		return 0, 0, false
	}
	point := -1
	for i, c := range b {
		if d := c - '0'; d <= 9 {
			m = m*10 + uint64(d)
			continue
		}
		if c != '.' || point >= 0 {
			return 0, 0, false
		}
		point = i
	}
	if point < 0 {
		return m, 0, len(b) <= 18
	}
	return m, len(b) - 1 - point, len(b) > 1
}

// exactFloat is m·10^exp when both factors are exact doubles, so that the one
// rounding is the correct one (Clinger's fast path).
func exactFloat(m uint64, exp int) (float64, bool) {
	if m >= 1<<53 || exp < -22 || exp > 22 {
		return 0, false
	}
	if exp < 0 {
		return float64(m) / floatPow10[-exp], true
	}
	return float64(m) * floatPow10[exp], true
}

var floatPow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// FastDecimal reads plain decimals of up to 18 digits that fit numeric(p, s)
// without rounding; !ok means "take ParseDecimal".
func FastDecimal(b []byte, precision, scale int32) (decimal128.Num, bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	m, frac, ok := fastDigits(b)
	if !ok || int32(frac) > scale {
		return decimal128.Num{}, false
	}
	c, ok := uint128{0, m}.mulPow10(scale - int32(frac))
	if !ok || c.cmp(pow10[min(precision, maxPow10)]) >= 0 {
		return decimal128.Num{}, false
	}
	return signedDecimal(c, neg), true
}

// floatOutOfRange has a wording of its own in PostgreSQL.
func floatOutOfRange(typeName string, t []byte) error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "\"%s\" is out of range for type %s", t, typeName)
}
