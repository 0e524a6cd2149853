// Package kernel has the loops over Arrow arrays that operators share: taking
// rows by number, concatenating, selecting by a boolean array, three-valued
// bitmaps, and columns that grow by chunks.
//
// Every function honours the offset of sliced arrays, never changes its input
// and gives arrays on the Go heap that nobody releases. Row numbers are int32;
// a negative row number stands for a NULL row.
package kernel

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// view is n values of a buffer from value offset on. A missing or short buffer
// of an empty array gives an empty slice.
func view[T any](b *memory.Buffer, offset, n int) []T {
	if b == nil || n == 0 || b.Len() == 0 {
		return nil
	}
	var zero T
	all := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b.Bytes()))), b.Len()/int(unsafe.Sizeof(zero)))
	return all[offset : offset+n]
}

// bytesOf is the memory of values.
func bytesOf[T any](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(values[0])))
}

// bufferOf wraps values without a copy.
func bufferOf[T any](values []T) *memory.Buffer { return memory.NewBufferBytes(bytesOf(values)) }

// Values is the values of a fixed-width array, NULL rows included; T must have
// the width of the array's storage.
func Values[T any](a arrow.Array) []T {
	d := a.Data()
	return view[T](d.Buffers()[1], d.Offset(), d.Len())
}

// Offsets is the n+1 offsets of an array of Utf8, Binary or List storage, and
// the bytes they point into (none for lists).
func Offsets(a arrow.Array) (offsets []int32, data []byte) {
	d := a.Data()
	offsets = view[int32](d.Buffers()[1], d.Offset(), d.Len()+1)
	if len(offsets) == 0 {
		offsets = []int32{0}
	}
	if len(d.Buffers()) > 2 && d.Buffers()[2] != nil {
		data = d.Buffers()[2].Bytes()
	}
	return offsets, data
}

// FromValues makes a fixed-width array of type t from values and the rows that
// are valid (nil: all). It keeps values.
func FromValues[T any](t arrow.DataType, values []T, valid Words) arrow.Array {
	return fromBuffers(t, len(values), valid.orNil(), bufferOf(values))
}

// FromBinary makes an array of type t, of Utf8 or Binary storage. It keeps
// offsets and data.
func FromBinary(t arrow.DataType, offsets []int32, data []byte, valid Words) arrow.Array {
	return fromBuffers(t, len(offsets)-1, valid.orNil(), bufferOf(offsets), memory.NewBufferBytes(data))
}

// FromChildren makes a struct array of type t.
func FromChildren(t arrow.DataType, n int, children []arrow.ArrayData, valid Words) arrow.Array {
	return array.MakeFromData(newData(t, n, valid.orNil(), nil, children))
}

func fromBuffers(t arrow.DataType, n int, valid []byte, buffers ...*memory.Buffer) arrow.Array {
	return array.MakeFromData(newData(t, n, valid, buffers, nil))
}

func newData(t arrow.DataType, n int, valid []byte, buffers []*memory.Buffer, children []arrow.ArrayData) *array.Data {
	all := make([]*memory.Buffer, 0, 3)
	nulls := 0
	if valid != nil {
		all = append(all, memory.NewBufferBytes(valid))
		nulls = array.UnknownNullCount
	} else {
		all = append(all, nil)
	}
	return array.NewData(t, n, append(all, buffers...), children, nulls, 0)
}

// storage is the type by which values lie in memory.
func storage(t arrow.DataType) arrow.DataType {
	for {
		e, ok := t.(arrow.ExtensionType)
		if !ok {
			return t
		}
		t = e.StorageType()
	}
}

// IsNull tells whether row i is NULL; unlike Array.IsNull it knows that every
// row of type Null is.
func IsNull(a arrow.Array, i int) bool { return a.DataType().ID() == arrow.NULL || a.IsNull(i) }

// Slice is rows lo to hi−1 of a.
func Slice(a arrow.Array, lo, hi int) arrow.Array {
	if lo == 0 && hi == a.Len() {
		return a
	}
	return array.NewSlice(a, int64(lo), int64(hi))
}

// Bytes is the memory the rows of a hold, approximately: slices count for their
// own rows only, dictionaries whole.
func Bytes(a arrow.Array) int64 { return dataBytes(a.Data()) }

// TextBytes is how many bytes of text an array has, 0 for what is no text.
func TextBytes(a arrow.Array) int64 {
	if e, ok := a.(array.ExtensionArray); ok {
		a = e.Storage()
	}
	if a.Len() == 0 { // it may have no offsets
		return 0
	}
	switch a := a.(type) {
	case *array.String:
		return int64(len(a.ValueBytes()))
	case *array.Binary:
		return int64(len(a.ValueBytes()))
	}
	return 0
}

// RecordBytes is the sum of Bytes over the columns.
func RecordBytes(rec arrow.Record) int64 {
	var sum int64
	for _, c := range rec.Columns() {
		sum += Bytes(c)
	}
	return sum
}

func dataBytes(d arrow.ArrayData) int64 {
	n := int64(d.Len())
	sum := n/8 + 64
	switch t := storage(d.DataType()).(type) {
	case *arrow.DictionaryType:
		sum += n * int64(t.IndexType.(arrow.FixedWidthDataType).BitWidth()) / 8
		if dict := d.Dictionary(); dict != nil {
			sum += dataBytes(dict)
		}
	case *arrow.StringType, *arrow.BinaryType:
		o := view[int32](d.Buffers()[1], d.Offset(), d.Len()+1)
		if len(o) > 0 {
			sum += 4*n + int64(o[len(o)-1]-o[0])
		}
	case *arrow.ListType, *arrow.MapType:
		o := view[int32](d.Buffers()[1], d.Offset(), d.Len()+1)
		sum += 4 * n
		if c := d.Children()[0]; len(o) > 0 && c.Len() > 0 {
			sum += dataBytes(c) * int64(o[len(o)-1]-o[0]) / int64(c.Len())
		}
	case *arrow.StructType:
		for _, c := range d.Children() {
			sum += dataBytes(c)
		}
	case arrow.FixedWidthDataType:
		sum += n * int64(t.BitWidth()) / 8
	default:
		for _, b := range d.Buffers() {
			if b != nil {
				sum += int64(b.Len())
			}
		}
		for _, c := range d.Children() {
			sum += dataBytes(c)
		}
	}
	return sum
}
