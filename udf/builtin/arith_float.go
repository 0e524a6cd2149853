package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

type float interface{ float32 | float64 }

func errOverflow() error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: overflow")
}

func errUnderflow() error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: underflow")
}

func isInf[T float](x T) bool { return math.IsInf(float64(x), 0) }

// The loops note results that are not finite (x−x is then NaN), and zeros that
// may be underflows; whether operands excuse them is seen in the second pass.

func addFloats[T float](dst, a, b []T) bool {
	failed := false
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		s := a[i] + b[i]
		dst[i] = s
		failed = failed || s-s != 0
	}
	return failed
}

func subFloats[T float](dst, a, b []T) bool {
	failed := false
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		s := a[i] - b[i]
		dst[i] = s
		failed = failed || s-s != 0
	}
	return failed
}

func mulFloats[T float](dst, a, b []T) bool {
	failed := false
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		p := a[i] * b[i]
		dst[i] = p
		failed = failed || p-p != 0 || p == 0
	}
	return failed
}

func divFloats[T float](dst, a, b []T) bool {
	failed := false
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		q := a[i] / b[i]
		dst[i] = q
		failed = failed || q-q != 0 || q == 0
	}
	return failed
}

func whySum[T float](op func(a, b T) T) func(a, b T) error {
	return func(a, b T) error {
		if isInf(op(a, b)) && !isInf(a) && !isInf(b) {
			return errOverflow()
		}
		return nil
	}
}

func whyMulFloat[T float](a, b T) error {
	switch p := a * b; {
	case isInf(p) && !isInf(a) && !isInf(b):
		return errOverflow()
	case p == 0 && a != 0 && b != 0:
		return errUnderflow()
	}
	return nil
}

func whyDivFloat[T float](a, b T) error {
	q := a / b
	switch {
	case b == 0 && a == a: // NaN / 0 is NaN
		return errDivisionByZero()
	case isInf(q) && !isInf(a):
		return errOverflow()
	case q == 0 && a != 0 && !isInf(b):
		return errUnderflow()
	}
	return nil
}

func registerFloats[T float](b *registrar, t arrow.DataType) {
	two := types(t, t)
	b.strict("+", two, t, arith(t, addFloats[T], whySum(func(a, b T) T { return a + b })))
	b.strict("-", two, t, arith(t, subFloats[T], whySum(func(a, b T) T { return a - b })))
	b.strict("*", two, t, arith(t, mulFloats[T], whyMulFloat[T]))
	b.strict("/", two, t, arith(t, divFloats[T], whyDivFloat[T]))
	b.strict("-", types(t), t, pure1(t, func(x T) T { return -x }))
	b.strict("+", types(t), t, identity)
	abs := pure1(t, func(x T) T { return T(math.Abs(float64(x))) })
	b.strict("abs", types(t), t, abs)
	b.strict("@", types(t), t, abs)
}
