package sqltype

import (
	"math/big"

	"volley/sqlerr"
)

func divisionByZero() error {
	return sqlerr.New(sqlerr.DivisionByZero, "division by zero")
}

// Div is n/m rounded half away from zero to the scale PostgreSQL chooses: at
// least 16 significant digits and at least the scale of both operands. 22012
// when m is zero.
func (n Num) Div(m Num) (Num, error) {
	if n.form|m.form != finite {
		return divSpecial(n, m)
	}
	if m.IsZero() {
		return Num{}, divisionByZero()
	}
	return n.divScale(m, divResultScale(n, m))
}

// DivScale is n/m rounded half away from zero to the given scale, both finite.
func (n Num) DivScale(m Num, scale int32) (Num, error) {
	if n.form|m.form != finite {
		return divSpecial(n, m)
	}
	if m.IsZero() {
		return Num{}, divisionByZero()
	}
	return n.divScale(m, scale)
}

func (n Num) divScale(m Num, scale int32) (Num, error) {
	neg := n.neg != m.neg
	shift := scale + m.scale - n.scale // numerator·10^shift / denominator
	if n.large == nil && m.large == nil {
		a, b := n.coef, m.coef
		var ok bool
		if shift >= 0 {
			a, ok = a.mulPow10(shift)
		} else {
			b, ok = b.mulPow10(-shift)
		}
		if ok {
			q, r := a.div(b)
			if r.cmp(b.sub(r)) >= 0 {
				q, ok = q.add(uint128{0, 1})
			}
			if ok {
				return Num{coef: q, scale: scale, neg: neg && !q.isZero()}, nil
			}
		}
	}
	a := new(big.Int).Set(n.bigCoef())
	b := m.bigCoef()
	if shift >= 0 {
		scaleUp(a, shift)
	} else {
		b = scaleUp(new(big.Int).Set(b), -shift)
	}
	return checked(newNum(neg, divHalfAway(a, b), scale))
}

// divHalfAway is a/b for a ≥ 0, b > 0, rounded half up, in a's memory.
func divHalfAway(a, b *big.Int) *big.Int {
	var r big.Int
	a.QuoRem(a, b, &r)
	if r.Lsh(&r, 1).CmpAbs(b) >= 0 {
		a.Add(a, big.NewInt(1))
	}
	return a
}

func divSpecial(n, m Num) (Num, error) {
	switch {
	case n.IsNaN() || m.IsNaN():
		return NaN(), nil
	case n.IsInf() && m.IsInf():
		return NaN(), nil
	case n.IsInf() && m.IsZero():
		return Num{}, divisionByZero()
	case n.IsInf():
		return Num{form: infinite, neg: n.neg != m.neg}, nil
	}
	return Num{}, nil // finite / infinite
}

// divResultScale is select_div_scale of PostgreSQL's numeric.c. Its estimate of
// the quotient's size works on digits of base 10,000, so ours must, too.
func divResultScale(n, m Num) int32 {
	w1, d1 := n.baseWeight()
	w2, d2 := m.baseWeight()
	qweight := w1 - w2
	if d1 <= d2 {
		qweight--
	}
	scale := max(minSigDigits-qweight*4, n.scale, m.scale, 0)
	return min(scale, maxDispScale)
}

// baseWeight is the exponent of n's first base-10,000 digit and that digit; 0
// and 0 for zero.
func (n Num) baseWeight() (weight int32, digit uint64) {
	if n.IsZero() {
		return 0, 0
	}
	digits := n.numDigits()
	exp := digits - 1 - n.scale // of the first decimal digit
	weight = exp >> 2
	lead := exp - weight*4 + 1 // decimal digits in the first base-10,000 digit
	if n.large != nil {
		var q big.Int
		return weight, q.Quo(n.large, bigPow10(digits-lead)).Uint64()
	}
	if digits < lead {
		return weight, n.coef.lo * pow10[lead-digits].lo
	}
	q, _ := n.coef.div(pow10[digits-lead])
	return weight, q.lo
}

// Mod is n − m·trunc(n/m), with n's sign and the larger of both scales. 22012
// when m is zero.
func (n Num) Mod(m Num) (Num, error) {
	if n.form|m.form != finite {
		switch {
		case n.IsNaN() || m.IsNaN():
			return NaN(), nil
		case n.IsInf() && m.IsZero():
			return Num{}, divisionByZero()
		case n.IsInf():
			return NaN(), nil
		}
		return n, nil
	}
	if m.IsZero() {
		return Num{}, divisionByZero()
	}
	scale := max(n.scale, m.scale)
	if n.large == nil && m.large == nil {
		a, ok1 := n.coef.mulPow10(scale - n.scale)
		b, ok2 := m.coef.mulPow10(scale - m.scale)
		if ok1 && ok2 {
			_, r := a.div(b)
			return Num{coef: r, scale: scale, neg: n.neg && !r.isZero()}, nil
		}
	}
	a := n.Abs().signedBig(scale)
	return newNum(n.neg, a.Rem(a, m.Abs().signedBig(scale)), scale), nil
}

// DivTrunc is trunc(n/m) with scale 0, PostgreSQL's div(n, m).
func (n Num) DivTrunc(m Num) (Num, error) {
	if n.form|m.form != finite {
		return divSpecial(n, m)
	}
	rest, err := n.Mod(m)
	if err != nil {
		return Num{}, err
	}
	whole, err := n.Sub(rest)
	if err != nil {
		return Num{}, err
	}
	return whole.divScale(m, 0)
}
