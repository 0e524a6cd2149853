package builtin

import "math"

// The functions that the C library computes by a formula over others, and rounds
// at each step: the same formulas give its last digits (W. Kahan's and K. C. Ng's
// of the freely distributable math library).

// log10 splits off the power of two, whose logarithm is added in two parts.
func log10(x float64) float64 {
	if isInf(x) || x != x {
		return x
	}
	const (
		hi    = 0x1.34413509f6p-2 // log10 2
		lo    = 0x1.9fef311f12b36p-42
		scale = 0x1.bcb7b1526e50ep-2 // 1 / ln 10
	)
	m, e := math.Frexp(x)
	m, e = 2*m, e-1
	if e < 0 {
		m, e = m/2, e+1
	}
	k := float64(e)
	return (k*lo + scale*correctLog(m)) + k*hi
}

func sinh(x float64) float64 {
	a, half := math.Abs(x), math.Copysign(0.5, x)
	switch {
	case a < 0x1p-28 || a != a || isInf(a):
		return x
	case a < 1:
		t := math.Expm1(a)
		return half * (2*t - t*t/(t+1))
	case a < 22:
		t := math.Expm1(a)
		return half * (t + t/(t+1))
	case a < 709.78:
		return half * correctExp(a)
	}
	w := correctExp(a / 2)
	return half * w * w
}

func cosh(x float64) float64 {
	a := math.Abs(x)
	switch {
	case a < math.Ln2/2:
		t := math.Expm1(a)
		return 1 + t*t/(2*(1+t))
	case a < 22:
		t := correctExp(a)
		return 0.5*t + 0.5/t
	case a < 709.78 || a != a || isInf(a):
		return 0.5 * correctExp(a)
	}
	w := correctExp(a / 2)
	return 0.5 * w * w
}

func tanh(x float64) float64 {
	a := math.Abs(x)
	var t float64
	switch {
	case a < 0x1p-55 || a != a:
		return x
	case a >= 22:
		t = 1
	case a >= 1:
		t = 1 - 2/(math.Expm1(2*a)+2)
	default:
		t = math.Expm1(-2 * a)
		t = -t / (t + 2)
	}
	return math.Copysign(t, x)
}

func asinh(x float64) float64 {
	a := math.Abs(x)
	var r float64
	switch {
	case a < 0x1p-28 || a != a || isInf(a):
		return x
	case a > 0x1p28:
		r = correctLog(a) + math.Ln2
	case a > 2:
		r = correctLog(2*a + 1/(math.Sqrt(a*a+1)+a))
	default:
		t := a * a
		r = math.Log1p(a + t/(1+math.Sqrt(1+t)))
	}
	return math.Copysign(r, x)
}

// acosh takes x ≥ 1.
func acosh(x float64) float64 {
	switch {
	case x >= 0x1p28:
		return correctLog(x) + math.Ln2
	case x > 2:
		return correctLog(2*x - 1/(x+math.Sqrt(x*x-1)))
	case x >= 1:
		t := x - 1
		return math.Log1p(t + math.Sqrt(2*t+t*t))
	}
	return math.Acosh(x)
}
