package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

func errDecimalRange() error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "numeric field overflow").
		WithDetail("A result of numeric arithmetic with a declared scale must have at most %d digits.", sqltype.MaxDecimalPrecision)
}

func scaleOf(t arrow.DataType) (precision, scale int32) {
	d := t.(*arrow.Decimal128Type)
	return d.Precision, d.Scale
}

// decimalSumType is that of a sum or difference: the larger scale, and one more
// digit before the point.
func decimalSumType(args []arrow.DataType) (arrow.DataType, error) {
	p1, s1 := scaleOf(args[0])
	p2, s2 := scaleOf(args[1])
	s := max(s1, s2)
	return sqltype.Decimal(min(max(p1-s1, p2-s2)+1+s, sqltype.MaxDecimalPrecision), s), nil
}

// decimalProductType has the scales' sum; where no Decimal128 has that, the
// product is a Numeric.
func decimalProductType(args []arrow.DataType) (arrow.DataType, error) {
	p1, s1 := scaleOf(args[0])
	p2, s2 := scaleOf(args[1])
	if s1+s2 > sqltype.MaxDecimalPrecision {
		return tNumeric, nil
	}
	return sqltype.Decimal(min(p1+p2, sqltype.MaxDecimalPrecision), s1+s2), nil
}

// decimalModType has the larger scale and the divisor's digits before it.
func decimalModType(args []arrow.DataType) (arrow.DataType, error) {
	p1, s1 := scaleOf(args[0])
	p2, s2 := scaleOf(args[1])
	s := max(s1, s2)
	return sqltype.Decimal(min(max(p1-s1, p2-s2)+s, sqltype.MaxDecimalPrecision), s), nil
}

func sameDecimal(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil }

// decimalArith makes a kernel of op over values that have the same scale, or
// their own scales when align is false. short, if any, is op for batches of
// values that are all short.
func decimalArith(returns returnFunc, align bool, short shortOp, op func(a, b decimal128.Num) (decimal128.Num, error)) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		t, err := returns(argTypes(args))
		if err != nil {
			return nil, err
		}
		_, s1 := scaleOf(args[0].Array.DataType())
		_, s2 := scaleOf(args[1].Array.DataType())
		if !align {
			s1, s2 = 0, 0
		}
		s := max(s1, s2)
		a, b := load[decimal128.Num](args[0]), load[decimal128.Num](args[1])
		v, out := valid(args, n), make([]decimal128.Num, n)
		if short != nil && short(out, shortDecimals(args[0], s-s1), shortDecimals(args[1], s-s2)) {
			return vector.FromFixed(t, out, v), nil
		}
		for i := range out {
			if !v.Valid(i) {
				continue
			}
			x, ok1 := sqltype.DecimalRescale(a.At(i), s1, s)
			y, ok2 := sqltype.DecimalRescale(b.At(i), s2, s)
			if !ok1 || !ok2 {
				return nil, &udf.RowError{Row: i, Err: errDecimalRange()}
			}
			if out[i], err = op(x, y); err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
		}
		return vector.FromFixed(t, out, v), nil
	}
}

func checkedDecimal(op func(a, b decimal128.Num) (decimal128.Num, bool)) func(a, b decimal128.Num) (decimal128.Num, error) {
	return func(a, b decimal128.Num) (decimal128.Num, error) {
		r, ok := op(a, b)
		if !ok {
			return r, errDecimalRange()
		}
		return r, nil
	}
}

func modDecimal(a, b decimal128.Num) (decimal128.Num, error) {
	if b == (decimal128.Num{}) {
		return b, errDivisionByZero()
	}
	if x, y := int64(a.LowBits()), int64(b.LowBits()); x>>63 == a.HighBits() && y>>63 == b.HighBits() && y != -1 {
		return decimal128.FromI64(x % y), nil
	}
	_, r := a.Div(b)
	return r, nil
}

// mulDecimal is the product, as a Numeric where no Decimal128 has its scale.
func mulDecimal(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	t, err := decimalProductType(argTypes(args))
	if err != nil {
		return nil, err
	}
	if t.ID() != arrow.DECIMAL128 {
		return map2(tNumeric, sqltype.Num.Mul)(ctx, args, n)
	}
	return decimalArith(decimalProductType, false, mulShort, checkedDecimal(sqltype.DecimalMul))(ctx, args, n)
}

func decimalUnary(f func(decimal128.Num) decimal128.Num) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		return pure1(args[0].Array.DataType(), f)(ctx, args, n)
	}
}

func registerDecimals(b *registrar) {
	add := func(name string, returns returnFunc, f batchFunc, digits func([]int64, []udf.Digits) bool) {
		b.scalar(udf.Scalar{Name: name, Params: types(udf.Decimal, udf.Decimal), ReturnFor: returns, Batch: f, Short: digits})
	}
	add("+", decimalSumType, decimalArith(decimalSumType, true, addShort, checkedDecimal(sqltype.DecimalAdd)), addDigits)
	add("-", decimalSumType, decimalArith(decimalSumType, true, subShort, checkedDecimal(sqltype.DecimalSub)), subDigits)
	add("*", decimalProductType, mulDecimal, mulDigits)
	mod := decimalArith(decimalModType, true, nil, modDecimal)
	add("%", decimalModType, mod, nil)
	add("mod", decimalModType, mod, nil)
	b.strict("/", types(udf.Decimal, udf.Decimal), tNumeric, map2(tNumeric, sqltype.Num.Div))

	unary := func(name string, f batchFunc) {
		b.scalar(udf.Scalar{Name: name, Params: types(udf.Decimal), ReturnFor: sameDecimal, Batch: f})
	}
	unary("-", decimalUnary(decimal128.Num.Negate))
	unary("+", identity)
	unary("abs", decimalUnary(decimal128.Num.Abs))
	unary("@", decimalUnary(decimal128.Num.Abs))
}

func registerNumerics(b *registrar) {
	two := types(tNumeric, tNumeric)
	b.strict("+", two, tNumeric, map2(tNumeric, sqltype.Num.Add))
	b.strict("-", two, tNumeric, map2(tNumeric, sqltype.Num.Sub))
	b.strict("*", two, tNumeric, map2(tNumeric, sqltype.Num.Mul))
	b.strict("/", two, tNumeric, map2(tNumeric, sqltype.Num.Div))
	b.strict("%", two, tNumeric, map2(tNumeric, sqltype.Num.Mod))
	b.strict("mod", two, tNumeric, map2(tNumeric, sqltype.Num.Mod))
	b.strict("-", types(tNumeric), tNumeric, pure1(tNumeric, sqltype.Num.Neg))
	b.strict("+", types(tNumeric), tNumeric, identity)
	b.strict("abs", types(tNumeric), tNumeric, pure1(tNumeric, sqltype.Num.Abs))
	b.strict("@", types(tNumeric), tNumeric, pure1(tNumeric, sqltype.Num.Abs))
}
