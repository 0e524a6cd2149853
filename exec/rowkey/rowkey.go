// Package rowkey turns rows of key columns into bytes and numbers by which
// operators group, join, sort and partition them.
//
//	Table     gives every distinct key a number, its group, counted from 0
//	Encoder   order-preserving bytes for sorting (order.go)
//	Hash      a hash of each row that is the same in every process (hash.go)
//
// Two rows have equal keys when SQL calls them equal, or when they are NULL in
// the same columns: −0 = 0, NaN = NaN, numeric 1.0 = 1.00, interval '1 month' =
// '30 days', and a dictionary-encoded value equals the plain one. Keys are
// always compared, never their hashes alone.
package rowkey

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsontext"
)

// Supported tells whether values of type t can be keys; the error is 42883.
func Supported(t arrow.DataType) error {
	switch t := t.(type) {
	case arrow.ExtensionType:
		if sqltype.Equal(t, sqltype.JSON) {
			return sqlerr.New(sqlerr.UndefinedFunction, "could not identify an equality operator for type json")
		}
		return Supported(t.StorageType())
	case *arrow.DictionaryType:
		return Supported(t.ValueType)
	case *arrow.ListType:
		return Supported(t.Elem())
	case *arrow.StructType:
		for _, f := range t.Fields() {
			if err := Supported(f.Type); err != nil {
				return err
			}
		}
		return nil
	case *arrow.StringType, *arrow.BinaryType, *arrow.NullType, arrow.FixedWidthDataType:
		return nil
	}
	return sqlerr.New(sqlerr.UndefinedFunction, "could not identify an equality operator for type %s", t)
}

// fixedWidth is the size in bytes of the normalised value of a type whose
// values have a fixed size of at most 8, or 0.
func fixedWidth(t arrow.DataType) int {
	switch t.ID() {
	case arrow.BOOL, arrow.INT8, arrow.UINT8:
		return 1
	case arrow.INT16, arrow.UINT16:
		return 2
	case arrow.INT32, arrow.UINT32, arrow.FLOAT32, arrow.DATE32, arrow.TIME32:
		return 4
	case arrow.INT64, arrow.UINT64, arrow.FLOAT64, arrow.DATE64, arrow.TIME64, arrow.TIMESTAMP, arrow.DURATION:
		return 8
	}
	return 0
}

// fixedValues writes the normalised value of each row of a column with
// fixedWidth > 0 into dst, signed integers sign-extended. NULL rows get
// anything.
func fixedValues(a arrow.Array, dst []uint64) { fixedValuesFrom(a, 0, dst) }

// fixedValuesFrom is fixedValues for the rows from one on.
func fixedValuesFrom(a arrow.Array, from int, dst []uint64) {
	to := from + len(dst)
	switch a.DataType().ID() {
	case arrow.BOOL:
		b := a.(*array.Boolean)
		for i := range dst {
			dst[i] = 0
			if b.Value(from + i) {
				dst[i] = 1
			}
		}
	case arrow.FLOAT32:
		for i, v := range kernel.Values[float32](a)[from:to] {
			dst[i] = uint64(normalFloat32(v))
		}
	case arrow.FLOAT64:
		for i, v := range kernel.Values[float64](a)[from:to] {
			dst[i] = normalFloat64(v)
		}
	case arrow.INT8:
		extend(dst, kernel.Values[int8](a)[from:to])
	case arrow.UINT8:
		extend(dst, kernel.Values[uint8](a)[from:to])
	case arrow.INT16:
		extend(dst, kernel.Values[int16](a)[from:to])
	case arrow.UINT16:
		extend(dst, kernel.Values[uint16](a)[from:to])
	case arrow.INT32, arrow.DATE32, arrow.TIME32:
		extend(dst, kernel.Values[int32](a)[from:to])
	case arrow.UINT32:
		extend(dst, kernel.Values[uint32](a)[from:to])
	default:
		copy(dst, kernel.Values[uint64](a)[from:to])
	}
}

// wordValues is the column's own memory where its values are their normalised
// form already, otherwise nil.
func wordValues(a arrow.Array) []uint64 {
	switch a.DataType().ID() {
	case arrow.INT64, arrow.UINT64, arrow.DATE64, arrow.TIME64, arrow.TIMESTAMP, arrow.DURATION:
		return kernel.Values[uint64](a)
	}
	return nil
}

func extend[T int8 | uint8 | int16 | uint16 | int32 | uint32](dst []uint64, src []T) {
	for i, v := range src {
		dst[i] = uint64(int64(v))
	}
}

func normalFloat64(v float64) uint64 {
	switch {
	case v == 0:
		return 0
	case v != v:
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(v)
}

func normalFloat32(v float32) uint32 {
	switch {
	case v == 0:
		return 0
	case v != v:
		return math.Float32bits(float32(math.NaN()))
	}
	return math.Float32bits(v)
}

// microsPerDay and daysPerMonth are how PostgreSQL compares intervals.
const (
	microsPerDay = 24 * 60 * 60 * 1_000_000
	daysPerMonth = 30
)

// intervalMicros is the length by which intervals compare, as days and the
// rest of a day, which is never negative.
func intervalMicros(v arrow.MonthDayNanoInterval) (days, micros int64) {
	days = int64(v.Months)*daysPerMonth + int64(v.Days)
	micros = v.Nanoseconds / 1000
	days += micros / microsPerDay
	if micros %= microsPerDay; micros < 0 {
		micros += microsPerDay
		days--
	}
	return days, micros
}

// appendValue appends the self-delimiting equality key of row i, which starts
// with 0 for NULL and 1 otherwise.
func appendValue(dst []byte, a arrow.Array, i int) []byte {
	if kernel.IsNull(a, i) {
		return append(dst, 0)
	}
	switch a := a.(type) {
	case *array.String:
		return appendText(dst, a.Value(i))
	case *array.Binary:
		return appendText(dst, a.Value(i))
	case *sqltype.NumericArray:
		return appendNumeric(dst, a, i)
	case *array.MonthDayNanoInterval:
		days, micros := intervalMicros(a.Value(i))
		dst = binary.BigEndian.AppendUint64(append(dst, 1), uint64(days))
		return binary.BigEndian.AppendUint64(dst, uint64(micros))
	case *array.Decimal128:
		v := a.Value(i)
		dst = binary.BigEndian.AppendUint64(append(dst, 1), uint64(v.HighBits()))
		return binary.BigEndian.AppendUint64(dst, v.LowBits())
	case *array.Dictionary:
		return appendValue(dst, a.Dictionary(), a.GetValueIndex(i))
	case *array.List:
		lo, hi := a.ValueOffsets(i)
		dst = binary.BigEndian.AppendUint32(append(dst, 1), uint32(hi-lo))
		for j := lo; j < hi; j++ {
			dst = appendValue(dst, a.ListValues(), int(j))
		}
		return dst
	case *array.Struct:
		dst = append(dst, 1)
		for f := range a.NumField() {
			dst = appendValue(dst, a.Field(f), i)
		}
		return dst
	case *sqltype.JSONArray:
		at := len(dst) + 1
		dst = jsontext.AppendKey(append(dst, 1, 0, 0, 0, 0), []byte(a.Value(i)))
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
		return dst
	case array.ExtensionArray:
		return appendValue(dst, a.Storage(), i)
	case *array.FixedSizeBinary:
		return append(append(dst, 1), a.Value(i)...)
	}
	var one [1]uint64
	fixedValuesFrom(a, i, one[:])
	return binary.BigEndian.AppendUint64(append(dst, 1), one[0])
}

func appendNumeric(dst []byte, a *sqltype.NumericArray, i int) []byte {
	at := len(dst) + 1
	dst = append(dst, 1, 0, 0, 0, 0)
	dst = a.Value(i).AppendKey(dst)
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// appendText appends a text's length plus 1 in a byte, or 255 and its length, and
// the text.
func appendText[T string | []byte](dst []byte, v T) []byte {
	if len(v) < longText {
		return append(append(dst, byte(len(v)+1)), v...)
	}
	dst = binary.BigEndian.AppendUint32(append(dst, 255), uint32(len(v)))
	return append(dst, v...)
}

// longText is from which length on a text's length takes four bytes more.
const longText = 254

// Equal compares two values of one type as keys.
func Equal(a arrow.Array, i int, b arrow.Array, j int) bool {
	return string(appendValue(nil, a, i)) == string(appendValue(nil, b, j))
}
