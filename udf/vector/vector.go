// Package vector views Arrow arrays as Go slices and makes Arrow arrays from
// Go slices, without copying where the layouts agree. Kernels are loops over
// such slices; the validity bitmaps are handled apart, a word at a time.
//
// All views honour the offset of sliced arrays and alias Arrow memory: they are
// read only and valid as long as anything refers to them.
package vector

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
)

// Native is the Go types whose slices have Arrow's memory layout.
type Native interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 |
		~float32 | ~float64 | decimal128.Num | arrow.MonthDayNanoInterval | [16]byte
}

// Fixed is the values of an array of a fixed-width type T, len(a) of them.
// Values of null rows are unspecified.
func Fixed[T Native](a arrow.Array) []T {
	d := a.Data()
	n := d.Len()
	if n == 0 || len(d.Buffers()) < 2 || d.Buffers()[1] == nil {
		return make([]T, n)
	}
	b := d.Buffers()[1].Bytes()
	all := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(*new(T))))
	return all[d.Offset() : d.Offset()+n]
}

// Column is the values of an argument: one a row, or a single one for all.
type Column[T any] struct {
	Values []T
	mask   int
}

// NewColumn makes a column; constant: values has length 1 and stands for every
// row.
func NewColumn[T any](values []T, constant bool) Column[T] {
	if constant {
		return Column[T]{Values: values}
	}
	return Column[T]{Values: values, mask: -1}
}

// At is the value of row i.
func (c Column[T]) At(i int) T { return c.Values[i&c.mask] }

// Const tells whether one value stands for all rows.
func (c Column[T]) Const() bool { return c.mask == 0 }

// blockSize is how many rows a constant is spread over.
const blockSize = 1024

// Blocks calls f with aligned slices of both columns, in blocks if one is a
// constant: loops over blocks need no variant for constants. lo is the row of
// the first value. n is the number of rows.
func Blocks[A, B any](a Column[A], b Column[B], n int, f func(lo int, a []A, b []B)) {
	if !a.Const() && !b.Const() {
		f(0, a.Values[:n], b.Values[:n])
		return
	}
	as, bs := spread(a, n), spread(b, n)
	for lo := 0; lo < n; lo += blockSize {
		hi := min(lo+blockSize, n)
		f(lo, block(a, as, lo, hi), block(b, bs, lo, hi))
	}
}

func spread[T any](c Column[T], n int) []T {
	if !c.Const() {
		return nil
	}
	s := make([]T, min(n, blockSize))
	for i := range s {
		s[i] = c.Values[0]
	}
	return s
}

func block[T any](c Column[T], spread []T, lo, hi int) []T {
	if c.Const() {
		return spread[:hi-lo]
	}
	return c.Values[lo:hi]
}

// Bools unpacks a boolean array.
func Bools(a arrow.Array) []bool {
	out := make([]bool, a.Len())
	d := a.Data()
	if len(out) == 0 || d.Buffers()[1] == nil {
		return out
	}
	bits := d.Buffers()[1].Bytes()
	for i := range out {
		out[i] = bitutil.BitIsSet(bits, d.Offset()+i)
	}
	return out
}

// Binary is the values of an array of strings or bytes: value i is
// Data[Offsets[i]:Offsets[i+1]].
type Binary struct {
	Offsets []int32
	Data    []byte
}

// NewBinary views an array of Utf8, Binary or an extension over them.
func NewBinary(a arrow.Array) Binary {
	d := a.Data()
	if d.Len() == 0 || d.Buffers()[1] == nil {
		return Binary{Offsets: make([]int32, d.Len()+1)}
	}
	b := d.Buffers()[1].Bytes()
	off := unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
	v := Binary{Offsets: off[d.Offset() : d.Offset()+d.Len()+1]}
	if d.Buffers()[2] != nil {
		v.Data = d.Buffers()[2].Bytes()
	}
	return v
}

// At is value i.
func (b Binary) At(i int) []byte { return b.Data[b.Offsets[i]:b.Offsets[i+1]:b.Offsets[i+1]] }

// Strings are the values as string headers over Arrow's memory.
func Strings(a arrow.Array) []string {
	b := NewBinary(a)
	out := make([]string, len(b.Offsets)-1)
	lo := b.Offsets[0]
	for i, hi := range b.Offsets[1:] {
		if hi > lo {
			out[i] = unsafe.String(&b.Data[lo], int(hi-lo))
		}
		lo = hi
	}
	return out
}

// ByteSlices are the values as slices of Arrow's memory.
func ByteSlices(a arrow.Array) [][]byte {
	b := NewBinary(a)
	out := make([][]byte, len(b.Offsets)-1)
	for i := range out {
		out[i] = b.At(i)
	}
	return out
}

// Storage is the array below an extension, or a itself.
func Storage(a arrow.Array) arrow.Array {
	if x, ok := a.(array.ExtensionArray); ok {
		return x.Storage()
	}
	return a
}
