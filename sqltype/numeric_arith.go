package sqltype

import (
	"cmp"
	"math/big"
)

// Add is n+m with the larger of both scales; 22003 beyond numeric's range.
func (n Num) Add(m Num) (Num, error) { return checked(n.AddWide(m)) }

// AddWide is Add without numeric's limits, for what an aggregate keeps.
func (n Num) AddWide(m Num) Num {
	if n.form|m.form != finite {
		return addSpecial(n, m)
	}
	if n.large == nil && m.large == nil {
		if sum, ok := addSmall(n, m); ok {
			return sum
		}
	}
	scale := max(n.scale, m.scale)
	a, b := n.signedBig(scale), m.signedBig(scale)
	a.Add(a, b)
	neg := a.Sign() < 0
	return newNum(neg, a.Abs(a), scale)
}

// Sub is n−m with the larger of both scales; 22003 beyond numeric's range.
func (n Num) Sub(m Num) (Num, error) { return n.Add(m.Neg()) }

// addSmall is the sum when everything fits in 128 bits.
func addSmall(n, m Num) (Num, bool) {
	a, b, scale := n.coef, m.coef, n.scale
	if n.scale != m.scale {
		var ok bool
		if n.scale < m.scale {
			a, ok = a.mulPow10(m.scale - n.scale)
			scale = m.scale
		} else {
			b, ok = b.mulPow10(n.scale - m.scale)
		}
		if !ok {
			return Num{}, false
		}
	}
	if n.neg == m.neg {
		sum, ok := a.add(b)
		return Num{coef: sum, scale: scale, neg: n.neg}, ok
	}
	switch a.cmp(b) {
	case 1:
		return Num{coef: a.sub(b), scale: scale, neg: n.neg}, true
	case -1:
		return Num{coef: b.sub(a), scale: scale, neg: m.neg}, true
	}
	return Num{scale: scale}, true
}

func addSpecial(n, m Num) Num {
	switch {
	case n.IsNaN() || m.IsNaN() || n.IsInf() && m.IsInf() && n.neg != m.neg:
		return NaN()
	case n.IsInf():
		return n
	}
	return m
}

// Mul is n·m; its scale is the sum of both scales. 22003 beyond numeric's range.
func (n Num) Mul(m Num) (Num, error) {
	p := n.MulWide(m)
	if p.scale > maxNumScale {
		p = p.Round(maxNumScale)
	}
	return checked(p)
}

// MulWide is Mul without numeric's limits, for what an aggregate keeps.
func (n Num) MulWide(m Num) Num {
	if n.form|m.form != finite {
		if n.IsNaN() || m.IsNaN() || n.IsZero() || m.IsZero() {
			return NaN()
		}
		return Num{form: infinite, neg: n.neg != m.neg}
	}
	scale, neg := n.scale+m.scale, n.neg != m.neg
	if n.large == nil && m.large == nil {
		if p, ok := n.coef.mul(m.coef); ok {
			return Num{coef: p, scale: scale, neg: neg && !p.isZero()}
		}
	}
	return newNum(neg, new(big.Int).Mul(n.bigCoef(), m.bigCoef()), scale)
}

// signedBig is a fresh ±coefficient at the given scale, not less than n's own.
func (n Num) signedBig(scale int32) *big.Int {
	c := scaleUp(new(big.Int).Set(n.bigCoef()), scale-n.scale)
	if n.neg {
		c.Neg(c)
	}
	return c
}

// Cmp is −1, 0 or 1 by value: the scale does not matter, NaN equals NaN and is
// greater than Infinity.
func (n Num) Cmp(m Num) int {
	if n.form|m.form != finite {
		return cmp.Compare(n.rank(), m.rank())
	}
	if s, t := n.Sign(), m.Sign(); s != t {
		if s < t {
			return -1
		}
		return 1
	}
	c := n.cmpAbs(m)
	if n.neg {
		return -c
	}
	return c
}

// rank orders −Infinity, the finite numbers, Infinity and NaN.
func (n Num) rank() int {
	switch {
	case n.form == notANumber:
		return 2
	case n.form == infinite && n.neg:
		return -1
	case n.form == infinite:
		return 1
	}
	return 0
}

func (n Num) cmpAbs(m Num) int {
	if n.large == nil && m.large == nil {
		if n.scale == m.scale {
			return n.coef.cmp(m.coef)
		}
		if n.scale < m.scale {
			if a, ok := n.coef.mulPow10(m.scale - n.scale); ok {
				return a.cmp(m.coef)
			}
			return 1 // n's coefficient at m's scale needs more than 128 bits
		}
		if b, ok := m.coef.mulPow10(n.scale - m.scale); ok {
			return n.coef.cmp(b)
		}
		return -1
	}
	scale := max(n.scale, m.scale)
	return n.signedBig(scale).CmpAbs(m.signedBig(scale))
}
