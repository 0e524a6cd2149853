package sqltype

import "math/big"

// Round rounds half away from zero to scale digits after the point, or before
// it when scale is negative. The result's scale is max(scale, 0).
func (n Num) Round(scale int32) Num { return n.rescale(scale, true) }

// Trunc cuts to scale digits after the point, or before it when negative.
func (n Num) Trunc(scale int32) Num { return n.rescale(scale, false) }

func (n Num) rescale(scale int32, round bool) Num {
	if n.form != finite {
		return n
	}
	scale = max(min(scale, 2*maxDispScale), -2*maxDispScale)
	shown := max(scale, 0)
	drop := n.scale - scale // digits to lose
	if drop <= 0 {
		return n.widen(scale)
	}
	if n.large == nil {
		var q uint128
		if round {
			q = n.coef.divPow10Half(drop)
		} else if drop <= maxPow10 {
			q, _ = n.coef.div(pow10[drop])
		}
		r := Num{coef: q, scale: shown, neg: n.neg && !q.isZero()}
		if scale >= 0 {
			return r
		}
		if r.coef, round = q.mulPow10(-scale); round {
			return r
		}
		return newNum(n.neg, scaleUp(bigFrom(q), -scale), 0)
	}
	c := new(big.Int).Set(n.large)
	if d := bigPow10(drop); round {
		c = divHalfAway(c, d)
	} else {
		c.Quo(c, d)
	}
	if scale < 0 {
		scaleUp(c, -scale)
	}
	return newNum(n.neg, c, shown)
}

// widen is n at a scale that is not smaller than its own.
func (n Num) widen(scale int32) Num {
	if n.large == nil {
		if c, ok := n.coef.mulPow10(scale - n.scale); ok {
			n.coef, n.scale = c, scale
			return n
		}
	}
	return newNum(n.neg, scaleUp(new(big.Int).Set(n.bigCoef()), scale-n.scale), scale)
}

// Ceil is the smallest integer that is not less than n.
func (n Num) Ceil() Num { return n.toInteger(!n.neg) }

// Floor is the largest integer that is not greater than n.
func (n Num) Floor() Num { return n.toInteger(n.neg) }

// toInteger cuts the fraction, going away from zero if there was one and away
// is set.
func (n Num) toInteger(away bool) Num {
	t := n.Trunc(0)
	if n.form != finite || !away || t.Cmp(n) == 0 {
		return t
	}
	if c, ok := t.coef.add(uint128{0, 1}); ok && t.large == nil {
		t.coef, t.neg = c, n.neg
		return t
	}
	c := new(big.Int).Add(t.bigCoef(), big.NewInt(1))
	return newNum(n.neg, c, 0)
}
