package udf

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf/vector"
)

// listTypeOf is the array type of a Go slice, nil when it is none.
func listTypeOf(v any) arrow.DataType {
	switch v.(type) {
	case []bool:
		return listOf[bool]()
	case []int16:
		return listOf[int16]()
	case []int32:
		return listOf[int32]()
	case []int64:
		return listOf[int64]()
	case []float32:
		return listOf[float32]()
	case []float64:
		return listOf[float64]()
	case []string:
		return listOf[string]()
	case []time.Time:
		return listOf[time.Time]()
	case []Null[bool]:
		return listOf[bool]()
	case []Null[int32]:
		return listOf[int32]()
	case []Null[int64]:
		return listOf[int64]()
	case []Null[float64]:
		return listOf[float64]()
	case []Null[string]:
		return listOf[string]()
	}
	return nil
}

func listOf[T Value]() arrow.DataType {
	t, _ := sqlTypeOf[T]()
	return arrow.ListOf(t)
}

// decodeLists fills out, a pointer to a slice of slices, from a list array.
func decodeLists(out any, a arrow.Array) {
	switch p := out.(type) {
	case *[][]bool:
		*p = lists[bool](a)
	case *[][]int16:
		*p = lists[int16](a)
	case *[][]int32:
		*p = lists[int32](a)
	case *[][]int64:
		*p = lists[int64](a)
	case *[][]float32:
		*p = lists[float32](a)
	case *[][]float64:
		*p = lists[float64](a)
	case *[][]string:
		*p = lists[string](a)
	case *[][]time.Time:
		*p = lists[time.Time](a)
	case *[][]Null[bool]:
		*p = lists[Null[bool]](a)
	case *[][]Null[int32]:
		*p = lists[Null[int32]](a)
	case *[][]Null[int64]:
		*p = lists[Null[int64]](a)
	case *[][]Null[float64]:
		*p = lists[Null[float64]](a)
	case *[][]Null[string]:
		*p = lists[Null[string]](a)
	}
}

// lists are the rows of a list array as parts of one slice of its elements.
func lists[T Value](a arrow.Array) [][]T {
	l := vector.NewList(a)
	all, out := decodeArray[T](l.Values), make([][]T, a.Len())
	for i := range out {
		lo, hi := l.Row(i)
		out[i] = all[lo:hi:hi]
	}
	return out
}

// encodeLists makes a list array of type t from a slice of slices.
func encodeLists(t arrow.DataType, values any, v vector.Validity) (arrow.Array, error) {
	switch x := values.(type) {
	case [][]bool:
		return fromLists(t, x, v)
	case [][]int16:
		return fromLists(t, x, v)
	case [][]int32:
		return fromLists(t, x, v)
	case [][]int64:
		return fromLists(t, x, v)
	case [][]float32:
		return fromLists(t, x, v)
	case [][]float64:
		return fromLists(t, x, v)
	case [][]string:
		return fromLists(t, x, v)
	case [][]time.Time:
		return fromLists(t, x, v)
	case [][]Null[bool]:
		return fromLists(t, x, v)
	case [][]Null[int32]:
		return fromLists(t, x, v)
	case [][]Null[int64]:
		return fromLists(t, x, v)
	case [][]Null[float64]:
		return fromLists(t, x, v)
	case [][]Null[string]:
		return fromLists(t, x, v)
	}
	return nil, sqlerr.New(sqlerr.InternalError, "no SQL type for %T", values)
}

func fromLists[T Value](t arrow.DataType, values [][]T, v vector.Validity) (arrow.Array, error) {
	offsets := make([]int32, 1, len(values)+1)
	var all []T
	for i, x := range values {
		if v.Valid(i) {
			all = append(all, x...)
		}
		offsets = append(offsets, int32(len(all)))
	}
	elems, err := encode(t.(*arrow.ListType).Elem(), all, vector.Validity{})
	if err != nil {
		return nil, err
	}
	return vector.FromList(t, offsets, elems, v), nil
}
