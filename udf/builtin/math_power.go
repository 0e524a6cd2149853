package builtin

import "math"

// correctPow is x to the power of y, rounded correctly but for very rare cases,
// as the C library's is: math.Pow may be wrong in the last digits. It works
// with numbers that are the sum of two float64s (Dekker, "A floating-point
// technique for extending the available precision", 1971), about 100 bits:
//
//	log x = e·ln 2 + log m   one Newton step from math.Log
//	exp t = 2^k · (1 + p)    Taylor of t reduced by ln 2 and by 2⁹, squared back
func correctPow(x, y float64) float64 {
	rough := math.Pow(x, y)
	if rough == 0 || rough == 1 && y == 0 || x == 1 || math.IsNaN(rough) || math.IsInf(rough, 0) || math.IsInf(y, 0) {
		return rough
	}
	t := logPair(math.Abs(x))
	hi, err := product(t.hi, y)
	t = sum(hi, err+t.lo*y)
	r, k := expPair(t)
	v := math.Ldexp(r.hi+r.lo, k)
	if v == 0 || math.IsInf(v, 0) || math.Abs(rough) < 0x1p-1000 { // where the exponent ends
		return rough
	}
	return math.Copysign(v, rough)
}

// pair is hi + lo, where lo is less than half a unit in hi's last place.
type pair struct{ hi, lo float64 }

// sum is a + b, exactly, when a is not the smaller one by much.
func sum(a, b float64) pair {
	s := a + b
	v := s - a
	return pair{s, (a - (s - v)) + (b - v)}
}

// product is a·b and what its rounding has lost.
func product(a, b float64) (p, err float64) {
	p = a * b
	return p, math.FMA(a, b, -p)
}

func (a pair) plus(b pair) pair {
	s := sum(a.hi, b.hi)
	return sum(s.hi, s.lo+a.lo+b.lo)
}

func (a pair) times(b pair) pair {
	p, err := product(a.hi, b.hi)
	return sum(p, err+a.hi*b.lo+a.lo*b.hi)
}

// ln 2 in two parts, and 1/n! where a float64 is not enough.
var (
	ln2Pair     = pair{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56}
	sixth       = pair{0x1.5555555555555p-3, 0x1.5555555555555p-57}
	twentyForth = pair{0x1.5555555555555p-5, 0x1.5555555555555p-59}
)

const expHalvings = 9

// expPair is e^t = 2^k · r.
func expPair(t pair) (r pair, k int) {
	n := math.RoundToEven(t.hi / math.Ln2)
	p, err := product(n, ln2Pair.hi)
	t = t.plus(pair{-p, -err}).plus(pair{-n * ln2Pair.lo, 0})
	const scale = 1.0 / (1 << expHalvings)
	t = pair{t.hi * scale, t.lo * scale}
	// p = t + t²/2 + t³/6 + t⁴/24 + the rest, which is below 2⁻⁶⁴ of it
	rest := t.hi * t.hi * t.hi * t.hi * t.hi * (1.0/120 + t.hi*(1.0/720+t.hi*(1.0/5040+t.hi/40320)))
	q := twentyForth.times(t).plus(sixth).times(t).plus(pair{0.5, 0}).times(t).times(t).plus(pair{rest, 0}).plus(t)
	for range expHalvings { // (1+q)² = 1 + 2q + q²
		q = pair{2 * q.hi, 2 * q.lo}.plus(q.times(q))
	}
	return pair{1, 0}.plus(q), int(n)
}

// logPair is log x for a finite x > 0.
func logPair(x float64) pair {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	guess := math.Log(m)
	r, k := expPair(pair{guess, 0})
	if k != 0 {
		r = pair{math.Ldexp(r.hi, k), math.Ldexp(r.lo, k)}
	}
	l := sum(guess, 2*((m-r.hi)-r.lo)/(m+r.hi))
	if e == 0 {
		return l
	}
	p, err := product(float64(e), ln2Pair.hi)
	return pair{p, 0}.plus(l).plus(pair{err + float64(e)*ln2Pair.lo, 0})
}
