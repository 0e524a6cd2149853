package parquet

import (
	"math/bits"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/zeebo/xxh3"
)

// maxDictionaryBytes is how large a dictionary may become.
const maxDictionaryBytes = 1 << 20

// dictionaryOf numbers the distinct values of a buffer in the order in which
// they come: the number of each value, and the values by their first index. It
// gives false when a dictionary would save nothing.
func (b *leafBuffer) dictionaryOf() (indices, distinct []int32, ok bool) {
	n := b.values()
	if n == 0 || b.physical == parquet.Types.Boolean {
		return nil, nil, false
	}
	t := dictionaryTable{indices: make([]int32, n), limit: n/2 + 1}
	switch {
	case b.width == 4:
		ok = numberValues(&t, valuesOf[uint32](b.fixed), func(v uint32) uint64 { return mix(uint64(v)) })
	case b.width == 8:
		ok = numberValues(&t, valuesOf[uint64](b.fixed), mix)
	default:
		ok = t.numberBytes(b)
	}
	if !ok {
		return nil, nil, false
	}
	width := int64(bits.Len(uint(len(t.distinct) - 1)))
	if t.bytes+int64(n)*width/8 >= b.plainBytes(0, n) {
		return nil, nil, false
	}
	return t.indices, t.distinct, true
}

// dictionaryTable is an open-addressing hash table of numbers of values.
type dictionaryTable struct {
	slots    []int32 // number+1, 0 for none
	hashes   []uint64
	indices  []int32
	distinct []int32
	bytes    int64 // of the dictionary
	limit    int   // distinct values there may be
}

// grow makes room for one more value; false when there are too many.
func (t *dictionaryTable) grow(bytes int) bool {
	if t.bytes += int64(bytes); t.bytes > maxDictionaryBytes || len(t.distinct) >= t.limit {
		return false
	}
	if 2*len(t.distinct) < len(t.slots) {
		return true
	}
	t.slots = make([]int32, max(256, 4*len(t.slots)))
	mask := uint64(len(t.slots) - 1)
	for i, h := range t.hashes {
		at := h & mask
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = int32(i + 1)
	}
	return true
}

func (t *dictionaryTable) add(row int, hash, at uint64) {
	t.distinct, t.hashes = append(t.distinct, int32(row)), append(t.hashes, hash)
	t.slots[at] = int32(len(t.distinct))
}

func mix(v uint64) uint64 {
	v *= 0x9e3779b97f4a7c15
	return v ^ v>>32
}

func numberValues[T uint32 | uint64](t *dictionaryTable, values []T, hash func(T) uint64) bool {
	width := 4
	if uint64(^T(0)) > 1<<32 {
		width = 8
	}
	if !t.grow(0) {
		return false
	}
	for i, v := range values {
		h := hash(v)
		mask := uint64(len(t.slots) - 1)
		at := h & mask
		for t.slots[at] != 0 && values[t.distinct[t.slots[at]-1]] != v {
			at = (at + 1) & mask
		}
		if t.slots[at] == 0 {
			t.add(i, h, at)
			t.indices[i] = int32(len(t.distinct) - 1)
			if !t.grow(width) {
				return false
			}
			continue
		}
		t.indices[i] = t.slots[at] - 1
	}
	return true
}

func (t *dictionaryTable) numberBytes(b *leafBuffer) bool {
	if !t.grow(0) {
		return false
	}
	for i := range t.indices {
		v := b.value(i)
		h := xxh3.Hash(v)
		mask := uint64(len(t.slots) - 1)
		at := h & mask
		for t.slots[at] != 0 {
			k := t.slots[at] - 1
			if t.hashes[k] == h && string(b.value(int(t.distinct[k]))) == string(v) {
				break
			}
			at = (at + 1) & mask
		}
		if t.slots[at] == 0 {
			t.add(i, h, at)
			t.indices[i] = int32(len(t.distinct) - 1)
			if !t.grow(len(v) + 4) {
				return false
			}
			continue
		}
		t.indices[i] = t.slots[at] - 1
	}
	return true
}
