package sqltype

import (
	"math/big"

	"volley/sqlerr"
)

// String is PostgreSQL's text of n.
func (n Num) String() string { return string(n.AppendText(nil)) }

// AppendText appends PostgreSQL's text of n: all digits of its scale, no
// exponent.
func (n Num) AppendText(dst []byte) []byte {
	switch {
	case n.form == notANumber:
		return append(dst, "NaN"...)
	case n.form == infinite && n.neg:
		return append(dst, "-Infinity"...)
	case n.form == infinite:
		return append(dst, "Infinity"...)
	}
	if n.neg {
		dst = append(dst, '-')
	}
	start := len(dst)
	if n.large != nil {
		dst = n.large.Append(dst, 10)
		for missing := int(n.scale) + 1 - (len(dst) - start); missing > 0; missing-- {
			dst = append(dst, 0)
			copy(dst[start+1:], dst[start:])
			dst[start] = '0'
		}
		return insertPoint(dst, int(n.scale))
	}
	return appendScaled(dst, n.coef, n.scale)
}

// appendScaled appends c·10^−scale for scale ≥ 0.
func appendScaled(dst []byte, c uint128, scale int32) []byte {
	if scale < maxPow10 {
		return insertPoint(c.appendText(dst, int(scale)+1), int(scale))
	}
	// More digits than appendText pads to: the value starts with zeros.
	dst = append(dst, '0', '.')
	for i := c.digits(); i < scale; i++ {
		dst = append(dst, '0')
	}
	if c.digits() > scale { // 10³⁸ ≤ c < 2¹²⁸ at scale 38
		dst = dst[:len(dst)-2]
		return insertPoint(c.appendText(dst, 1), int(scale))
	}
	return c.appendText(dst, 1)
}

// insertPoint puts the decimal point before the last scale digits.
func insertPoint(dst []byte, scale int) []byte {
	if scale == 0 {
		return dst
	}
	dst = append(dst, 0)
	at := len(dst) - 1 - scale
	copy(dst[at+1:], dst[at:])
	dst[at] = '.'
	return dst
}

// ParseNum reads PostgreSQL's numeric input syntax: digits with an optional
// point and exponent, NaN, or ±Infinity, between optional white space. The
// display scale is the number of digits after the point less the exponent.
func ParseNum(b []byte) (Num, error) {
	t := trimSpace(b)
	i, neg := 0, false
	if len(t) > 0 && (t[0] == '-' || t[0] == '+') {
		neg = t[0] == '-'
		i = 1
	}
	var coef uint128
	digits, frac, seenPoint := 0, int32(0), false
	first := i
	for ; i < len(t); i++ {
		c := t[i]
		if c == '.' && !seenPoint {
			seenPoint = true
			continue
		}
		if c -= '0'; c > 9 {
			break
		}
		if digits++; digits > maxPow10 {
			return parseLongNum(b, t, neg, first)
		}
		if coef.hi == 0 && coef.lo < 1e18 {
			coef.lo = coef.lo*10 + uint64(c)
		} else {
			coef, _ = coef.mul64(10)
			coef, _ = coef.add(uint128{0, uint64(c)})
		}
		if seenPoint {
			frac++
		}
	}
	if digits == 0 {
		return parseSpecialNum(b, t, neg)
	}
	if i == len(t) {
		return Num{coef: coef, scale: frac, neg: neg && !coef.isZero()}, nil
	}
	exp, ok := parseExponent(t[i:])
	if !ok {
		return Num{}, invalidInput("numeric", b)
	}
	scale := int64(frac) - exp
	if coef.isZero() {
		scale = max(scale, 0)
	}
	if scale >= 0 && scale <= maxNumScale {
		return Num{coef: coef, scale: int32(scale), neg: neg && !coef.isZero()}, nil
	}
	return applyExponent(neg, bigFrom(coef), scale)
}

// parseLongNum is ParseNum for more than 38 digits, which start at t[i].
func parseLongNum(b, t []byte, neg bool, i int) (Num, error) {
	digits := make([]byte, 0, len(t))
	frac, seenPoint := int64(0), false
	for ; i < len(t); i++ {
		c := t[i]
		if c == '.' && !seenPoint {
			seenPoint = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		digits = append(digits, c)
		if seenPoint {
			frac++
		}
	}
	exp, ok := parseExponent(t[i:])
	if !ok {
		return Num{}, invalidInput("numeric", b)
	}
	if len(digits) > maxNumDigits+maxNumScale {
		return Num{}, numOverflow()
	}
	c, ok := new(big.Int).SetString(string(digits), 10)
	if !ok {
		return Num{}, invalidInput("numeric", b)
	}
	return applyExponent(neg, c, frac-exp)
}

// applyExponent is ±c·10^−scale where scale may be out of numeric's range.
func applyExponent(neg bool, c *big.Int, scale int64) (Num, error) {
	if scale > maxNumScale || -scale > maxNumDigits && c.Sign() != 0 {
		return Num{}, numOverflow()
	}
	if scale < 0 {
		c, scale = scaleUp(c, int32(-scale)), 0
	}
	return checked(newNum(neg, c, int32(scale)))
}

// parseExponent reads "e±ddd" to the end of t; nothing at all is exponent 0.
func parseExponent(t []byte) (exp int64, ok bool) {
	if len(t) == 0 {
		return 0, true
	}
	if t[0] != 'e' && t[0] != 'E' {
		return 0, false
	}
	t = t[1:]
	neg := false
	if len(t) > 0 && (t[0] == '-' || t[0] == '+') {
		neg = t[0] == '-'
		t = t[1:]
	}
	if len(t) == 0 {
		return 0, false
	}
	for _, c := range t {
		if c < '0' || c > '9' {
			return 0, false
		}
		if exp = exp*10 + int64(c-'0'); exp >= 1<<30 {
			exp = 1 << 30
		}
	}
	if neg {
		exp = -exp
	}
	return exp, true
}

func parseSpecialNum(b, t []byte, neg bool) (Num, error) {
	if equalFold(t, "nan") {
		return NaN(), nil
	}
	if len(t) > 0 && (t[0] == '-' || t[0] == '+') {
		t = t[1:]
	}
	if equalFold(t, "infinity") || equalFold(t, "inf") {
		return Num{form: infinite, neg: neg}, nil
	}
	return Num{}, invalidInput("numeric", b)
}

// trimSpace cuts the white space of C's isspace from both ends.
func trimSpace(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// equalFold compares b with the lower-case ASCII word w.
func equalFold(b []byte, w string) bool {
	if len(b) != len(w) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != w[i] {
			return false
		}
	}
	return true
}

// invalidInput is PostgreSQL's 22P02 for a text that is not of a type.
func invalidInput(typeName string, b []byte) error {
	return sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type %s: \"%s\"", typeName, b)
}

// outOfRange is PostgreSQL's 22003 for a text outside the range of a type.
func outOfRange(typeName string, b []byte) error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value \"%s\" is out of range for type %s", b, typeName)
}
