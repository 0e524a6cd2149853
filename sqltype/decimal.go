package sqltype

import "github.com/apache/arrow/go/v15/arrow/decimal128"

// absDecimal is |v| and whether v is negative.
func absDecimal(v decimal128.Num) (uint128, bool) {
	hi, lo := uint64(v.HighBits()), v.LowBits()
	if int64(hi) >= 0 {
		return uint128{hi, lo}, false
	}
	hi, lo = ^hi, -lo
	if lo == 0 {
		hi++
	}
	return uint128{hi, lo}, true
}

// signedDecimal is ±c for c < 2¹²⁷.
func signedDecimal(c uint128, neg bool) decimal128.Num {
	if neg {
		c.hi, c.lo = ^c.hi, -c.lo
		if c.lo == 0 {
			c.hi++
		}
	}
	return decimal128.New(int64(c.hi), c.lo)
}

// DecimalAppendText appends v·10^−scale with all scale digits.
func DecimalAppendText(dst []byte, v decimal128.Num, scale int32) []byte {
	c, neg := absDecimal(v)
	if neg {
		dst = append(dst, '-')
	}
	if scale < 0 {
		if c.isZero() {
			return append(dst, '0')
		}
		dst = c.appendText(dst, 1)
		for ; scale < 0; scale++ {
			dst = append(dst, '0')
		}
		return dst
	}
	return appendScaled(dst, c, scale)
}

// ParseDecimal reads numeric's input syntax into numeric(precision, scale),
// rounding half away from zero. 22P02 for bad syntax, 22003 for overflow.
func ParseDecimal(b []byte, precision, scale int32) (decimal128.Num, error) {
	if v, ok := FastDecimal(b, precision, scale); ok {
		return v, nil
	}
	n, err := ParseNum(b)
	if err != nil {
		return decimal128.Num{}, err
	}
	return n.ToDecimal128(precision, scale)
}

// DecimalAdd is a+b; ok is false when it does not fit in 38 digits.
func DecimalAdd(a, b decimal128.Num) (sum decimal128.Num, ok bool) {
	sum = a.Add(b)
	overflow := a.Sign() >= 0 == (b.Sign() >= 0) && sum.HighBits() < 0 != (a.HighBits() < 0)
	return sum, !overflow && fitsDecimal(sum)
}

// DecimalSub is a−b; ok is false when it does not fit in 38 digits.
func DecimalSub(a, b decimal128.Num) (diff decimal128.Num, ok bool) {
	return DecimalAdd(a, b.Negate())
}

// DecimalMul is a·b, whose scale is the sum of both; ok is false when it does
// not fit in 38 digits.
func DecimalMul(a, b decimal128.Num) (product decimal128.Num, ok bool) {
	x, xneg := absDecimal(a)
	y, yneg := absDecimal(b)
	p, ok := x.mul(y)
	if !ok || p.cmp(pow10[MaxDecimalPrecision]) >= 0 {
		return decimal128.Num{}, false
	}
	return signedDecimal(p, xneg != yneg), true
}

// DecimalRescale changes the scale of v, rounding half away from zero; ok is
// false when the result does not fit in 38 digits.
func DecimalRescale(v decimal128.Num, from, to int32) (r decimal128.Num, ok bool) {
	if from == to {
		return v, true
	}
	c, neg := absDecimal(v)
	if to < from {
		return signedDecimal(c.divPow10Half(from-to), neg), true
	}
	c, ok = c.mulPow10(to - from)
	if !ok || c.cmp(pow10[MaxDecimalPrecision]) >= 0 {
		return decimal128.Num{}, false
	}
	return signedDecimal(c, neg), true
}

// DecimalCast is DecimalRescale with a check of the precision: 22003.
func DecimalCast(v decimal128.Num, from, precision, scale int32) (decimal128.Num, error) {
	r, ok := DecimalRescale(v, from, scale)
	if !ok || !DecimalFits(r, precision) {
		return decimal128.Num{}, fieldOverflow(precision, scale)
	}
	return r, nil
}

// DecimalFits tells whether |v| has at most precision digits.
func DecimalFits(v decimal128.Num, precision int32) bool {
	c, _ := absDecimal(v)
	return c.cmp(pow10[min(precision, maxPow10)]) < 0
}

func fitsDecimal(v decimal128.Num) bool { return DecimalFits(v, MaxDecimalPrecision) }
