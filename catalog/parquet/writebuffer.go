package parquet

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/apache/arrow/go/v15/parquet"
)

// leafBuffer holds the levels and values of one leaf for the row group at hand,
// in the file's physical form.
type leafBuffer struct {
	physical parquet.Type
	width    int // bytes of a value: 1 for booleans, 0 for byte arrays
	maxDef   int16
	maxRep   int16

	entries  int     // levels, or rows where there are none
	def, rep []int16 // rep only below lists
	starts   []int32 // below lists: the entry that each row begins with
	fixed    []byte
	offsets  []int64 // of byte arrays: n+1
	data     []byte
	failed   error
}

func newLeafBuffer(path []*writeNode) *leafBuffer {
	b := &leafBuffer{offsets: []int64{0}}
	for _, n := range path {
		b.maxDef++
		if n.isList() {
			b.maxRep++
			b.maxDef++
		}
	}
	leaf := path[len(path)-1].leaf
	b.physical = leaf.physical
	switch leaf.physical {
	case parquet.Types.Boolean:
		b.width = 1
	case parquet.Types.Int32, parquet.Types.Float:
		b.width = 4
	case parquet.Types.Int64, parquet.Types.Double:
		b.width = 8
	case parquet.Types.FixedLenByteArray:
		b.width = leaf.length
	}
	return b
}

// values is how many values the buffer has.
func (b *leafBuffer) values() int {
	if b.width == 0 {
		return len(b.offsets) - 1
	}
	return len(b.fixed) / b.width
}

// bytes is how much memory the buffer's content takes.
func (b *leafBuffer) bytes() int64 {
	return int64(len(b.fixed)+len(b.data)) + 2*int64(len(b.def)+len(b.rep)) + 8*int64(len(b.offsets)) + 4*int64(len(b.starts))
}

// addLevels takes the levels of more rows.
func (b *leafBuffer) addLevels(l *levels) {
	if b.maxRep > 0 {
		for i, r := range l.rep {
			if r == 0 {
				b.starts = append(b.starts, int32(b.entries+i))
			}
		}
		b.rep = append(b.rep, l.rep...)
	}
	b.def = append(b.def, l.def...)
	b.entries += len(l.def)
}

// value is value i in its PLAIN form, byte arrays without their length.
func (b *leafBuffer) value(i int) []byte {
	if b.width == 0 {
		return b.data[b.offsets[i]:b.offsets[i+1]]
	}
	return b.fixed[i*b.width : (i+1)*b.width]
}

// appendPlain appends values from to to−1 in the PLAIN encoding.
func (b *leafBuffer) appendPlain(out []byte, from, to int) []byte {
	switch {
	case b.width == 0:
		for i := from; i < to; i++ {
			out = binary.LittleEndian.AppendUint32(out, uint32(b.offsets[i+1]-b.offsets[i]))
			out = append(out, b.data[b.offsets[i]:b.offsets[i+1]]...)
		}
		return out
	case b.physical == parquet.Types.Boolean:
		at := len(out)
		out = append(out, make([]byte, (to-from+7)/8)...)
		for i, v := range b.fixed[from:to] {
			out[at+i/8] |= v << (i % 8)
		}
		return out
	}
	return append(out, b.fixed[from*b.width:to*b.width]...)
}

// plainBytes is the size of values from to to−1 in the PLAIN encoding.
func (b *leafBuffer) plainBytes(from, to int) int64 {
	if b.width == 0 {
		return b.offsets[to] - b.offsets[from] + 4*int64(to-from)
	}
	return int64(to-from) * int64(b.width)
}

var errValueTooLong = errors.New("a value has more than 2 GiB")

func (b *leafBuffer) addBytes(v []byte) {
	if len(v) > math.MaxInt32 {
		b.failed = errValueTooLong
		return
	}
	b.data = append(b.data, v...)
	b.offsets = append(b.offsets, int64(len(b.data)))
}

// reset empties the buffer; it keeps its memory.
func (b *leafBuffer) reset() {
	b.entries, b.def, b.rep, b.starts = 0, b.def[:0], b.rep[:0], b.starts[:0]
	b.fixed, b.offsets, b.data = b.fixed[:0], b.offsets[:1], b.data[:0]
}
