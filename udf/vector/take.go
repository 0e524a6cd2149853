package vector

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
)

// Take is the rows of a that rows names, in that order; a negative one gives a
// NULL. It fails when text results pass 2 GB.
func Take(a arrow.Array, rows []int32) (arrow.Array, error) {
	v := takeValidity(a, rows)
	t := a.DataType()
	if x, ok := a.(array.ExtensionArray); ok {
		s, err := Take(x.Storage(), rows)
		if err != nil {
			return nil, err
		}
		return array.NewExtensionArrayWithStorage(t.(arrow.ExtensionType), s), nil
	}
	switch t := t.(type) {
	case *arrow.NullType:
		return array.NewNull(len(rows)), nil
	case *arrow.BooleanType:
		return FromBools(takeValues(Bools(a), rows), v), nil
	case *arrow.StringType, *arrow.BinaryType:
		return takeBinary(a, rows, v)
	case *arrow.ListType:
		return takeList(a, rows, v)
	case *arrow.StructType:
		return takeStruct(a, rows, v)
	case arrow.FixedWidthDataType:
		switch t.BitWidth() {
		case 8:
			return FromFixed(t, takeValues(Fixed[int8](a), rows), v), nil
		case 16:
			return FromFixed(t, takeValues(Fixed[int16](a), rows), v), nil
		case 32:
			return FromFixed(t, takeValues(Fixed[int32](a), rows), v), nil
		case 64:
			return FromFixed(t, takeValues(Fixed[int64](a), rows), v), nil
		case 128:
			return FromFixed(t, takeValues(Fixed[[16]byte](a), rows), v), nil
		}
	}
	return takeRuns(a, rows)
}

func takeValidity(a arrow.Array, rows []int32) Validity {
	var v Validity
	nulls := a.NullN() > 0
	for i, r := range rows {
		if r < 0 || nulls && a.IsNull(int(r)) {
			v.SetNull(i, len(rows))
		}
	}
	return v
}

func takeValues[T any](values []T, rows []int32) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		if r >= 0 {
			out[i] = values[r]
		}
	}
	return out
}

func takeBinary(a arrow.Array, rows []int32, v Validity) (arrow.Array, error) {
	b := NewBinary(a)
	size := 0
	for i, r := range rows {
		if v.Valid(i) {
			size += int(b.Offsets[r+1] - b.Offsets[r])
		}
	}
	if size > math.MaxInt32 {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "a batch of text results exceeds 2 GB")
	}
	offsets, data := make([]int32, 1, len(rows)+1), make([]byte, 0, size)
	for i, r := range rows {
		if v.Valid(i) {
			data = append(data, b.At(int(r))...)
		}
		offsets = append(offsets, int32(len(data)))
	}
	return FromBinary(a.DataType(), offsets, data, v), nil
}

// takeRuns joins runs of neighbouring rows; it works for every type.
func takeRuns(a arrow.Array, rows []int32) (arrow.Array, error) {
	if len(rows) == 0 {
		return array.NewSlice(a, 0, 0), nil
	}
	null := Nulls(a.DataType(), 1)
	var runs []arrow.Array
	for i := 0; i < len(rows); {
		lo := rows[i]
		if lo < 0 {
			runs = append(runs, null)
			i++
			continue
		}
		hi := lo + 1
		for i++; i < len(rows) && rows[i] == hi; i++ {
			hi++
		}
		runs = append(runs, array.NewSlice(a, int64(lo), int64(hi)))
	}
	return array.Concatenate(runs, memory.DefaultAllocator)
}

// FromList makes a list array: list i is values[offsets[i]:offsets[i+1]].
func FromList(t arrow.DataType, offsets []int32, values arrow.Array, v Validity) arrow.Array {
	bufs := []*memory.Buffer{v.buffer(), memory.NewBufferBytes(asBytes(offsets))}
	return array.MakeFromData(array.NewData(t, len(offsets)-1, bufs, []arrow.ArrayData{values.Data()}, v.Nulls, 0))
}
