package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/cockroachdb/apd/v3"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// registerNumericMath adds the functions of numeric. Transcendental ones have
// at least 16 significant digits, and the scale that PostgreSQL chooses.
func registerNumericMath(b *registrar) {
	one, withScale, two := types(tNumeric), types(tNumeric, tInt4), types(tNumeric, tNumeric)
	b.strict("round", one, tNumeric, pure1(tNumeric, func(n num) num { return n.Round(0) }))
	b.strict("trunc", one, tNumeric, pure1(tNumeric, func(n num) num { return n.Trunc(0) }))
	b.strict("round", withScale, tNumeric, pure2(tNumeric, func(n num, s int32) num { return n.Round(s) }))
	b.strict("trunc", withScale, tNumeric, pure2(tNumeric, func(n num, s int32) num { return n.Trunc(s) }))
	for _, name := range []string{"ceil", "ceiling"} {
		b.strict(name, one, tNumeric, pure1(tNumeric, num.Ceil))
	}
	b.strict("floor", one, tNumeric, pure1(tNumeric, num.Floor))
	b.strict("sign", one, tNumeric, pure1(tNumeric, func(n num) num {
		if n.IsNaN() {
			return n
		}
		return sqltype.NumFromInt64(int64(n.Sign()))
	}))
	b.strict("scale", one, tInt4, finiteOnly(num.Scale))
	b.strict("trim_scale", one, tNumeric, pure1(tNumeric, num.Reduce))
	b.strict("min_scale", one, tInt4, finiteOnly(func(n num) int32 { return n.Reduce().Scale() }))
	b.strict("div", two, tNumeric, map2(tNumeric, num.DivTrunc))
	b.strict("sqrt", one, tNumeric, map1(tNumeric, sqrtNumeric))
	b.strict("exp", one, tNumeric, map1(tNumeric, expNumeric))
	b.strict("ln", one, tNumeric, map1(tNumeric, lnNumeric))
	ten := sqltype.NumFromInt64(10)
	log10 := map1(tNumeric, func(n num) (num, error) { return logNumeric(ten, n) })
	b.strict("log", one, tNumeric, log10)
	b.strict("log10", one, tNumeric, log10)
	b.strict("log", two, tNumeric, map2(tNumeric, logNumeric))
	for _, name := range []string{"power", "pow", "^"} {
		b.strict(name, two, tNumeric, map2(tNumeric, powerNumeric))
	}
}

type num = sqltype.Num

// finiteOnly is NULL for NaN and the infinities.
func finiteOnly(f func(num) int32) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, v := load[num](args[0]), valid(args, n).Clone()
		out := make([]int32, n)
		for i := range out {
			if !v.Valid(i) {
				continue
			}
			if x := a.At(i); x.IsNaN() || x.IsInf() {
				v.SetNull(i, n)
			} else {
				out[i] = f(x)
			}
		}
		return vector.FromFixed(tInt4, out, v), nil
	}
}

const (
	minSigDigits = 16
	maxScale     = 1000
)

// exact gives n as an apd.Decimal; n must be finite.
func exact(n num) *apd.Decimal {
	d, _, _ := apd.NewFromString(n.String()) // a finite Num's text is a decimal
	return d
}

// exponent is e of n = d.ddd·10^e; 0 for zero.
func exponent(d *apd.Decimal) int64 {
	if d.IsZero() {
		return 0
	}
	return d.NumDigits() + int64(d.Exponent) - 1
}

// resultScale is 16 significant digits for a result of about 10^weight, but no
// less than the operands' scales.
func resultScale(weight int64, operands ...num) int32 {
	s := minSigDigits - weight
	for _, n := range operands {
		s = max(s, int64(n.Scale()))
	}
	return int32(min(max(s, 0), maxScale))
}

// compute runs f with precision for scale digits after the point of a result of
// about 10^weight, and rounds to scale.
func compute(weight int64, scale int32, f func(c *apd.Context, d *apd.Decimal) error) (num, error) {
	c := apd.BaseContext.WithPrecision(uint32(max(weight, 0) + int64(scale) + 20))
	var d apd.Decimal
	if err := f(c, &d); err != nil {
		return num{}, sqlerr.New(sqlerr.NumericOutOfRange, "value overflows numeric format")
	}
	n, err := sqltype.ParseNum([]byte(d.Text('f')))
	if err != nil {
		return num{}, err
	}
	return n.Round(scale), nil
}

func sqrtNumeric(n num) (num, error) {
	switch {
	case n.IsNaN() || n.IsInf() && n.Sign() > 0:
		return n, nil
	case n.Sign() < 0:
		return n, sqlerr.New(sqlerr.InvalidArgForPower, "cannot take square root of a negative number")
	}
	d := exact(n)
	w := baseWeight(d)
	sweight := w*4/2 + 1
	if w < 0 {
		sweight = 1 - (1-w*4)/2
	}
	scale := resultScale(sweight, n)
	return compute(sweight, scale, func(c *apd.Context, r *apd.Decimal) error {
		_, err := c.Sqrt(r, d)
		return err
	})
}

// baseWeight is the weight of the first digit in base 10000.
func baseWeight(d *apd.Decimal) int64 {
	if d.IsZero() {
		return 0
	}
	return int64(math.Floor(float64(exponent(d)) / 4))
}

func expNumeric(n num) (num, error) {
	switch {
	case n.IsInf() && n.Sign() < 0:
		return num{}, nil
	case n.IsNaN() || n.IsInf():
		return n, nil
	}
	f := n.ToFloat64() * math.Log10E
	switch {
	case f > 131072:
		return num{}, sqlerr.New(sqlerr.NumericOutOfRange, "value overflows numeric format")
	case f < -maxScale-1:
		return num{}.Round(maxScale), nil
	}
	scale := resultScale(int64(f), n)
	return compute(int64(f)+1, scale, func(c *apd.Context, r *apd.Decimal) error {
		_, err := c.Exp(r, exact(n))
		return err
	})
}

// lnWeight estimates e of |ln n| ≈ 10^e.
func lnWeight(d *apd.Decimal) int64 {
	f := floatOf(d)
	if f >= 0.9 && f <= 1.1 {
		var diff apd.Decimal
		_, _ = apd.BaseContext.WithPrecision(2000).Sub(&diff, d, apd.New(1, 0)) // cannot fail
		if diff.IsZero() {
			return 0
		}
		return exponent(&diff)
	}
	return int64(math.Log10(math.Abs(lnOf(d))))
}

func floatOf(d *apd.Decimal) float64 {
	f, _ := d.Float64()
	return f
}

// lnOf is ln d, for d beyond double precision too.
func lnOf(d *apd.Decimal) float64 {
	e := exponent(d)
	var m apd.Decimal
	m.Set(d)
	m.Exponent -= int32(e)
	return math.Log(floatOf(&m)) + float64(e)*math.Ln10
}

func checkLog(n num) error {
	switch {
	case n.IsNaN():
		return nil
	case n.IsZero():
		return sqlerr.New(sqlerr.InvalidArgForLog, "cannot take logarithm of zero")
	case n.Sign() < 0:
		return sqlerr.New(sqlerr.InvalidArgForLog, "cannot take logarithm of a negative number")
	}
	return nil
}

func lnNumeric(n num) (num, error) {
	if err := checkLog(n); err != nil || n.IsNaN() || n.IsInf() {
		return n, err
	}
	d := exact(n)
	w := lnWeight(d)
	return compute(w+1, resultScale(w, n), func(c *apd.Context, r *apd.Decimal) error {
		_, err := c.Ln(r, leading(c, d, w))
		return err
	})
}

// leading is as many digits of d as its logarithm, about 10^weight, takes at
// the precision of c: the time that a logarithm takes grows with all of them.
func leading(c *apd.Context, d *apd.Decimal, weight int64) *apd.Decimal {
	digits := int64(c.Precision) + max(-weight, 0) + 20
	if d.NumDigits() <= digits {
		return d
	}
	var short apd.Decimal
	if _, err := c.WithPrecision(uint32(digits)).Round(&short, d); err != nil {
		return d
	}
	return &short
}

func logNumeric(base, n num) (num, error) {
	if base.IsNaN() || n.IsNaN() {
		return sqltype.NaN(), nil
	}
	for _, x := range []num{base, n} {
		if err := checkLog(x); err != nil {
			return n, err
		}
	}
	switch {
	case base.IsInf() && n.IsInf():
		return sqltype.NaN(), nil
	case n.IsInf():
		return n, nil
	case base.IsInf():
		return num{}, nil
	}
	b, d := exact(base), exact(n)
	if b.Cmp(apd.New(1, 0)) == 0 {
		return n, errDivisionByZero()
	}
	weight, baseWeight := lnWeight(d), lnWeight(b)
	w := weight - baseWeight
	return compute(w+1, resultScale(w, base, n), func(c *apd.Context, r *apd.Decimal) error {
		var lb, ln apd.Decimal
		wide := c.WithPrecision(c.Precision + 20)
		if _, err := wide.Ln(&lb, leading(wide, b, baseWeight)); err != nil {
			return err
		}
		if _, err := wide.Ln(&ln, leading(wide, d, weight)); err != nil {
			return err
		}
		_, err := c.Quo(r, &ln, &lb)
		return err
	})
}

func powerNumeric(x, y num) (num, error) {
	if x.IsNaN() || y.IsNaN() || x.IsInf() || y.IsInf() {
		return powerSpecial(x, y)
	}
	whole := y.Reduce().Scale() == 0
	switch {
	case x.IsZero() && y.Sign() < 0:
		return x, sqlerr.New(sqlerr.InvalidArgForPower, "zero raised to a negative power is undefined")
	case x.Sign() < 0 && !whole:
		return x, sqlerr.New(sqlerr.InvalidArgForPower, "a negative number raised to a non-integer power yields a complex result")
	case y.IsZero():
		return sqltype.NumFromInt64(1).Round(resultScale(0, x, y)), nil
	case x.IsZero():
		return num{}.Round(resultScale(0, x, y)), nil
	}
	dx, dy := exact(x), exact(y)
	abs := new(apd.Decimal).Abs(dx)
	weight := lnOf(abs) * floatOf(dy) * math.Log10E
	switch {
	case weight > 131072:
		return num{}, sqlerr.New(sqlerr.NumericOutOfRange, "value overflows numeric format")
	case weight+1 < -maxScale:
		return num{}.Round(maxScale), nil
	}
	scale := resultScale(int64(weight), x, y)
	if _, err := y.ToInt(32); whole && err == nil {
		scale = resultScale(0, x, y)
	}
	r, err := compute(int64(weight)+1, scale, func(c *apd.Context, r *apd.Decimal) error {
		_, err := c.Pow(r, abs, dy)
		return err
	})
	if odd, modErr := y.Mod(sqltype.NumFromInt64(2)); modErr == nil && dx.Negative && !odd.IsZero() {
		r = r.Neg()
	}
	return r, err
}

// powerSpecial follows POSIX pow() for NaN and the infinities.
func powerSpecial(x, y num) (num, error) {
	f, err := powerFloat(x.ToFloat64(), y.ToFloat64())
	if err != nil {
		return num{}, err
	}
	return sqltype.NumFromFloat64(f), nil
}
