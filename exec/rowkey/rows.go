package rowkey

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
)

// rows are the byte keys of a batch: row i is data[offsets[i]:offsets[i+1]].
type rows struct {
	offsets []int32
	data    []byte
	lens    []int32  // scratch
	vals    []uint64 // scratch
}

// Encode gives the equality keys of n rows: equal rows have equal bytes. They have no
// order.
func Encode(cols []arrow.Array, n int) Keys {
	var r rows
	r.encode(numericKeys(plainColumns(cols)), n)
	k := Keys{Data: r.data, Offsets: make([]int, n+1)}
	for i, o := range r.offsets {
		k.Offsets[i] = int(o)
	}
	return k
}

// encode fills r with the equality keys of n rows, numeric columns having become keys
// (numericKeys): column after column in each
// row, each one self-delimiting. Sizes are summed column by column first, so
// that every column is written by one typed loop.
func (r *rows) encode(cols []arrow.Array, n int) {
	if cap(r.lens) < n+1 {
		r.lens = make([]int32, n+1)
		r.offsets = make([]int32, n+1)
	}
	lens := r.lens[:n]
	clear(lens)
	simple := true
	for _, c := range cols {
		simple = simple && addLengths(c, lens)
	}
	r.offsets = r.offsets[:n+1]
	if !simple {
		r.encodeByRow(cols, n)
		return
	}
	total := int32(0)
	for i, l := range lens {
		r.offsets[i] = total
		lens[i] = total // from here on: where to write next
		total += l
	}
	r.offsets[n] = total
	if cap(r.data) < int(total) {
		r.data = make([]byte, total+total/4)
	}
	r.data = r.data[:total]
	for _, c := range cols {
		r.writeColumn(lens, c)
	}
}

func (r *rows) encodeByRow(cols []arrow.Array, n int) {
	r.data = r.data[:0]
	for i := range n {
		r.offsets[i] = int32(len(r.data))
		for _, c := range cols {
			r.data = appendValue(r.data, c, i)
		}
	}
	r.offsets[n] = int32(len(r.data))
}

// addLengths adds the key size of each row; false when the type has no typed
// loop and rows are encoded one by one.
func addLengths(a arrow.Array, lens []int32) bool {
	switch a.(type) {
	case *array.String, *array.Binary:
		o, _ := kernel.Offsets(a)
		valid := kernel.Valid(a)
		for i := range lens {
			lens[i]++
			if valid == nil || valid.Get(i) {
				lens[i] += o[i+1] - o[i]
				if o[i+1]-o[i] >= longText {
					lens[i] += 4
				}
			}
		}
		return true
	case *array.Decimal128:
		addWidth(a, lens, 16)
		return true
	}
	if fixedWidth(a.DataType()) == 0 {
		return false
	}
	addWidth(a, lens, 8)
	return true
}

func addWidth(a arrow.Array, lens []int32, width int32) {
	valid := kernel.Valid(a)
	for i := range lens {
		lens[i]++
		if valid == nil || valid.Get(i) {
			lens[i] += width
		}
	}
}

// writeColumn writes the keys of one column, row i at at[i], which it advances.
func (r *rows) writeColumn(at []int32, a arrow.Array) {
	data := r.data
	valid := kernel.Valid(a)
	switch a := a.(type) {
	case *array.String, *array.Binary:
		o, bytes := kernel.Offsets(a)
		for i, p := range at {
			if valid != nil && !valid.Get(i) {
				data[p] = 0
				at[i]++
				continue
			}
			v := bytes[o[i]:o[i+1]]
			if len(v) < longText {
				data[p] = byte(len(v) + 1)
				p++
			} else {
				data[p] = 255
				binary.BigEndian.PutUint32(data[p+1:], uint32(len(v)))
				p += 5
			}
			at[i] = p + int32(copy(data[p:], v))
		}
	case *array.Decimal128:
		for i, p := range at {
			if valid != nil && !valid.Get(i) {
				data[p] = 0
				at[i]++
				continue
			}
			v := a.Value(i)
			data[p] = 1
			binary.BigEndian.PutUint64(data[p+1:], uint64(v.HighBits()))
			binary.BigEndian.PutUint64(data[p+9:], v.LowBits())
			at[i] = p + 17
		}
	default:
		r.vals = resize(r.vals, len(at))
		vals := r.vals
		fixedValues(a, vals)
		for i, p := range at {
			if valid != nil && !valid.Get(i) {
				data[p] = 0
				at[i]++
				continue
			}
			data[p] = 1
			binary.BigEndian.PutUint64(data[p+1:], vals[i])
			at[i] = p + 9
		}
	}
}
