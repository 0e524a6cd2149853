package rowkey

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// keyView gives the keys of a batch without a copy.
type keyView struct {
	offsets []int32
	data    []byte
}

func (v keyView) key(i int) []byte { return v.data[v.offsets[i]:v.offsets[i+1]] }

func (v keyView) length(i int) uint32 { return uint32(v.offsets[i+1] - v.offsets[i]) }

// nearKeys are some keys of a batch that are looked up together: what does not
// depend on the map is computed first, and what is read of the map is read for
// all of them before it is compared, so that the processor waits for many reads
// at a time.
type nearKeys struct {
	hashes  [nearBatch]uint64
	heads   [nearBatch][2]uint64 // of short keys: the key, filled up with zeros
	touched uint64               // what touch read, so that it is not optimized away
}

type nearKey struct {
	hash uint64
	head [2]uint64
}

func (n *nearKeys) key(i int) nearKey { return nearKey{n.hashes[i], n.heads[i]} }

// load takes the keys of rows lo to hi.
func (n *nearKeys) load(keys keyView, lo, hi int) {
	offsets := keys.offsets[lo : hi+1]
	for i := range offsets[1:] {
		at, end := int(offsets[i]), int(offsets[i+1])
		length := end - at
		if length > shortKey {
			n.hashes[i] = xxh3.Hash(keys.data[at:end])
			continue
		}
		head := &n.heads[i]
		if at+shortKey <= len(keys.data) {
			b := keys.data[at : at+shortKey]
			head[0] = binary.LittleEndian.Uint64(b) & lowBytes(length)
			head[1] = binary.LittleEndian.Uint64(b[8:]) & lowBytes(length-8)
		} else { // it may not be read past
			var b [shortKey]byte
			copy(b[:], keys.data[at:end])
			head[0], head[1] = binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])
		}
		n.hashes[i] = mix(mix(head[0]^mixA, head[1]^mixB)^uint64(length), mixB)
	}
}

// lowBytes is a mask of the first n bytes of a word: none for n ≤ 0, all for n ≥ 8.
func lowBytes(n int) uint64 {
	n = max(0, min(n, 8))
	return 1<<(8*uint(n)) - 1
}

// touch reads what probes of all keys will read first.
func (n *nearKeys) touch(m *bytesMap) {
	if len(m.slots) < farSlots || len(m.entries) == 0 {
		return
	}
	mask := uint64(len(m.slots) - 1)
	var first [nearBatch]uint32
	for i, h := range &n.hashes {
		first[i] = uint32(m.slots[slotOf(h)&mask])
	}
	last := uint32(len(m.entries) - 1)
	for _, k := range &first {
		n.touched += uint64(m.entries[min(k-1, last)].length) // of an empty slot: any
	}
}
