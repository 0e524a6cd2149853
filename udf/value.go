package udf

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf/vector"
)

// Value is the Go types of arguments and results, and their SQL types:
//
//	bool     boolean            string     text
//	int16    smallint           []byte     bytea
//	int32    integer            time.Time  timestamptz (or see WithTypes)
//	int64    bigint             Null[T]    T's, or NULL
//	float32  real               []T        T's array, of one dimension
//	float64  double precision
//
// A []byte or []T argument is the engine's own memory: it must not be changed,
// nor kept after the call. A NULL element of an array is the zero value for a
// []T; a []Null[T] tells them apart.
type Value interface {
	bool | int16 | int32 | int64 | float32 | float64 | string | []byte | time.Time |
		Null[bool] | Null[int16] | Null[int32] | Null[int64] | Null[float32] | Null[float64] |
		Null[string] | Null[[]byte] | Null[time.Time] |
		[]bool | []int16 | []int32 | []int64 | []float32 | []float64 | []string | []time.Time |
		[]Null[bool] | []Null[int32] | []Null[int64] | []Null[float64] | []Null[string]
}

// Null is a value that may be NULL. A function with a Null parameter is called
// for rows where that argument is NULL; a Null result gives NULL unless Valid.
type Null[T any] struct {
	V     T
	Valid bool
}

// Some is a value that is not NULL.
func Some[T any](v T) Null[T] { return Null[T]{V: v, Valid: true} }

// sqlTypeOf is the SQL type of T, and whether T is a Null.
func sqlTypeOf[T Value]() (t arrow.DataType, null bool) {
	switch any(*new(T)).(type) {
	case Null[bool]:
		return sqltype.Bool, true
	case Null[int16]:
		return sqltype.Int16, true
	case Null[int32]:
		return sqltype.Int32, true
	case Null[int64]:
		return sqltype.Int64, true
	case Null[float32]:
		return sqltype.Float32, true
	case Null[float64]:
		return sqltype.Float64, true
	case Null[string]:
		return sqltype.Text, true
	case Null[[]byte]:
		return sqltype.Bytea, true
	case Null[time.Time]:
		return sqltype.TimestampTZ, true
	case bool:
		return sqltype.Bool, false
	case int16:
		return sqltype.Int16, false
	case int32:
		return sqltype.Int32, false
	case int64:
		return sqltype.Int64, false
	case float32:
		return sqltype.Float32, false
	case float64:
		return sqltype.Float64, false
	case string:
		return sqltype.Text, false
	case []byte:
		return sqltype.Bytea, false
	}
	if t := listTypeOf(any(*new(T))); t != nil {
		return t, false
	}
	return sqltype.TimestampTZ, false
}

// decode is an argument as Go values. Types whose Arrow layout is Go's are not
// copied.
func decode[T Value](a Arg) vector.Column[T] {
	return vector.NewColumn(decodeArray[T](a.Array), a.Const)
}

func decodeArray[T Value](a arrow.Array) []T {
	var out []T
	switch p := any(&out).(type) {
	case *[]Null[bool]:
		*p = nullable(a, vector.Bools(a))
	case *[]Null[int16]:
		*p = nullable(a, vector.Fixed[int16](a))
	case *[]Null[int32]:
		*p = nullable(a, vector.Fixed[int32](a))
	case *[]Null[int64]:
		*p = nullable(a, vector.Fixed[int64](a))
	case *[]Null[float32]:
		*p = nullable(a, vector.Fixed[float32](a))
	case *[]Null[float64]:
		*p = nullable(a, vector.Fixed[float64](a))
	case *[]Null[string]:
		*p = nullable(a, vector.Strings(a))
	case *[]Null[[]byte]:
		*p = nullable(a, vector.ByteSlices(a))
	case *[]Null[time.Time]:
		*p = nullable(a, times(a))
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
	case *[]string:
		*p = vector.Strings(a)
	case *[][]byte:
		*p = vector.ByteSlices(a)
	case *[]time.Time:
		*p = times(a)
	default:
		decodeLists(p, a)
	}
	return out
}

func nullable[T any](a arrow.Array, values []T) []Null[T] {
	v := vector.ValidityOf(a)
	out := make([]Null[T], len(values))
	for i := range out {
		if v.Valid(i) {
			out[i] = Null[T]{values[i], true}
		}
	}
	return out
}

const secondsPerDay = 24 * 60 * 60

// times reads a date, timestamp or timestamptz, in UTC.
func times(a arrow.Array) []time.Time {
	out := make([]time.Time, a.Len())
	if a.DataType().ID() == arrow.DATE32 {
		for i, d := range vector.Fixed[int32](a) {
			out[i] = time.Unix(int64(d)*secondsPerDay, 0).UTC()
		}
		return out
	}
	for i, us := range vector.Fixed[int64](a) {
		out[i] = time.UnixMicro(us).UTC()
	}
	return out
}

// encode makes an array of type t; rows not valid in v, and Nulls, are NULL.
func encode[T Value](t arrow.DataType, values []T, v vector.Validity) (arrow.Array, error) {
	switch x := any(values).(type) {
	case []Null[bool]:
		return encodeNull(t, x, v)
	case []Null[int16]:
		return encodeNull(t, x, v)
	case []Null[int32]:
		return encodeNull(t, x, v)
	case []Null[int64]:
		return encodeNull(t, x, v)
	case []Null[float32]:
		return encodeNull(t, x, v)
	case []Null[float64]:
		return encodeNull(t, x, v)
	case []Null[string]:
		return encodeNull(t, x, v)
	case []Null[[]byte]:
		return encodeNull(t, x, v)
	case []Null[time.Time]:
		return encodeNull(t, x, v)
	}
	return encodePlain(t, values, v)
}

func encodeNull[T any](t arrow.DataType, values []Null[T], v vector.Validity) (arrow.Array, error) {
	plain := make([]T, len(values))
	for i, x := range values {
		plain[i] = x.V
		if !x.Valid {
			v.SetNull(i, len(values))
		}
	}
	return encodePlain(t, plain, v)
}

func encodePlain[T any](t arrow.DataType, values []T, v vector.Validity) (arrow.Array, error) {
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
	case []string:
		return encodeBinary(t, x, v)
	case [][]byte:
		return encodeBinary(t, x, v)
	}
	if x, ok := any(values).([]time.Time); ok {
		return encodeTimes(t, x, v), nil
	}
	return encodeLists(t, any(values), v)
}

func encodeTimes(t arrow.DataType, values []time.Time, v vector.Validity) arrow.Array {
	if t.ID() == arrow.DATE32 {
		days := make([]int32, len(values))
		for i, x := range values {
			y, m, d := x.Date()
			days[i] = int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
		}
		return vector.FromFixed(t, days, v)
	}
	micros := make([]int64, len(values))
	for i, x := range values {
		micros[i] = x.UnixMicro()
	}
	return vector.FromFixed(t, micros, v)
}
