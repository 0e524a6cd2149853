package rowkey

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/sqltype"
)

// Order is how one key column sorts.
type Order struct {
	Desc, NullsFirst bool
}

// Keys are sort keys of rows: row i is Data[Offsets[i]:Offsets[i+1]], and
// comparing them as bytes compares the rows.
//
//	column:  1 byte   1 for a value; NULL is 0 (first) or 2 (last)
//	         value    big-endian, sign bit flipped; text is escaped (0 → 0 1)
//	                  and ends with 0 0; inverted bit by bit when descending
type Keys struct {
	Data    []byte
	Offsets []int
}

// Key is the key of row i.
func (k *Keys) Key(i int) []byte { return k.Data[k.Offsets[i]:k.Offsets[i+1]] }

// Len is the number of rows.
func (k *Keys) Len() int { return max(len(k.Offsets)-1, 0) }

// Bytes is the memory held.
func (k *Keys) Bytes() int64 { return int64(cap(k.Data) + 8*cap(k.Offsets)) }

// Append adds the keys of n rows of cols, ordered by the element of orders of
// the same index.
func (k *Keys) Append(cols []arrow.Array, orders []Order, n int) {
	k.AppendPrefixes(cols, orders, n, math.MaxInt)
}

// AppendPrefixes is Append of the first bytes of the keys, so many at most.
func (k *Keys) AppendPrefixes(cols []arrow.Array, orders []Order, n, most int) {
	cols = plainColumns(cols)
	if len(k.Offsets) == 0 {
		k.Offsets = append(k.Offsets, 0)
	}
	writers := make([]orderWriter, len(cols))
	for c, a := range cols {
		writers[c] = newOrderWriter(a, orders[c], n)
		writers[c].most = most
	}
	if len(writers) == 1 && writers[0].fixed != nil {
		k.appendFixed(&writers[0])
		return
	}
	for i := range n {
		for c := range writers {
			k.Data = writers[c].append(k.Data, i)
		}
		if at := k.Offsets[len(k.Offsets)-1]; len(k.Data)-at > most {
			k.Data = k.Data[:at+most]
		}
		k.Offsets = append(k.Offsets, len(k.Data))
	}
}

// appendFixed is the loop for one column of fixed width: 9 bytes a row.
func (k *Keys) appendFixed(w *orderWriter) {
	k.Data = slices.Grow(k.Data, 9*len(w.fixed))
	k.Offsets = slices.Grow(k.Offsets, len(w.fixed))
	for i, v := range w.fixed {
		if w.valid != nil && !w.valid.Get(i) {
			k.Data = append(k.Data, w.null)
		} else {
			k.Data = append(k.Data, 1)
			k.Data = binary.BigEndian.AppendUint64(k.Data, v)
		}
		k.Offsets = append(k.Offsets, len(k.Data))
	}
}

// orderWriter writes the keys of one column.
type orderWriter struct {
	valid   kernel.Words
	null    byte
	fixed   []uint64 // values of fixed width, inverted already
	offsets []int32  // of text
	data    []byte
	most    int         // bytes of text that matter
	any     arrow.Array // other types
	order   Order
}

func newOrderWriter(a arrow.Array, o Order, n int) orderWriter {
	w := orderWriter{valid: kernel.Valid(a), null: nullMark(o), order: o}
	switch {
	case fixedWidth(a.DataType()) > 0:
		w.fixed = make([]uint64, n)
		orderedValues(a, w.fixed)
		if o.Desc {
			for i, v := range w.fixed {
				w.fixed[i] = ^v
			}
		}
	case isText(a.DataType()):
		w.offsets, w.data = kernel.Offsets(a)
	default:
		w.any = a
	}
	return w
}

func (w *orderWriter) append(dst []byte, i int) []byte {
	switch {
	case w.valid != nil && !w.valid.Get(i):
		return append(dst, w.null)
	case w.fixed != nil:
		return binary.BigEndian.AppendUint64(append(dst, 1), w.fixed[i])
	case w.any != nil:
		return appendOrdered(dst, w.any, i, w.order)
	}
	at := len(dst) + 1
	text := w.data[w.offsets[i]:w.offsets[i+1]]
	dst = appendEscaped(append(dst, 1), text[:min(len(text), w.most)])
	if w.order.Desc {
		for j := at; j < len(dst); j++ {
			dst[j] = ^dst[j]
		}
	}
	return dst
}

func nullMark(o Order) byte {
	if o.NullsFirst {
		return 0
	}
	return 2
}

// orderedValues writes values of fixedWidth > 0 as integers of the same order.
func orderedValues(a arrow.Array, dst []uint64) {
	fixedValues(a, dst)
	switch a.DataType().ID() {
	case arrow.FLOAT64:
		for i, v := range dst {
			dst[i] = orderedFloat(v)
		}
	case arrow.FLOAT32:
		for i, v := range dst {
			dst[i] = orderedFloat(math.Float64bits(float64(math.Float32frombits(uint32(v)))))
		}
	case arrow.UINT64:
	default:
		for i, v := range dst {
			dst[i] = v ^ 1<<63
		}
	}
}

// orderedFloat orders the bits of a normalised float64; NaN is greatest.
func orderedFloat(v uint64) uint64 {
	if v>>63 != 0 {
		return ^v
	}
	return v | 1<<63
}

// appendOrdered appends the sort key of row i of a column.
func appendOrdered(dst []byte, a arrow.Array, i int, o Order) []byte {
	if kernel.IsNull(a, i) {
		return append(dst, nullMark(o))
	}
	dst = append(dst, 1)
	at := len(dst)
	dst = appendOrderedValue(dst, a, i)
	if o.Desc {
		for j := at; j < len(dst); j++ {
			dst[j] = ^dst[j]
		}
	}
	return dst
}

func appendOrderedValue(dst []byte, a arrow.Array, i int) []byte {
	switch a := a.(type) {
	case *array.String:
		return appendEscaped(dst, []byte(a.Value(i)))
	case *array.Binary:
		return appendEscaped(dst, a.Value(i))
	case *sqltype.NumericArray:
		return appendOrderedNum(dst, a.Value(i))
	case *array.Decimal128:
		v := a.Value(i)
		dst = binary.BigEndian.AppendUint64(dst, uint64(v.HighBits())^1<<63)
		return binary.BigEndian.AppendUint64(dst, v.LowBits())
	case *array.MonthDayNanoInterval:
		days, micros := intervalMicros(a.Value(i))
		dst = binary.BigEndian.AppendUint64(dst, uint64(days)^1<<63)
		return binary.BigEndian.AppendUint64(dst, uint64(micros))
	case *array.Dictionary:
		return appendOrderedValue(dst, a.Dictionary(), a.GetValueIndex(i))
	case *array.List:
		lo, hi := a.ValueOffsets(i)
		for j := lo; j < hi; j++ {
			dst = append(dst, 1) // an item follows: greater than the end
			dst = appendOrdered(dst, a.ListValues(), int(j), Order{})
		}
		return append(dst, 0)
	case *array.Struct:
		for f := range a.NumField() {
			dst = appendOrdered(dst, a.Field(f), i, Order{})
		}
		return dst
	case *sqltype.JSONArray:
		return appendOrderedJSON(dst, []byte(a.Value(i)))
	case array.ExtensionArray:
		return appendOrderedValue(dst, a.Storage(), i)
	case *array.FixedSizeBinary:
		return append(dst, a.Value(i)...)
	}
	var one [1]uint64
	orderedValues(kernel.Slice(a, i, i+1), one[:])
	return binary.BigEndian.AppendUint64(dst, one[0])
}

// appendEscaped ends text by 0 0, which is less than any text that goes on; a 0
// inside becomes 0 1.
func appendEscaped(dst, s []byte) []byte {
	for {
		z := bytes.IndexByte(s, 0)
		if z < 0 {
			dst = append(dst, s...)
			return append(dst, 0, 0)
		}
		dst = append(append(dst, s[:z]...), 0, 1)
		s = s[z+1:]
	}
}

// Take is the keys of some rows, in that order.
func (k *Keys) Take(rows []int32) Keys { return k.TakePrefixes(rows, math.MaxInt) }

// TakePrefixes is the first bytes of the keys of some rows, so many at most. Two that
// are not equal compare as the keys do.
func (k *Keys) TakePrefixes(rows []int32, most int) Keys {
	out := Keys{Offsets: make([]int, 1, len(rows)+1)}
	total := 0
	for _, r := range rows {
		total += min(k.Offsets[r+1]-k.Offsets[r], most)
	}
	out.Data = make([]byte, 0, total)
	for _, r := range rows {
		key := k.Key(int(r))
		out.Data = append(out.Data, key[:min(len(key), most)]...)
		out.Offsets = append(out.Offsets, len(out.Data))
	}
	return out
}
