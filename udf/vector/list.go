package vector

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// List is the rows of a list array: row i is Values[Offsets[i]:Offsets[i+1]],
// and Values has no other rows than those.
type List struct {
	Offsets []int32
	Values  arrow.Array
}

// NewList views a list array.
func NewList(a arrow.Array) List {
	l := a.(*array.List)
	d := l.Data()
	n := d.Len()
	values := l.ListValues()
	if n == 0 || d.Buffers()[1] == nil {
		return List{Offsets: make([]int32, n+1), Values: array.NewSlice(values, 0, 0)}
	}
	b := d.Buffers()[1].Bytes()
	all := unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
	off := all[d.Offset() : d.Offset()+n+1]
	if off[0] == 0 && int(off[n]) == values.Len() {
		return List{Offsets: off, Values: values}
	}
	moved := make([]int32, n+1)
	for i, o := range off {
		moved[i] = o - off[0]
	}
	return List{Offsets: moved, Values: array.NewSlice(values, int64(off[0]), int64(off[n]))}
}

// Elements views a list array of any number of dimensions as if it had one: its
// values are no lists.
func Elements(a arrow.Array) List {
	l := NewList(a)
	for l.Values.DataType().ID() == arrow.LIST {
		inner := NewList(l.Values)
		off := make([]int32, len(l.Offsets))
		for i, o := range l.Offsets {
			off[i] = inner.Offsets[o]
		}
		l = List{Offsets: off, Values: inner.Values}
	}
	return l
}

// Row is where row i begins and ends in Values.
func (l List) Row(i int) (lo, hi int) { return int(l.Offsets[i]), int(l.Offsets[i+1]) }

// Len is the number of elements of row i.
func (l List) Len(i int) int { return int(l.Offsets[i+1] - l.Offsets[i]) }

// Rows is the number of rows.
func (l List) Rows() int { return len(l.Offsets) - 1 }

func takeList(a arrow.Array, rows []int32, v Validity) (arrow.Array, error) {
	l := NewList(a)
	offsets := make([]int32, len(rows)+1)
	total := int32(0)
	for i, r := range rows {
		if v.Valid(i) {
			total += l.Offsets[r+1] - l.Offsets[r]
		}
		offsets[i+1] = total
	}
	items := make([]int32, 0, total)
	for i, r := range rows {
		if v.Valid(i) {
			for j := l.Offsets[r]; j < l.Offsets[r+1]; j++ {
				items = append(items, j)
			}
		}
	}
	values, err := Take(l.Values, items)
	if err != nil {
		return nil, err
	}
	return FromList(a.DataType(), offsets, values, v), nil
}

func takeStruct(a arrow.Array, rows []int32, v Validity) (arrow.Array, error) {
	s := a.(*array.Struct)
	fields := make([]arrow.Array, s.NumField())
	for i := range fields {
		var err error
		if fields[i], err = Take(s.Field(i), rows); err != nil {
			return nil, err
		}
	}
	return FromFields(a.DataType(), len(rows), fields, v), nil
}

// FromFields makes a struct array of n rows from its fields.
func FromFields(t arrow.DataType, n int, fields []arrow.Array, v Validity) arrow.Array {
	children := make([]arrow.ArrayData, len(fields))
	for i, f := range fields {
		children[i] = f.Data()
	}
	return array.MakeFromData(array.NewData(t, n, fieldBuffers(v), children, v.Nulls, 0))
}
