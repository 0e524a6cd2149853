package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

func errInputRange() error { return sqlerr.New(sqlerr.NumericOutOfRange, "input is out of range") }

// registerFloatMath adds the functions of double precision.
func registerFloatMath(b *registrar) {
	one := types(tFloat8)
	plain := func(name string, f func(float64) float64) {
		b.strict(name, one, tFloat8, map1(tFloat8, func(x float64) (float64, error) { return checkRange(f(x), x) }))
	}
	plain("atan", correctAtan)
	plain("tanh", tanh)
	plain("asinh", asinh)
	plain("degrees", func(x float64) float64 { return x / (math.Pi / 180) })
	b.strict("radians", one, tFloat8, map1(tFloat8, func(x float64) (float64, error) {
		r := x * (math.Pi / 180)
		if r == 0 && x != 0 {
			return 0, errUnderflow()
		}
		return r, nil
	}))
	plain("cbrt", math.Cbrt)
	plain("||/", math.Cbrt)
	for _, name := range []string{"ceil", "ceiling"} {
		plain(name, math.Ceil)
	}
	plain("floor", math.Floor)
	plain("trunc", math.Trunc)
	plain("round", math.RoundToEven)
	plain("sign", func(x float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return 0 // of NaN too
	})
	domain := func(name string, f func(float64) float64, ok func(float64) bool) {
		b.strict(name, one, tFloat8, map1(tFloat8, func(x float64) (float64, error) {
			if x == x && !ok(x) {
				return 0, errInputRange()
			}
			return f(x), nil
		}))
	}
	unit := func(x float64) bool { return x >= -1 && x <= 1 }
	domain("asin", correctAsin, unit)
	domain("acos", correctAcos, unit)
	domain("atanh", math.Atanh, unit)
	domain("acosh", acosh, func(x float64) bool { return x >= 1 })
	finite := func(x float64) bool { return !isInf(x) }
	domain("sin", correctSin, finite)
	domain("cos", correctCos, finite)
	domain("tan", correctTan, finite)
	domain("cot", func(x float64) float64 { return 1 / correctTan(x) }, finite)
	domain("sind", sinDegrees, finite)
	domain("cosd", cosDegrees, finite)
	domain("tand", tanDegrees, finite)
	domain("cotd", cotDegrees, finite)
	domain("asind", asinDegrees, unit)
	domain("acosd", acosDegrees, unit)
	plain("atand", func(x float64) float64 { return correctAtan(x) / math.Atan(1) * 45 })
	whole := func(float64) bool { return true }
	domain("sinh", sinh, whole)
	domain("cosh", cosh, whole)
	b.strict("sqrt", one, tFloat8, map1(tFloat8, sqrtFloat))
	b.strict("|/", one, tFloat8, map1(tFloat8, sqrtFloat))
	b.strict("exp", one, tFloat8, map1(tFloat8, expFloat))
	b.strict("ln", one, tFloat8, map1(tFloat8, logFloat(correctLog)))
	b.strict("log", one, tFloat8, map1(tFloat8, logFloat(log10)))
	b.strict("log10", one, tFloat8, map1(tFloat8, logFloat(log10)))
	two := types(tFloat8, tFloat8)
	b.strict("atan2", two, tFloat8, pure2(tFloat8, correctAtan2))
	b.strict("atan2d", two, tFloat8, pure2(tFloat8, func(y, x float64) float64 { return correctAtan2(y, x) / math.Atan(1) * 45 }))
	for _, name := range []string{"power", "pow", "^"} {
		b.strict(name, two, tFloat8, map2(tFloat8, powerFloat))
	}
	// PostgreSQL has round(x, places) for numeric only, which integers still mean.
	b.strict("round", types(tFloat8, tInt4), tFloat8, roundFloats)
	for _, t := range types(tInt2, tInt4, tInt8) {
		b.resolveAs("round", types(t, tInt4), types(tNumeric, tInt4), tNumeric)
	}
	b.strict("isfinite", one, tBool, pure1(tBool, func(x float64) bool { return x-x == 0 }))
	b.strict("isnan", one, tBool, pure1(tBool, func(x float64) bool { return x != x }))
	b.scalar(udf.Scalar{Name: "pi", Returns: tFloat8, Batch: constantOf(tFloat8, math.Pi)})
}

// checkRange refuses an infinite result of a finite argument.
func checkRange(r, x float64) (float64, error) {
	if isInf(r) && !isInf(x) {
		return r, errOverflow()
	}
	return r, nil
}

func sqrtFloat(x float64) (float64, error) {
	if x < 0 {
		return 0, sqlerr.New(sqlerr.InvalidArgForPower, "cannot take square root of a negative number")
	}
	return math.Sqrt(x), nil
}

func expFloat(x float64) (float64, error) {
	r := correctExp(x)
	if r == 0 && !isInf(x) {
		return 0, errUnderflow()
	}
	return checkRange(r, x)
}

func logFloat(f func(float64) float64) func(float64) (float64, error) {
	return func(x float64) (float64, error) {
		switch {
		case x == 0:
			return 0, sqlerr.New(sqlerr.InvalidArgForLog, "cannot take logarithm of zero")
		case x < 0:
			return 0, sqlerr.New(sqlerr.InvalidArgForLog, "cannot take logarithm of a negative number")
		}
		return f(x), nil
	}
}

func powerFloat(x, y float64) (float64, error) {
	switch {
	case x == 0 && y < 0:
		return 0, sqlerr.New(sqlerr.InvalidArgForPower, "zero raised to a negative power is undefined")
	case x < 0 && !isInf(y) && y == y && math.Floor(y) != y:
		return 0, sqlerr.New(sqlerr.InvalidArgForPower, "a negative number raised to a non-integer power yields a complex result")
	}
	r := correctPow(x, y)
	switch {
	case isInf(r) && !isInf(x) && !isInf(y):
		return 0, errOverflow()
	case r == 0 && x != 0 && !isInf(x) && !isInf(y):
		return 0, errUnderflow()
	}
	return r, nil
}

// exactPowers are the powers of ten that a float8 holds exactly.
var exactPowers = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// roundFloats rounds half away from zero at a decimal place, as DuckDB does.
func roundFloats(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	if !args[1].Const || args[0].Const || args[1].Array.IsNull(0) {
		return pure2(tFloat8, func(x float64, places int32) float64 { return roundAt(x, powerOfTen(places)) })(ctx, args, n)
	}
	p := powerOfTen(load[int32](args[1]).At(0))
	out := make([]float64, n)
	for i, x := range vector.Fixed[float64](args[0].Array) {
		out[i] = roundAt(x, p)
	}
	return vector.FromFixed(tFloat8, out, valid(args, n)), nil
}

func powerOfTen(places int32) float64 {
	if uint32(places) < uint32(len(exactPowers)) {
		return exactPowers[places]
	}
	return math.Pow(10, float64(places))
}

// roundAt rounds to a multiple of 1/p.
func roundAt(x, p float64) float64 {
	if r := roundHalfAway(x*p) / p; r-r == 0 {
		return r
	}
	return x
}

// roundHalfAway is math.Round, without a branch on the exponent. What is added
// is the greatest float8 below a half: with a half itself 0.49999999999999994
// would become 1.
func roundHalfAway(x float64) float64 {
	return math.Trunc(x + math.Copysign(0.49999999999999994, x))
}
