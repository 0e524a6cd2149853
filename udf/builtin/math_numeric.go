package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/cockroachdb/apd/v3"

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
	b.strict("sqrt", one, tNumeric, map1(tNumeric, num.Sqrt))
	b.strict("exp", one, tNumeric, map1(tNumeric, num.Exp))
	b.strict("ln", one, tNumeric, map1(tNumeric, num.Ln))
	log10 := map1(tNumeric, num.Log10)
	b.strict("log", one, tNumeric, log10)
	b.strict("log10", one, tNumeric, log10)
	b.strict("log", two, tNumeric, map2(tNumeric, func(base, n num) (num, error) { return n.Log(base) }))
	for _, name := range []string{"power", "pow", "^"} {
		b.strict(name, two, tNumeric, map2(tNumeric, num.Pow))
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
