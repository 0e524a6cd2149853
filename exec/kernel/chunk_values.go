package kernel

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// maxChunk is the number of rows at which a chunk of values is closed: a larger
// one would be copied often while it grows.
const maxChunk = 1 << 16

// chunkValues is the open chunk of a column of fixed width: values that are
// copied there once, and never again while there is room. What Slice has given
// shares its memory, beyond whose end alone values are added.
type chunkValues struct {
	width int // bytes of a value; 0: the column is of another kind
	bytes []byte
	rows  int
	next  int // how many rows the next chunk has room for at least
}

// valueWidth is the number of bytes of values that lie one after the other, 0 for
// other types.
func valueWidth(t arrow.DataType) int {
	switch t := storage(t).(type) {
	case *arrow.BooleanType, *arrow.DictionaryType, *arrow.StructType, *arrow.FixedSizeListType:
		return 0
	case arrow.FixedWidthDataType:
		switch w := t.BitWidth() / 8; w {
		case 1, 2, 4, 8, 16:
			return w
		}
	}
	return 0
}

// Reserve says that about so many rows will come.
func (c *Chunks) Reserve(rows int) { c.values.next = min(rows, maxChunk) }

// AppendRows adds the given rows of a; rows nil stands for all.
func (c *Chunks) AppendRows(a arrow.Array, rows []int32) error {
	n := a.Len()
	if rows != nil {
		n = len(rows)
	}
	if n == 0 {
		return nil
	}
	if whole := rows == nil && n >= minChunk; whole || c.values.width == 0 || a.NullN() > 0 || Encoded(a.DataType()) {
		if rows != nil {
			var err error
			if a, err = Take(a, rows); err != nil {
				return err
			}
		}
		return c.append(a)
	}
	if err := c.flushSmall(); err != nil {
		return err
	}
	if c.values.rows > 0 && c.values.rows+n > maxChunk {
		c.closeValues()
	}
	c.bytes += c.values.grow(n)
	c.values.add(a, rows, n)
	c.rows += n
	return nil
}

// grow makes room for n more values, and gives how much memory that took.
func (v *chunkValues) grow(n int) int64 {
	size := (v.rows + n) * v.width
	if size <= len(v.bytes) {
		return 0
	}
	size = max(size, 2*len(v.bytes), v.next*v.width)
	more := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(Raw[bytes16]((size+15)/16)))), size)
	grown := len(more) - len(v.bytes)
	copy(more, v.bytes[:v.rows*v.width])
	v.bytes, v.next = more, 0
	return int64(grown)
}

// add copies n values where there is room for them.
func (v *chunkValues) add(a arrow.Array, rows []int32, n int) {
	at := v.bytes[v.rows*v.width : (v.rows+n)*v.width]
	v.rows += n
	switch v.width {
	case 1:
		copyValues(at, Values[uint8](a), rows)
	case 2:
		copyValues(at, Values[uint16](a), rows)
	case 4:
		copyValues(at, Values[uint32](a), rows)
	case 8:
		copyValues(at, Values[uint64](a), rows)
	default:
		copyValues(at, Values[bytes16](a), rows)
	}
}

func copyValues[T any](dst []byte, src []T, rows []int32) {
	out := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(dst))), len(dst)/int(unsafe.Sizeof(*new(T))))
	if rows == nil {
		copy(out, src)
		return
	}
	for i, r := range rows[:len(out)] {
		out[i] = src[r]
	}
}

// closeValues makes the values a chunk.
func (c *Chunks) closeValues() {
	v := &c.values
	if v.rows == 0 {
		return
	}
	d := array.NewData(c.typ, v.rows, []*memory.Buffer{nil, memory.NewBufferBytes(v.bytes[:v.rows*v.width])}, nil, 0, 0)
	c.starts = append(c.starts, c.rows-v.rows)
	c.full = append(c.full, array.MakeFromData(d))
	v.bytes, v.rows = nil, 0
}
