package sqltype

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"volley/sqlerr"
)

// Pow is n to the power e. 2201F for zero to a negative power and for a negative
// number to a power that is not an integer; 22003 when it is too large.
func (n Num) Pow(e Num) (Num, error) {
	one := NumFromInt64(1)
	if n.form|e.form != finite {
		return powSpecial(n, e)
	}
	if n.IsZero() && e.Sign() < 0 {
		return Num{}, sqlerr.New(sqlerr.InvalidArgForPower, "zero raised to a negative power is undefined")
	}
	whole := e.Reduce().scale == 0
	if whole {
		if k, err := e.ToInt(32); err == nil {
			return n.powInt(k, clampScale(minSigDigits, n.scale))
		}
	}
	if n.IsZero() {
		return Num{scale: minSigDigits}, nil
	}
	neg := false
	if n.neg {
		if !whole {
			return Num{}, complexPower()
		}
		neg = e.isOdd()
		n = n.Abs()
	}
	v := n.lnFloat() * e.ToFloat64()
	if n.Cmp(one) == 0 {
		v = 0
	} else if math.Abs(n.lnFloat()) < 1e-3 { // ln(1+x) from x: the digits of n may not fit a double
		x, _ := n.Sub(one)
		v = math.Log1p(x.ToFloat64()) * e.ToFloat64()
	}
	if math.Abs(v) > 6.02*maxDispScale {
		if v > 0 {
			return Num{}, numOverflow()
		}
		return Num{scale: maxDispScale}, nil
	}
	weight := int32(v * math.Log10E)
	scale := clampScale(minSigDigits-weight, n.scale, e.scale)
	ln, err := n.lnAPD(max(scale+weight, 0) + e.numDigits() + guard)
	if err != nil {
		return Num{}, err
	}
	var x apd.Decimal
	if _, err := apdContext(scale+max(weight, 0)+e.numDigits()+guard).Mul(&x, ln, e.apd()); err != nil {
		return Num{}, numOverflow()
	}
	r, err := expScale(&x, v, scale)
	if neg {
		r = r.Neg()
	}
	return r, err
}

// isOdd tells whether an integer is odd.
func (n Num) isOdd() bool {
	r := n.Trunc(0)
	if r.large != nil {
		return r.large.Bit(0) == 1
	}
	return r.coef.lo&1 == 1
}

// powInt is n^k rounded to scale.
func (n Num) powInt(k int64, scale int32) (Num, error) {
	switch {
	case k == 0:
		return NumFromInt64(1).widen(scale), nil
	case n.IsZero():
		return Num{scale: scale}, nil
	}
	weight := float64(k) * n.Abs().lnFloat() * math.Log10E // of the result
	switch {
	case weight > maxNumDigits:
		return Num{}, numOverflow()
	case weight < float64(-scale-2):
		return Num{scale: scale}, nil
	}
	neg := n.neg && k&1 == 1
	abs := k
	if k < 0 {
		abs = -k
	}
	// The exact power, when it has not many more digits than the result shows.
	if digits := float64(abs) * float64(n.numDigits()); digits < 4*(math.Abs(weight)+float64(scale)+64) {
		c := new(big.Int).Exp(n.bigCoef(), big.NewInt(abs), nil)
		p := Num{large: c, scale: n.scale * int32(abs)}
		if k > 0 {
			return checked(newNum(neg, c, p.scale).Round(scale))
		}
		num := bigPow10(p.scale + scale)
		return checked(newNum(neg, divHalfAway(num, c), scale))
	}
	return n.powIntApprox(k, scale, int32(weight), neg)
}

// powIntApprox multiplies with rounding to the digits needed.
func (n Num) powIntApprox(k int64, scale, weight int32, neg bool) (Num, error) {
	ctx := apdContext(scale + weight + guard + int32(math.Log10(math.Abs(float64(k)))) + 8)
	base, result := n.Abs().apd(), apd.New(1, 0)
	for abs := uint64(max(k, -k)); abs > 0; abs >>= 1 {
		if abs&1 == 1 {
			if _, err := ctx.Mul(result, result, base); err != nil {
				return Num{}, numOverflow()
			}
		}
		if abs > 1 {
			if _, err := ctx.Mul(base, base, base); err != nil {
				return Num{}, numOverflow()
			}
		}
	}
	if k < 0 {
		if _, err := ctx.Quo(result, apd.New(1, 0), result); err != nil {
			return Num{}, numOverflow()
		}
	}
	r := fromAPD(result).Round(scale)
	if neg {
		r = r.Neg()
	}
	return checked(r)
}

// powSpecial follows POSIX pow for NaN and the infinities.
func powSpecial(n, e Num) (Num, error) {
	one := NumFromInt64(1)
	switch {
	case e.IsZero():
		return one, nil
	case n.Cmp(one) == 0:
		return one, nil
	case n.IsNaN() || e.IsNaN():
		return NaN(), nil
	case n.IsZero() && e.neg:
		return Num{}, sqlerr.New(sqlerr.InvalidArgForPower, "zero raised to a negative power is undefined")
	case n.neg && e.form == finite && e.Reduce().scale != 0:
		return Num{}, complexPower()
	case e.IsInf():
		switch c := n.Abs().Cmp(one); {
		case c == 0:
			return one, nil
		case c > 0 == !e.neg:
			return Inf(1), nil
		}
		return Num{}, nil
	case e.neg:
		return Num{}, nil
	case !n.neg:
		return Inf(1), nil
	}
	if e.isOdd() {
		return Inf(-1), nil
	}
	return Inf(1), nil
}

func complexPower() error {
	return sqlerr.New(sqlerr.InvalidArgForPower,
		"a negative number raised to a non-integer power yields a complex result")
}
