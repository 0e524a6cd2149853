package kernel

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
)

// Concat joins arrays of one type. Arrays that are encoded in different ways
// become plain. It fails when the result would hold more than 2 GiB of text.
func Concat(parts []arrow.Array) (arrow.Array, error) {
	if len(parts) == 1 {
		return parts[0], nil
	}
	if !oneEncoding(parts) {
		plain := make([]arrow.Array, len(parts))
		for i, p := range parts {
			var err error
			if plain[i], err = Decode(p); err != nil {
				return nil, err
			}
		}
		parts = plain
	}
	data := make([]arrow.ArrayData, len(parts))
	for i, p := range parts {
		data[i] = p.Data()
	}
	d, err := concatData(data)
	if err != nil {
		return nil, err
	}
	return array.MakeFromData(d), nil
}

// oneEncoding tells whether no array is encoded, or all in the same way.
func oneEncoding(parts []arrow.Array) bool {
	first := parts[0]
	for _, p := range parts[1:] {
		if (Encoded(p.DataType()) || Encoded(first.DataType())) && !arrow.TypeEqual(p.DataType(), first.DataType()) ||
			p.Data().Dictionary() != first.Data().Dictionary() {
			return false
		}
	}
	return true
}

func concatData(parts []arrow.ArrayData) (*array.Data, error) {
	typ := parts[0].DataType()
	n := 0
	for _, p := range parts {
		n += p.Len()
	}
	t := storage(typ)
	if t.ID() == arrow.NULL {
		return array.NewData(typ, n, []*memory.Buffer{nil}, nil, n, 0), nil
	}
	valid := concatValidity(parts, n)
	switch t := t.(type) {
	case *arrow.BooleanType:
		bits := newBitWriter(n)
		for _, p := range parts {
			bits.copy(p.Buffers()[1], p.Offset(), p.Len())
		}
		return newData(typ, n, valid, []*memory.Buffer{memory.NewBufferBytes(bits.words.bytes())}, nil), nil
	case *arrow.StringType, *arrow.BinaryType:
		return concatBinary(parts, n, valid)
	case *arrow.ListType, *arrow.MapType:
		return concatList(parts, n, valid)
	case *arrow.FixedSizeListType:
		child, err := concatChild(parts, 0, int(t.Len()))
		if err != nil {
			return nil, err
		}
		return newData(typ, n, valid, nil, []arrow.ArrayData{child}), nil
	case *arrow.StructType:
		children := make([]arrow.ArrayData, t.NumFields())
		for i := range children {
			child, err := concatChild(parts, i, 1)
			if err != nil {
				return nil, err
			}
			children[i] = child
		}
		return newData(typ, n, valid, nil, children), nil
	case *arrow.DictionaryType:
		for _, p := range parts {
			if p.Dictionary() != parts[0].Dictionary() { // inside a list or struct
				return unifyDictionaries(parts)
			}
		}
		out := newData(typ, n, valid, []*memory.Buffer{concatFixed(parts, t.IndexType, n)}, nil)
		out.SetDictionary(parts[0].Dictionary())
		return out, nil
	case arrow.FixedWidthDataType:
		return newData(typ, n, valid, []*memory.Buffer{concatFixed(parts, t, n)}, nil), nil
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "columns of Arrow type %s are not supported", t)
}

// unifyDictionaries joins arrays over different dictionaries into one over a
// dictionary of all their values.
func unifyDictionaries(parts []arrow.ArrayData) (*array.Data, error) {
	arrays := make([]arrow.Array, len(parts))
	for i, p := range parts {
		arrays[i] = array.MakeFromData(p)
	}
	out, err := array.Concatenate(arrays, memory.DefaultAllocator)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.InternalError, "cannot join dictionaries")
	}
	return out.Data().(*array.Data), nil
}

// concatValidity is nil when no part has a NULL.
func concatValidity(parts []arrow.ArrayData, n int) []byte {
	any := false
	for _, p := range parts {
		any = any || p.Buffers()[0] != nil && p.NullN() != 0
	}
	if !any {
		return nil
	}
	bits := newBitWriter(n)
	for _, p := range parts {
		if p.Buffers()[0] == nil {
			bits.ones(p.Len())
		} else {
			bits.copy(p.Buffers()[0], p.Offset(), p.Len())
		}
	}
	return bits.words.bytes()
}

func concatFixed(parts []arrow.ArrayData, t arrow.DataType, n int) *memory.Buffer {
	width := t.(arrow.FixedWidthDataType).BitWidth() / 8
	out := make([]byte, 0, n*width)
	for _, p := range parts {
		out = append(out, view[byte](p.Buffers()[1], p.Offset()*width, p.Len()*width)...)
	}
	return memory.NewBufferBytes(out)
}

func concatBinary(parts []arrow.ArrayData, n int, valid []byte) (*array.Data, error) {
	total := 0
	for _, p := range parts {
		if o := view[int32](p.Buffers()[1], p.Offset(), p.Len()+1); len(o) > 0 {
			total += int(o[len(o)-1] - o[0])
		}
	}
	if total > math.MaxInt32 {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "a column holds more than 2 GiB of text in one operator")
	}
	offsets := make([]int32, 1, n+1)
	data := make([]byte, 0, total)
	for _, p := range parts {
		o := view[int32](p.Buffers()[1], p.Offset(), p.Len()+1)
		if len(o) == 0 {
			continue
		}
		shift := int32(len(data)) - o[0]
		for _, v := range o[1:] {
			offsets = append(offsets, v+shift)
		}
		data = append(data, view[byte](p.Buffers()[2], int(o[0]), int(o[len(o)-1]-o[0]))...)
	}
	return newData(parts[0].DataType(), n, valid, []*memory.Buffer{bufferOf(offsets), memory.NewBufferBytes(data)}, nil), nil
}

func concatList(parts []arrow.ArrayData, n int, valid []byte) (*array.Data, error) {
	offsets := make([]int32, 1, n+1)
	items := make([]arrow.ArrayData, len(parts))
	at := int32(0)
	for i, p := range parts {
		o := view[int32](p.Buffers()[1], p.Offset(), p.Len()+1)
		if len(o) == 0 {
			o = []int32{0}
		}
		for _, v := range o[1:] {
			offsets = append(offsets, v-o[0]+at)
		}
		last := o[len(o)-1]
		at += last - o[0]
		items[i] = array.NewSliceData(p.Children()[0], int64(o[0]), int64(last))
	}
	child, err := concatData(items)
	if err != nil {
		return nil, err
	}
	return newData(parts[0].DataType(), n, valid, []*memory.Buffer{bufferOf(offsets)}, []arrow.ArrayData{child}), nil
}

// concatChild joins child i of each part, which has width rows for each row.
func concatChild(parts []arrow.ArrayData, i, width int) (*array.Data, error) {
	items := make([]arrow.ArrayData, len(parts))
	for p, d := range parts {
		items[p] = array.NewSliceData(d.Children()[i], int64(d.Offset()*width), int64((d.Offset()+d.Len())*width))
	}
	return concatData(items)
}

// bitWriter fills a bitmap from its start.
type bitWriter struct {
	words Words
	n     int
}

func newBitWriter(n int) *bitWriter { return &bitWriter{words: make(Words, wordCount(n))} }

// copy appends n bits of b from bit offset on.
func (w *bitWriter) copy(b *memory.Buffer, offset, n int) {
	if n > 0 {
		w.add(readBits(b.Bytes(), offset, n), n)
	}
}

func (w *bitWriter) ones(n int) { w.add(Ones(n), n) }

func (w *bitWriter) add(bits Words, n int) {
	at, shift := w.n/64, uint(w.n%64)
	for i, x := range bits {
		w.words[at+i] |= x << shift
		if rest := x >> (64 - shift); shift != 0 && rest != 0 {
			w.words[at+i+1] |= rest
		}
	}
	w.n += n
}
