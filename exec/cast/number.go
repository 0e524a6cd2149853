package cast

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
)

type (
	signed interface{ ~int16 | ~int32 | ~int64 }
	float  interface{ ~float32 | ~float64 }
)

// toNumber is the cast to an integer, float or numeric type, or nil.
func toNumber(from, to arrow.DataType, o Options) Func {
	switch from.ID() {
	case arrow.INT16:
		return fromInt[int16](to, o)
	case arrow.INT32:
		return fromInt[int32](to, o)
	case arrow.INT64:
		return fromInt[int64](to, o)
	case arrow.FLOAT32:
		return fromFloat[float32](to, o, sqltype.NumFromFloat32)
	case arrow.FLOAT64:
		return fromFloat[float64](to, o, sqltype.NumFromFloat64)
	case arrow.BOOL:
		if to.ID() == arrow.INT32 {
			return func(a arrow.Array) (arrow.Array, error) {
				b := a.(*array.Boolean)
				return rows(a, to, o, func(i int) (int32, error) {
					if b.Value(i) {
						return 1, nil
					}
					return 0, nil
				})
			}
		}
		return nil
	}
	if d, ok := from.(*arrow.Decimal128Type); ok {
		if t, ok := to.(*arrow.Decimal128Type); ok {
			return rescale(d, t, o)
		}
		return fromNum(to, o, func(a arrow.Array) func(int) sqltype.Num {
			src := kernel.Values[decimal128.Num](a)
			return func(i int) sqltype.Num { return sqltype.NumFromDecimal128(src[i], d.Scale) }
		})
	}
	if sqltype.IsUnconstrainedNumeric(from) {
		return fromNum(to, o, func(a arrow.Array) func(int) sqltype.Num { return a.(*sqltype.NumericArray).Value })
	}
	if sqltype.Equal(from, sqltype.JSONB) {
		return fromJSONNumber(to, o)
	}
	return nil
}

func fromInt[S signed](to arrow.DataType, o Options) Func {
	switch to.ID() {
	case arrow.INT16:
		return narrow[S, int16](to, o, "smallint")
	case arrow.INT32:
		return narrow[S, int32](to, o, "integer")
	case arrow.INT64:
		return narrow[S, int64](to, o, "bigint")
	case arrow.FLOAT32:
		return total(to, convert[S, float32])
	case arrow.FLOAT64:
		return total(to, convert[S, float64])
	}
	if t, ok := to.(*arrow.Decimal128Type); ok {
		return fixed(to, o, func(v S) (decimal128.Num, error) {
			return sqltype.DecimalCast(decimal128.FromI64(int64(v)), 0, t.Precision, t.Scale)
		})
	}
	return fromNum(to, o, func(a arrow.Array) func(int) sqltype.Num {
		src := kernel.Values[S](a)
		return func(i int) sqltype.Num { return sqltype.NumFromInt64(int64(src[i])) }
	})
}

func convert[S signed | float, D signed | float](dst []D, src []S) {
	for i, v := range src {
		dst[i] = D(v)
	}
}

// narrow converts all rows first and looks for those that changed afterwards:
// the common case has no branch in its loop.
func narrow[S, D signed](to arrow.DataType, o Options, name string) Func {
	return func(a arrow.Array) (arrow.Array, error) {
		src := kernel.Values[S](a)
		dst := make([]D, len(src))
		bad := false
		for i, v := range src {
			dst[i] = D(v)
			bad = bad || S(dst[i]) != v
		}
		r := newOutcome(a, o)
		if bad {
			for i, v := range src {
				if S(dst[i]) == v || r.isNull(i) {
					continue
				}
				if err := r.failed(i, outOfRange(name)); err != nil {
					return nil, err
				}
			}
		}
		return kernel.FromValues(to, dst, r.valid), nil
	}
}

func outOfRange(name string) error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "%s out of range", name)
}

func fromFloat[S float](to arrow.DataType, o Options, num func(S) sqltype.Num) Func {
	switch to.ID() {
	case arrow.INT16:
		return fixed(to, o, roundTo[S, int16](math.MinInt16, -math.MinInt16, "smallint"))
	case arrow.INT32:
		return fixed(to, o, roundTo[S, int32](math.MinInt32, -math.MinInt32, "integer"))
	case arrow.INT64:
		return fixed(to, o, roundTo[S, int64](math.MinInt64, -math.MinInt64, "bigint"))
	case arrow.FLOAT64:
		return total(to, convert[S, float64])
	case arrow.FLOAT32:
		return fixed(to, o, toFloat32[S])
	}
	return fromNum(to, o, func(a arrow.Array) func(int) sqltype.Num {
		src := kernel.Values[S](a)
		return func(i int) sqltype.Num { return num(src[i]) }
	})
}

// roundTo rounds half to even and accepts lo ≤ v < hi.
func roundTo[S float, D signed](lo, hi float64, name string) func(S) (D, error) {
	err := outOfRange(name)
	return func(v S) (D, error) {
		r := math.RoundToEven(float64(v))
		if !(r >= lo && r < hi) {
			return 0, err
		}
		return D(r), nil
	}
}

func toFloat32[S float](v S) (float32, error) {
	f := float32(v)
	switch {
	case math.IsInf(float64(f), 0) && !math.IsInf(float64(v), 0):
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: overflow")
	case f == 0 && v != 0:
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "value out of range: underflow")
	}
	return f, nil
}

func rescale(from, to *arrow.Decimal128Type, o Options) Func {
	return fixed(to, o, func(v decimal128.Num) (decimal128.Num, error) {
		return sqltype.DecimalCast(v, from.Scale, to.Precision, to.Scale)
	})
}

// fromNum is the cast of a column read as numeric.
func fromNum(to arrow.DataType, o Options, read func(arrow.Array) func(int) sqltype.Num) Func {
	switch to.ID() {
	case arrow.INT16:
		return numTo(to, o, read, func(n sqltype.Num) (int16, error) { v, err := n.ToInt(16); return int16(v), err })
	case arrow.INT32:
		return numTo(to, o, read, func(n sqltype.Num) (int32, error) { v, err := n.ToInt(32); return int32(v), err })
	case arrow.INT64:
		return numTo(to, o, read, sqltype.Num.ToInt64)
	case arrow.FLOAT32:
		return numTo(to, o, read, numToFloat32)
	case arrow.FLOAT64:
		return numTo(to, o, read, numToFloat64)
	}
	if t, ok := to.(*arrow.Decimal128Type); ok {
		return numTo(to, o, read, func(n sqltype.Num) (decimal128.Num, error) { return n.ToDecimal128(t.Precision, t.Scale) })
	}
	return func(a arrow.Array) (arrow.Array, error) {
		at := read(a)
		b := sqltype.NewNumericBuilder(a.Len())
		for i := range a.Len() {
			if a.IsNull(i) {
				b.AppendNull()
			} else {
				b.Append(at(i))
			}
		}
		return b.NewArray(), nil
	}
}

func numTo[D any](to arrow.DataType, o Options, read func(arrow.Array) func(int) sqltype.Num, f func(sqltype.Num) (D, error)) Func {
	return func(a arrow.Array) (arrow.Array, error) {
		at := read(a)
		return rows(a, to, o, func(i int) (D, error) { return f(at(i)) })
	}
}

func numToFloat64(n sqltype.Num) (float64, error) {
	f := n.ToFloat64()
	if math.IsInf(f, 0) && !n.IsInf() {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "\"%s\" is out of range for type double precision", n)
	}
	return f, nil
}

func numToFloat32(n sqltype.Num) (float32, error) {
	f := float32(n.ToFloat64())
	if math.IsInf(float64(f), 0) && !n.IsInf() {
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "\"%s\" is out of range for type real", n)
	}
	return f, nil
}
