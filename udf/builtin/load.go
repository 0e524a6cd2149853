package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// load is an argument's values as Go values of the type that goes with its
// Arrow type: dates are int32 days, timestamps and times int64 microseconds,
// text is string, bytea is []byte. A sqltype.Num is loaded from a Decimal128
// and from an integer too.
func load[T any](a udf.Arg) vector.Column[T] {
	return vector.NewColumn(values[T](a.Array), a.Const)
}

func values[T any](a arrow.Array) []T {
	var out []T
	switch p := any(&out).(type) {
	case *[]bool:
		*p = vector.Bools(a)
	case *[]int16:
		*p = vector.Fixed[int16](a)
	case *[]int32:
		*p = vector.Fixed[int32](a)
	case *[]int64:
		*p = vector.Fixed[int64](a)
	case *[]float32:
		*p = vector.Fixed[float32](a)
	case *[]float64:
		*p = vector.Fixed[float64](a)
	case *[]decimal128.Num:
		*p = vector.Fixed[decimal128.Num](a)
	case *[]arrow.MonthDayNanoInterval:
		*p = vector.Fixed[arrow.MonthDayNanoInterval](a)
	case *[][16]byte:
		*p = vector.Fixed[[16]byte](a)
	case *[]string:
		*p = vector.Strings(a)
	case *[][]byte:
		*p = vector.ByteSlices(a)
	case *[]sqltype.Num:
		*p = nums(a)
	}
	return out
}

// nums decodes the values of an exact numeric type; NULL rows give some value.
func nums(a arrow.Array) []sqltype.Num {
	out := make([]sqltype.Num, a.Len())
	switch t := a.DataType().(type) {
	case *arrow.Decimal128Type:
		for i, v := range vector.Fixed[decimal128.Num](a) {
			out[i] = sqltype.NumFromDecimal128(v, t.Scale)
		}
	case *arrow.Int64Type:
		for i, v := range vector.Fixed[int64](a) {
			out[i] = sqltype.NumFromInt64(v)
		}
	case *arrow.Int32Type:
		for i, v := range vector.Fixed[int32](a) {
			out[i] = sqltype.NumFromInt64(int64(v))
		}
	case *arrow.Int16Type:
		for i, v := range vector.Fixed[int16](a) {
			out[i] = sqltype.NumFromInt64(int64(v))
		}
	default:
		b := vector.NewBinary(a)
		for i := range out {
			out[i] = sqltype.DecodeNum(b.At(i))
		}
	}
	return out
}

// store makes an array of type t from values, the inverse of load.
func store[T any](t arrow.DataType, values []T, v vector.Validity) (arrow.Array, error) {
	switch x := any(values).(type) {
	case []bool:
		return vector.FromBools(x, v), nil
	case []int16:
		return vector.FromFixed(t, x, v), nil
	case []int32:
		return vector.FromFixed(t, x, v), nil
	case []int64:
		return vector.FromFixed(t, x, v), nil
	case []float32:
		return vector.FromFixed(t, x, v), nil
	case []float64:
		return vector.FromFixed(t, x, v), nil
	case []decimal128.Num:
		return vector.FromFixed(t, x, v), nil
	case []arrow.MonthDayNanoInterval:
		return vector.FromFixed(t, x, v), nil
	case []sqltype.Num:
		return storeNums(x, v)
	case []string:
		w := newTextWriter(nil, len(x))
		for i, s := range x {
			if v.Valid(i) {
				w.data = append(w.data, s...)
			}
			if err := w.endRow(); err != nil {
				return nil, err
			}
		}
		return w.array(t, v), nil
	}
	return nil, internalType(t)
}

func storeNums(values []sqltype.Num, v vector.Validity) (arrow.Array, error) {
	w := newTextWriter(nil, len(values))
	for i, x := range values {
		if v.Valid(i) {
			w.data = sqltype.AppendNum(w.data, x)
		}
		if err := w.endRow(); err != nil {
			return nil, err
		}
	}
	return w.array(tNumeric, v), nil
}
