package sqltype

import (
	"math"
	"math/big"

	"volley/sqlerr"

	"github.com/cockroachdb/apd/v3"
)

// The result scales below are those of PostgreSQL 15's numeric.c: at least 16
// significant digits, at least the argument's scale, at most 1000. guard is how
// many digits more are computed before the one rounding.
const guard = 12

// clampScale limits a wanted result scale.
func clampScale(scale int32, atLeast ...int32) int32 {
	for _, s := range atLeast {
		scale = max(scale, s)
	}
	return min(max(scale, 0), maxDispScale)
}

// Sqrt is the square root; 2201F for a negative argument.
func (n Num) Sqrt() (Num, error) {
	switch {
	case n.IsNaN() || n.IsInf() && !n.neg:
		return n, nil
	case n.neg:
		return Num{}, sqlerr.New(sqlerr.InvalidArgForPower, "cannot take square root of a negative number")
	}
	w, _ := n.baseWeight()
	scale := clampScale(minSigDigits-((w+1)*4/2-1), n.scale)
	if n.IsZero() {
		return Num{scale: scale}, nil
	}
	return n.SqrtScale(scale), nil
}

// SqrtScale is the square root of n, finite and not negative, rounded to scale.
func (n Num) SqrtScale(scale int32) Num {
	// One digit more than shown, cut, decides the rounding: a root that is not
	// an integer there never ends in 5000….
	shift := 2*(scale+1) - n.scale
	c := new(big.Int).Set(n.bigCoef())
	if shift >= 0 {
		scaleUp(c, shift)
	} else {
		c.Quo(c, bigPow10(-shift))
	}
	return newNum(false, c.Sqrt(c), scale+1).Round(scale)
}

// Exp is eⁿ; 22003 when it is too large.
func (n Num) Exp() (Num, error) {
	switch {
	case n.IsNaN() || n.IsInf() && !n.neg:
		return n, nil
	case n.IsInf():
		return Num{}, nil
	}
	v := n.ToFloat64()
	weight := int32(math.Max(math.Min(v*math.Log10E, 2*maxDispScale), -2*maxDispScale))
	scale := clampScale(minSigDigits-weight, n.scale)
	if math.Abs(v) >= 6*maxDispScale {
		if v > 0 {
			return Num{}, numOverflow()
		}
		return Num{scale: scale}, nil
	}
	return expScale(n.apd(), v, scale)
}

// expScale is e^x, where v ≈ x, rounded to scale.
func expScale(x *apd.Decimal, v float64, scale int32) (Num, error) {
	digits := scale + int32(v*math.Log10E) + guard
	if digits <= guard/2 {
		return Num{scale: scale}, nil
	}
	return expSeries(x, v, uint(digits), scale), nil
}

// expSeries is e^x computed to so many significant digits: e^x is
// (e^(x/2^k))^(2^k), the series is short near zero, and each squaring loses at
// most a bit.
func expSeries(x *apd.Decimal, v float64, digits uint, scale int32) Num {
	prec := digits*10/3 + 32
	small := max(math.Ilogb(math.Abs(v)+1), 0) + 1
	k := uint(small) + uint(math.Sqrt(float64(prec))/2)
	prec += 2 * k
	arg := new(big.Float).SetPrec(prec).SetInt(x.Coeff.MathBigInt())
	if tens := new(big.Float).SetPrec(prec).SetInt(bigPow10(max(x.Exponent, -x.Exponent))); x.Exponent < 0 {
		arg.Quo(arg, tens)
	} else {
		arg.Mul(arg, tens)
	}
	if x.Negative {
		arg.Neg(arg)
	}
	arg.SetMantExp(arg, -int(k))
	sum := new(big.Float).SetPrec(prec).SetInt64(1)
	term := new(big.Float).SetPrec(prec).SetInt64(1)
	n := new(big.Float).SetPrec(prec)
	for i := int64(1); term.Sign() != 0 && term.MantExp(nil) > -int(prec); i++ {
		term.Mul(term, arg)
		term.Quo(term, n.SetInt64(i))
		sum.Add(sum, term)
	}
	for range k {
		sum.Mul(sum, sum)
	}
	sum.Mul(sum, new(big.Float).SetPrec(prec).SetInt(bigPow10(scale)))
	sum.Add(sum, big.NewFloat(0.5))
	c, _ := sum.Int(nil)
	return newNum(false, c, scale)
}

func logError(n Num) error {
	switch {
	case n.IsZero():
		return sqlerr.New(sqlerr.InvalidArgForLog, "cannot take logarithm of zero")
	case n.neg:
		return sqlerr.New(sqlerr.InvalidArgForLog, "cannot take logarithm of a negative number")
	}
	return nil
}

// Ln is the natural logarithm; 2201E for zero and below.
func (n Num) Ln() (Num, error) {
	if n.IsNaN() {
		return n, nil
	}
	if err := logError(n); err != nil || n.IsInf() {
		return n, err
	}
	weight := n.lnWeight()
	return n.lnScale(weight, clampScale(minSigDigits-weight, n.scale))
}

// lnScale is ln(n), which has the given weight, rounded to scale.
func (n Num) lnScale(weight, scale int32) (Num, error) {
	r, err := n.lnAPD(scale + weight + guard)
	if err != nil {
		return Num{}, err
	}
	return fromAPD(r).Round(scale), nil
}

// lnAPD is ln(n) with so many significant digits.
func (n Num) lnAPD(digits int32) (*apd.Decimal, error) {
	var r, x apd.Decimal
	// The time that a logarithm takes grows with the digits of its argument, of
	// which the result depends on the leading ones.
	if _, err := apdContext(digits+max(-n.lnWeight(), 0)+guard).Round(&x, n.apd()); err != nil {
		return nil, numOverflow()
	}
	if _, err := apdContext(digits).Ln(&r, &x); err != nil {
		return nil, numOverflow()
	}
	return &r, nil
}

// lnWeight estimates the decimal weight of ln(n): estimate_ln_dweight.
func (n Num) lnWeight() int32 {
	if n.Sign() <= 0 {
		return 0
	}
	low, high := Num{coef: uint128{0, 9}, scale: 1}, Num{coef: uint128{0, 11}, scale: 1}
	if n.Cmp(low) >= 0 && n.Cmp(high) <= 0 {
		x, err := n.Sub(NumFromInt64(1))
		if err != nil || x.IsZero() {
			return 0
		}
		w, d := x.baseWeight()
		return w*4 + int32(math.Log10(float64(d)))
	}
	v := n.lnFloat()
	return int32(math.Log10(math.Abs(v)))
}

// lnFloat is ln(n) in double precision, for coefficients of any size.
func (n Num) lnFloat() float64 {
	drop := max(n.numDigits()-17, 0)
	c, _ := new(big.Float).SetInt(new(big.Int).Quo(n.bigCoef(), bigPow10(drop))).Float64()
	return math.Log(c) + float64(drop-n.scale)*math.Ln10
}

// Log is the logarithm of n to a base: 2201E for zero and below, 22012 for the
// base 1.
func (n Num) Log(base Num) (Num, error) {
	if n.IsNaN() || base.IsNaN() {
		return NaN(), nil
	}
	if err := logError(base); err != nil {
		return Num{}, err
	}
	if err := logError(n); err != nil {
		return Num{}, err
	}
	if n.IsInf() || base.IsInf() {
		switch {
		case n.IsInf() && base.IsInf():
			return NaN(), nil
		case n.IsInf():
			return n, nil
		}
		return Num{}, nil
	}
	wn, wb := n.lnWeight(), base.lnWeight()
	scale := clampScale(minSigDigits-(wn-wb), base.scale, n.scale)
	digits := max(scale+wn-wb, 0) + guard
	x, err := n.lnAPD(digits)
	if err != nil {
		return Num{}, err
	}
	y, err := base.lnAPD(digits)
	if err != nil {
		return Num{}, err
	}
	if y.IsZero() {
		return Num{}, divisionByZero()
	}
	var q apd.Decimal
	if _, err := apdContext(digits).Quo(&q, x, y); err != nil {
		return Num{}, numOverflow()
	}
	return fromAPD(&q).Round(scale), nil
}

// Log10 is the logarithm to base 10.
func (n Num) Log10() (Num, error) { return n.Log(NumFromInt64(10)) }

func apdContext(digits int32) *apd.Context {
	return &apd.Context{
		Precision:   uint32(max(digits, 20)),
		MaxExponent: apd.MaxExponent,
		MinExponent: apd.MinExponent,
		Rounding:    apd.RoundHalfUp,
	}
}

// apd is n, finite, as an apd.Decimal.
func (n Num) apd() *apd.Decimal {
	d := &apd.Decimal{Negative: n.neg, Exponent: -n.scale}
	d.Coeff.SetMathBigInt(n.bigCoef())
	return d
}

func fromAPD(d *apd.Decimal) Num {
	c := d.Coeff.MathBigInt()
	if d.Exponent >= 0 {
		return newNum(d.Negative, scaleUp(c, d.Exponent), 0)
	}
	return newNum(d.Negative, c, -d.Exponent)
}
