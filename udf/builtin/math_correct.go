package builtin

import "math"

// The elementary functions of package math may be wrong in the last digit, which
// PostgreSQL shows. The ones here are rounded correctly but for very rare cases,
// as those of the C library are: what math says is improved by one Newton step, or
// a series is summed, in numbers that are the sum of two float64s (see
// correctPow). Of a series only the terms that reach beyond 2⁻¹⁷ of the sum need
// them, which leaves an error of about 2⁻⁷⁰: one result in 100,000 may be rounded
// wrongly.

// correctExp is e^x.
func correctExp(x float64) float64 {
	if !(x > -745 && x < 710) {
		return math.Exp(x)
	}
	q, k := shortExp(x)
	r := pair{1, 0}.plus(q)
	return math.Ldexp(r.hi+r.lo, k)
}

// shortExp is e^x = 2^k · (1 + q).
func shortExp(x float64) (q pair, k int) {
	const halvings = 3
	n := math.RoundToEven(x / math.Ln2)
	p, err := product(n, ln2Pair.hi)
	t := sum(x-p, -err-n*ln2Pair.lo)
	t = pair{t.hi * (1.0 / (1 << halvings)), t.lo * (1.0 / (1 << halvings))}
	z := t.hi
	small := z * z * z * z * (1.0/24 + z*(1.0/120+z*(1.0/720+z*(1.0/5040+z*(1.0/40320+z*(1.0/362880+z/3628800))))))
	q = sixth.times(t).plus(pair{0.5, 0}).times(t).times(t).plus(pair{small, 0}).plus(t)
	for range halvings { // (1+q)² = 1 + 2q + q²
		q = pair{2 * q.hi, 2 * q.lo}.plus(q.times(q))
	}
	return q, int(n)
}

// correctLog is the natural logarithm of an x > 0.
func correctLog(x float64) float64 {
	if isInf(x) || x != x {
		return x
	}
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	guess := math.Log(m)
	q, _ := shortExp(guess) // of less than ln √2, so that it has no power of 2
	d := 2 * ((m - 1 - q.hi) - q.lo) / (m + 1 + q.hi)
	if e == 0 {
		return guess + d
	}
	p, err := product(float64(e), ln2Pair.hi)
	l := sum(p, guess)
	return l.hi + (l.lo + (d + (err + float64(e)*ln2Pair.lo)))
}

// π/2 in three parts.
const (
	halfPi1 = 0x1.921fb54442d18p+0
	halfPi2 = 0x1.1a62633145c07p-54
	halfPi3 = -0x1.f1976b7ed8fbcp-110
)

// largestAngle is the one up to which three parts of π/2 are enough.
const largestAngle = 1 << 30

// quadrantOf gives x as r + n·π/2 where |r| ≤ π/4, and n modulo 4.
func quadrantOf(x float64) (r pair, n int) {
	k := math.RoundToEven(x / halfPi1)
	p1, e1 := product(k, halfPi1)
	p2, e2 := product(k, halfPi2)
	r = pair{x - p1, 0}.plus(pair{-e1, 0}).plus(pair{-p2, -e2}).plus(pair{-k * halfPi3, 0})
	return r, int(int64(k) & 3)
}

// quotient is a / b.
func (a pair) quotient(b pair) pair {
	q := a.hi / b.hi
	p, err := product(q, b.hi)
	return sum(q, ((a.hi-p)-err+a.lo-q*b.lo)/b.hi)
}

func (a pair) negative() pair { return pair{-a.hi, -a.lo} }

// inverseFactorials are 1/n!.
var inverseFactorials = func() (out [22]pair) {
	f := 1.0
	for n := range out {
		f *= float64(max(n, 1)) // exact, up to 22!
		out[n] = pair{1, 0}.quotient(pair{f, 0})
	}
	return out
}()

// alternating sums the series of sine (first 1) and cosine (first 0) in z = r²:
// 1/first! − z/(first+2)! + z²/(first+4)! …, small terms in plain numbers.
func alternating(z pair, first int) pair {
	const terms, exact = 10, 4
	small := 0.0
	for k := terms; k >= exact; k-- {
		small = inverseFactorials[2*k+first].hi - z.hi*small
	}
	out := pair{small, 0}
	for k := exact - 1; k >= 0; k-- {
		out = inverseFactorials[2*k+first].plus(z.times(out).negative())
	}
	return out
}

// sinCosPair is sine and cosine of |x| ≤ largestAngle.
func sinCosPair(x float64) (s, c pair) {
	r, n := quadrantOf(x)
	return sineIn(r, n), sineIn(r, n+1)
}

// sineIn is the sine of r + n·π/2.
func sineIn(r pair, n int) (s pair) {
	z := r.times(r)
	if n&1 == 0 {
		s = r.times(alternating(z, 1))
	} else {
		s = alternating(z, 0)
	}
	if n&2 != 0 {
		return s.negative()
	}
	return s
}

func ordinaryAngle(x float64) bool { return x != 0 && math.Abs(x) <= largestAngle }

func correctSin(x float64) float64 {
	if !ordinaryAngle(x) {
		return math.Sin(x)
	}
	r, n := quadrantOf(x)
	s := sineIn(r, n)
	return s.hi + s.lo
}

func correctCos(x float64) float64 {
	if !ordinaryAngle(x) {
		return math.Cos(x)
	}
	r, n := quadrantOf(x)
	c := sineIn(r, n+1)
	return c.hi + c.lo
}

func correctTan(x float64) float64 {
	if !ordinaryAngle(x) {
		return math.Tan(x)
	}
	s, c := sinCosPair(x)
	t := s.quotient(c)
	return t.hi + t.lo
}

func correctAtan(x float64) float64 { return correctAtan2(x, 1) }

// correctAtan2 improves a from math by the angle between (x, y) and a's direction.
func correctAtan2(y, x float64) float64 {
	a := math.Atan2(y, x)
	if x == 0 || y == 0 || a == 0 || a != a || isInf(x) || isInf(y) {
		return a
	}
	_, e := math.Frexp(max(math.Abs(x), math.Abs(y)))
	x, y = math.Ldexp(x, -e), math.Ldexp(y, -e)
	if min(math.Abs(x), math.Abs(y)) < 0x1p-900 {
		return a
	}
	s, c := sinCosPair(a)
	off := pair{y, 0}.times(c).plus(pair{x, 0}.times(s).negative())
	return a + off.hi/(x*c.hi+y*s.hi)
}

// correctAsin takes −1 to 1, as correctAcos does.
func correctAsin(x float64) float64 {
	a := math.Asin(x)
	if x == 0 || !(math.Abs(x) < 1) {
		return a
	}
	s, c := sinCosPair(a)
	d := pair{x, 0}.plus(s.negative()).hi / c.hi
	return a + (d + d*d*x/(2*c.hi))
}

func correctAcos(x float64) float64 {
	a := math.Acos(x)
	if !(math.Abs(x) < 1) {
		return a
	}
	s, c := sinCosPair(a)
	d := c.plus(pair{-x, 0}).hi / s.hi
	return a + (d - d*d*x/(2*s.hi))
}
