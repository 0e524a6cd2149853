package kernel

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
)

// Take gives the rows of a by number, in that order; a negative number gives
// NULL. It fails only when more than 2 GiB of text would be in one array.
func Take(a arrow.Array, rows []int32) (arrow.Array, error) {
	d, err := takeData(a.Data(), rows)
	if err != nil {
		return nil, err
	}
	return array.MakeFromData(d), nil
}

// TakeRecord is Take for every column.
func TakeRecord(rec arrow.Record, rows []int32) (arrow.Record, error) {
	cols := make([]arrow.Array, rec.NumCols())
	for i := range cols {
		var err error
		if cols[i], err = Take(rec.Column(i), rows); err != nil {
			return nil, err
		}
	}
	return Record(rec.Schema(), cols, len(rows)), nil
}

// Repeat is n rows of row 0 of a.
func Repeat(a arrow.Array, n int) (arrow.Array, error) { return Take(a, make([]int32, n)) }

// Nulls is n NULL rows of type t.
func Nulls(t arrow.DataType, n int) arrow.Array {
	return array.MakeArrayOfNull(memory.DefaultAllocator, t, n)
}

func takeData(d arrow.ArrayData, rows []int32) (*array.Data, error) {
	n := len(rows)
	t := storage(d.DataType())
	if t.ID() == arrow.NULL {
		return array.NewData(d.DataType(), n, []*memory.Buffer{nil}, nil, n, 0), nil
	}
	valid := takeValidity(d, rows)
	switch t := t.(type) {
	case *arrow.BooleanType:
		return newData(d.DataType(), n, valid, []*memory.Buffer{takeBits(d, rows)}, nil), nil
	case *arrow.DictionaryType:
		out := newData(d.DataType(), n, valid, []*memory.Buffer{takeFixed(d, t.IndexType, rows)}, nil)
		out.SetDictionary(d.Dictionary())
		return out, nil
	case *arrow.StringType, *arrow.BinaryType:
		return takeBinary(d, rows, valid)
	case *arrow.ListType, *arrow.MapType:
		return takeList(d, rows, valid)
	case *arrow.FixedSizeListType:
		return takeFixedList(d, int(t.Len()), rows, valid)
	case *arrow.StructType:
		return takeStruct(d, rows, valid)
	case arrow.FixedWidthDataType:
		return newData(d.DataType(), n, valid, []*memory.Buffer{takeFixed(d, t, rows)}, nil), nil
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "columns of Arrow type %s are not supported", t)
}

// takeValidity is nil when no taken row is NULL by construction.
func takeValidity(d arrow.ArrayData, rows []int32) []byte {
	var valid []byte
	if b := d.Buffers()[0]; b != nil && d.NullN() != 0 {
		src, off := b.Bytes(), d.Offset()
		valid = make([]byte, (len(rows)+7)/8)
		for i, r := range rows {
			if r >= 0 {
				j := off + int(r)
				valid[i/8] |= src[j/8] >> (j % 8) & 1 << (i % 8)
			}
		}
		return valid
	}
	for i, r := range rows {
		if r < 0 {
			if valid == nil {
				valid = Ones(len(rows)).bytes()
			}
			valid[i/8] &^= 1 << (i % 8)
		}
	}
	return valid
}

func takeBits(d arrow.ArrayData, rows []int32) *memory.Buffer {
	out := make([]byte, (len(rows)+7)/8)
	if b := d.Buffers()[1]; b != nil && d.Len() > 0 {
		src, off := b.Bytes(), d.Offset()
		for i, r := range rows {
			if r >= 0 {
				j := off + int(r)
				out[i/8] |= src[j/8] >> (j % 8) & 1 << (i % 8)
			}
		}
	}
	return memory.NewBufferBytes(out)
}

type bytes16 [2]uint64

func takeFixed(d arrow.ArrayData, t arrow.DataType, rows []int32) *memory.Buffer {
	width := t.(arrow.FixedWidthDataType).BitWidth() / 8
	src := d.Buffers()[1]
	switch width {
	case 1:
		return bufferOf(gather(view[uint8](src, d.Offset(), d.Len()), rows))
	case 2:
		return bufferOf(gather(view[uint16](src, d.Offset(), d.Len()), rows))
	case 4:
		return bufferOf(gather(view[uint32](src, d.Offset(), d.Len()), rows))
	case 8:
		return bufferOf(gather(view[uint64](src, d.Offset(), d.Len()), rows))
	case 16:
		return bufferOf(gather(view[bytes16](src, d.Offset(), d.Len()), rows))
	}
	out := make([]byte, len(rows)*width)
	all := view[byte](src, d.Offset()*width, d.Len()*width)
	for i, r := range rows {
		if r >= 0 {
			copy(out[i*width:(i+1)*width], all[int(r)*width:])
		}
	}
	return memory.NewBufferBytes(out)
}

func gather[T any](src []T, rows []int32) []T {
	out := Raw[T](len(rows))
	for i, r := range rows {
		var v T
		if r >= 0 {
			v = src[r]
		}
		out[i] = v
	}
	return out
}

func takeBinary(d arrow.ArrayData, rows []int32, valid []byte) (*array.Data, error) {
	src := view[int32](d.Buffers()[1], d.Offset(), d.Len()+1)
	offsets := make([]int32, len(rows)+1)
	total := 0
	for i, r := range rows {
		if r >= 0 {
			total += int(src[r+1] - src[r])
		}
		offsets[i+1] = int32(total)
	}
	if total > math.MaxInt32 {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "a batch holds more than 2 GiB of text")
	}
	out := make([]byte, total)
	if total > 0 {
		data := d.Buffers()[2].Bytes()
		at := 0
		for _, r := range rows {
			if r >= 0 {
				at += copy(out[at:], data[src[r]:src[r+1]])
			}
		}
	}
	return newData(d.DataType(), len(rows), valid, []*memory.Buffer{bufferOf(offsets), memory.NewBufferBytes(out)}, nil), nil
}

func takeList(d arrow.ArrayData, rows []int32, valid []byte) (*array.Data, error) {
	src := view[int32](d.Buffers()[1], d.Offset(), d.Len()+1)
	offsets := make([]int32, len(rows)+1)
	var items []int32
	for i, r := range rows {
		if r >= 0 {
			for j := src[r]; j < src[r+1]; j++ {
				items = append(items, j)
			}
		}
		offsets[i+1] = int32(len(items))
	}
	child, err := takeData(d.Children()[0], items)
	if err != nil {
		return nil, err
	}
	return newData(d.DataType(), len(rows), valid, []*memory.Buffer{bufferOf(offsets)}, []arrow.ArrayData{child}), nil
}

func takeFixedList(d arrow.ArrayData, width int, rows []int32, valid []byte) (*array.Data, error) {
	items := make([]int32, 0, len(rows)*width)
	for _, r := range rows {
		for j := range width {
			if r < 0 {
				items = append(items, -1)
			} else {
				items = append(items, int32((d.Offset()+int(r))*width+j))
			}
		}
	}
	child, err := takeData(d.Children()[0], items)
	if err != nil {
		return nil, err
	}
	return newData(d.DataType(), len(rows), valid, nil, []arrow.ArrayData{child}), nil
}

func takeStruct(d arrow.ArrayData, rows []int32, valid []byte) (*array.Data, error) {
	if d.Offset() != 0 {
		shifted := make([]int32, len(rows))
		for i, r := range rows {
			shifted[i] = r
			if r >= 0 {
				shifted[i] += int32(d.Offset())
			}
		}
		rows = shifted
	}
	children := make([]arrow.ArrayData, len(d.Children()))
	for i, c := range d.Children() {
		child, err := takeData(c, rows)
		if err != nil {
			return nil, err
		}
		children[i] = child
	}
	return newData(d.DataType(), len(rows), valid, nil, children), nil
}

// withValidity is a with another validity bitmap.
func withValidity(a arrow.Array, valid Words) arrow.Array {
	d := a.Data()
	if d.DataType().ID() == arrow.NULL {
		return a
	}
	bits := valid.bytes()
	if d.Offset() != 0 { // the buffers keep their offset, so the bitmap gets it too
		shifted := make(Words, wordCount(d.Offset()+d.Len()))
		for i := range d.Len() {
			if valid.Get(i) {
				shifted.Set(d.Offset() + i)
			}
		}
		bits = shifted.bytes()
	}
	buffers := append([]*memory.Buffer(nil), d.Buffers()...)
	buffers[0] = memory.NewBufferBytes(bits)
	out := array.NewData(d.DataType(), d.Len(), buffers, d.Children(), array.UnknownNullCount, d.Offset())
	if dict := d.Dictionary(); dict != nil {
		out.SetDictionary(dict)
	}
	return array.MakeFromData(out)
}
