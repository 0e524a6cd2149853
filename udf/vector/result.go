package vector

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// Validity is a set of rows that are not null. The zero Validity has no nulls.
type Validity struct {
	Bits  []byte // one bit a row, from bit 0; nil when no row is null
	Nulls int
}

// ValidityOf is the rows that are valid in a.
func ValidityOf(a arrow.Array) Validity {
	n := a.NullN()
	if n == 0 {
		return Validity{}
	}
	bits := make([]byte, bitutil.BytesForBits(int64(a.Len())))
	if a.DataType().ID() != arrow.NULL {
		bitutil.CopyBitmap(a.NullBitmapBytes(), a.Data().Offset(), a.Len(), bits, 0)
	}
	return Validity{Bits: bits, Nulls: n}
}

// And is the rows valid in v and in a, which has n rows.
func (v Validity) And(a arrow.Array, n int) Validity {
	switch {
	case a.NullN() == 0:
		return v
	case v.Nulls == 0:
		return ValidityOf(a)
	}
	if a.DataType().ID() == arrow.NULL {
		return AllNull(n)
	}
	out := make([]byte, len(v.Bits))
	bitutil.BitmapAnd(v.Bits, a.NullBitmapBytes(), 0, int64(a.Data().Offset()), out, 0, int64(n))
	return Validity{Bits: out, Nulls: n - bitutil.CountSetBits(out, 0, n)}
}

// AllNull is n null rows.
func AllNull(n int) Validity {
	return Validity{Bits: make([]byte, bitutil.BytesForBits(int64(n))), Nulls: n}
}

// Valid tells whether row i is not null.
func (v Validity) Valid(i int) bool { return v.Bits == nil || v.Bits[i>>3]&(1<<(i&7)) != 0 }

// SetNull makes row i of n null.
func (v *Validity) SetNull(i, n int) {
	if v.Bits == nil {
		v.Bits = make([]byte, bitutil.BytesForBits(int64(n)))
		bitutil.SetBitsTo(v.Bits, 0, int64(n), true)
	}
	if v.Valid(i) {
		v.Bits[i>>3] &^= 1 << (i & 7)
		v.Nulls++
	}
}

func (v Validity) buffer() *memory.Buffer {
	if v.Nulls == 0 {
		return nil
	}
	return memory.NewBufferBytes(v.Bits)
}

// FromFixed makes an array of type t from values in Arrow's layout; it keeps
// the slice.
func FromFixed[T Native](t arrow.DataType, values []T, v Validity) arrow.Array {
	return fromBuffers(t, len(values), v, asBytes(values))
}

// FromBits makes a boolean array of n rows from bits, which it keeps.
func FromBits(bits []byte, n int, v Validity) arrow.Array {
	return fromBuffers(arrow.FixedWidthTypes.Boolean, n, v, bits)
}

// FromBools makes a boolean array.
func FromBools(values []bool, v Validity) arrow.Array {
	bits := make([]byte, bitutil.BytesForBits(int64(len(values))))
	for i, b := range values {
		if b {
			bits[i>>3] |= 1 << (i & 7)
		}
	}
	return FromBits(bits, len(values), v)
}

// FromBinary makes an array of Utf8, Binary or an extension over them from
// offsets (one more than rows) and data, which it keeps.
func FromBinary(t arrow.DataType, offsets []int32, data []byte, v Validity) arrow.Array {
	return fromBuffers(t, len(offsets)-1, v, asBytes(offsets), data)
}

func fromBuffers(t arrow.DataType, n int, v Validity, buffers ...[]byte) arrow.Array {
	bufs := make([]*memory.Buffer, 1, 3)
	bufs[0] = v.buffer()
	for _, b := range buffers {
		bufs = append(bufs, memory.NewBufferBytes(b))
	}
	return array.MakeFromData(array.NewData(t, n, bufs, nil, v.Nulls, 0))
}

func fieldBuffers(v Validity) []*memory.Buffer { return []*memory.Buffer{v.buffer()} }

func asBytes[T any](s []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(*new(T))))
}

// Nulls is n null rows of type t.
func Nulls(t arrow.DataType, n int) arrow.Array {
	if x, ok := t.(arrow.ExtensionType); ok {
		return array.NewExtensionArrayWithStorage(x, Nulls(x.StorageType(), n))
	}
	return array.MakeArrayOfNull(memory.DefaultAllocator, t, n)
}

// Clone is an independent copy.
func (v Validity) Clone() Validity {
	if v.Bits != nil {
		v.Bits = append([]byte(nil), v.Bits...)
	}
	return v
}

// WithValidity is a, which starts at offset 0, with other nulls.
func WithValidity(a arrow.Array, v Validity) arrow.Array {
	bufs := append([]*memory.Buffer{v.buffer()}, a.Data().Buffers()[1:]...)
	return array.MakeFromData(array.NewData(a.DataType(), a.Len(), bufs, nil, v.Nulls, 0))
}
