package kernel

import (
	"encoding/binary"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// Words is a bitmap by 64-bit words, bit i%64 of word i/64; bits past the end
// are 0.
type Words []uint64

// wordCount is the number of words for n bits.
func wordCount(n int) int { return (n + 63) / 64 }

// readBits copies n bits of buf from bit offset on.
func readBits(buf []byte, offset, n int) Words {
	w := make(Words, wordCount(n))
	buf = buf[offset/8:]
	shift := uint(offset % 8)
	for i := range w {
		w[i] = load64(buf, i*8) >> shift
		if shift != 0 && i*8+8 < len(buf) {
			w[i] |= uint64(buf[i*8+8]) << (64 - shift)
		}
	}
	w.trim(n)
	return w
}

// load64 reads 8 bytes little-endian at i, with zeros past the end.
func load64(b []byte, i int) uint64 {
	if i+8 <= len(b) {
		return binary.LittleEndian.Uint64(b[i:])
	}
	var last [8]byte
	if i < len(b) {
		copy(last[:], b[i:])
	}
	return binary.LittleEndian.Uint64(last[:])
}

// trim clears the bits from n on.
func (w Words) trim(n int) {
	if n%64 != 0 && len(w) > 0 {
		w[len(w)-1] &= 1<<(n%64) - 1
	}
}

// Ones is n set bits.
func Ones(n int) Words {
	w := make(Words, wordCount(n))
	for i := range w {
		w[i] = ^uint64(0)
	}
	w.trim(n)
	return w
}

// WordsOf is n bits of which those of rows are set.
func WordsOf(rows []int32, n int) Words {
	w := make(Words, wordCount(n))
	for _, r := range rows {
		w.Set(int(r))
	}
	return w
}

// Count is the number of set bits.
func (w Words) Count() int {
	n := 0
	for _, x := range w {
		n += bits.OnesCount64(x)
	}
	return n
}

// Get is bit i.
func (w Words) Get(i int) bool { return w[i/64]>>(i%64)&1 != 0 }

// Set sets bit i.
func (w Words) Set(i int) { w[i/64] |= 1 << (i % 64) }

// Clear clears bit i.
func (w Words) Clear(i int) { w[i/64] &^= 1 << (i % 64) }

// orNil is the bitmap as Arrow lays it out, nil for nil.
func (w Words) orNil() []byte {
	if w == nil {
		return nil
	}
	return w.bytes()
}

// Rows are the numbers of the set bits, ascending.
func (w Words) Rows() []int32 {
	rows := make([]int32, 0, w.Count())
	for i, x := range w {
		for base := int32(i * 64); x != 0; x &= x - 1 {
			rows = append(rows, base+int32(bits.TrailingZeros64(x)))
		}
	}
	return rows
}

// bytes is the bitmap as Arrow lays it out.
func (w Words) bytes() []byte {
	b := make([]byte, len(w)*8)
	for i, x := range w {
		binary.LittleEndian.PutUint64(b[i*8:], x)
	}
	return b
}

// And clears the bits that are not set in o.
func (w Words) And(o Words) {
	for i := range w {
		w[i] &= o[i]
	}
}

// Buffer is the bitmap as Arrow lays it out.
func (w Words) Buffer() *memory.Buffer { return memory.NewBufferBytes(w.bytes()) }

// Valid is the bitmap of the rows that are not NULL; nil when none is.
func Valid(a arrow.Array) Words {
	if a.DataType().ID() == arrow.NULL {
		return make(Words, wordCount(a.Len()))
	}
	if a.NullN() == 0 {
		return nil
	}
	d := a.Data()
	if d.Buffers()[0] == nil {
		return nil
	}
	return readBits(d.Buffers()[0].Bytes(), d.Offset(), d.Len())
}

// IsValid tells whether row i is not NULL.
func (t Truth) IsValid(i int) bool { return t.True.Get(i) || t.False.Get(i) }

// Truth is a three-valued boolean column: the rows that are true, those that
// are false; the others are NULL.
type Truth struct {
	True, False Words
	N           int
}

// TruthOf reads a boolean array.
func TruthOf(a arrow.Array) Truth {
	n := a.Len()
	t := Truth{N: n}
	if a.DataType().ID() == arrow.NULL {
		t.True, t.False = make(Words, wordCount(n)), make(Words, wordCount(n))
		return t
	}
	d := a.Data()
	valid := Valid(a)
	if n > 0 {
		t.True = readBits(d.Buffers()[1].Bytes(), d.Offset(), n)
	}
	t.False = make(Words, len(t.True))
	for i, x := range t.True {
		v := ^uint64(0)
		if valid != nil {
			v = valid[i]
		}
		t.True[i] = x & v
		t.False[i] = ^x & v
	}
	t.False.trim(n)
	return t
}

// ConstTruth is n rows of the first value of a boolean array.
func ConstTruth(a arrow.Array, n int) Truth {
	t := Truth{N: n, True: make(Words, wordCount(n)), False: make(Words, wordCount(n))}
	one := TruthOf(a)
	switch {
	case one.True.Get(0):
		t.True = Ones(n)
	case one.False.Get(0):
		t.False = Ones(n)
	}
	return t
}

// And is the three-valued AND with o, in place.
func (t Truth) And(o Truth) {
	for i := range t.True {
		t.True[i] &= o.True[i]
		t.False[i] |= o.False[i]
	}
}

// Or is the three-valued OR with o, in place.
func (t Truth) Or(o Truth) {
	for i := range t.True {
		t.True[i] |= o.True[i]
		t.False[i] &= o.False[i]
	}
}

// Array is the boolean array.
func (t Truth) Array() arrow.Array {
	valid := make(Words, len(t.True))
	for i := range valid {
		valid[i] = t.True[i] | t.False[i]
	}
	var v []byte
	if valid.Count() != t.N {
		v = valid.bytes()
	}
	return fromBuffers(arrow.FixedWidthTypes.Boolean, t.N, v, memory.NewBufferBytes(t.True.bytes()))
}

// Bools makes a boolean array without NULLs from the set bits of w.
func Bools(w Words, n int) arrow.Array {
	return fromBuffers(arrow.FixedWidthTypes.Boolean, n, nil, memory.NewBufferBytes(w.bytes()))
}

// AndValid is a with the rows outside valid made NULL too; a itself when valid
// is nil or takes nothing away.
func AndValid(a arrow.Array, valid Words) arrow.Array {
	if valid == nil {
		return a
	}
	both := valid
	if own := Valid(a); own != nil {
		both = make(Words, len(own))
		changed := false
		for i := range own {
			both[i] = own[i] & valid[i]
			changed = changed || both[i] != own[i]
		}
		if !changed {
			return a
		}
	} else if valid.Count() == a.Len() {
		return a
	}
	return withValidity(a, both)
}

// Not is the complement of the first n bits.
func (w Words) Not(n int) Words {
	out := make(Words, len(w))
	for i, x := range w {
		out[i] = ^x
	}
	out.trim(n)
	return out
}
