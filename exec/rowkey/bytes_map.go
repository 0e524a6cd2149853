package rowkey

import (
	"math/bits"
	"unsafe"

	"volley/exec/kernel"
)

// bytesMap numbers keys of any length. Slots, found by open addressing, hold a
// part of the hash and the number of a key; keys of up to 16 bytes are in their
// entries, longer ones one after the other in an arena.
type bytesMap struct {
	slots   []uint64 // high half: of the hash; low half: key number + 1; 0: empty
	entries []bytesEntry
	arena   []byte
}

// bytesEntry is a key and its group. head is the key, filled up with zeros, or,
// of a longer one, its hash and where it is in the arena.
type bytesEntry struct {
	head   [2]uint64
	length uint32
	group  uint32
}

// shortKey is how long a key may be that is in its entry.
const shortKey = 16

// nullGroup is where a table has the group of NULL and which rows are NULL; none
// where valid is nil.
type nullGroup struct {
	valid kernel.Words
	group *uint32
}

// assign gives each of n rows its group. A new key gets *next, which it
// advances, and its row is appended to fresh; so does NULL.
func (m *bytesMap) assign(keys keyView, n int, null nullGroup, groups []uint32, next *uint32, fresh []int32) []int32 {
	if len(m.slots) == 0 {
		m.slots = make([]uint64, 32)
	}
	var near nearKeys
	for lo := 0; lo < n; lo += nearBatch {
		hi := min(lo+nearBatch, n)
		near.load(keys, lo, hi)
		near.touch(m)
		fresh = m.assignNear(&near, keys, lo, hi, null, groups, next, fresh)
	}
	return fresh
}

// assignNear is assign for the rows from lo to hi, which near has.
func (m *bytesMap) assignNear(near *nearKeys, keys keyView, lo, hi int, null nullGroup, groups []uint32, next *uint32, fresh []int32) []int32 {
	for i := lo; i < hi; i++ {
		if null.valid != nil && !null.valid.Get(i) {
			if *null.group == NoGroup {
				*null.group = *next
				*next++
				fresh = append(fresh, int32(i))
			}
			groups[i] = *null.group
			continue
		}
		k := near.key(i - lo)
		p, e := m.probe(k, keys, i)
		if e != nil {
			groups[i] = e.group
			continue
		}
		m.insert(p, k, keys.key(i), *next)
		groups[i] = *next
		*next++
		fresh = append(fresh, int32(i))
	}
	return fresh
}

// insert puts a new key at the empty slot p.
func (m *bytesMap) insert(p uint64, k nearKey, key []byte, group uint32) {
	e := bytesEntry{head: k.head, length: uint32(len(key)), group: group}
	if len(key) > shortKey {
		e.head = [2]uint64{k.hash, uint64(len(m.arena))}
		m.arena = append(m.arena, key...)
	}
	m.entries = append(m.entries, e)
	m.slots[p] = k.hash&^(1<<32-1) | uint64(len(m.entries))
	if len(m.entries)*2 > len(m.slots) {
		m.grow()
	}
}

// find gives each of n rows its group, or NoGroup. What it touched is not to be used.
func (m *bytesMap) find(keys keyView, n int, groups []uint32) (touched uint64) {
	if len(m.slots) == 0 {
		fillNoGroup(groups[:n])
		return 0
	}
	var near nearKeys
	for lo := 0; lo < n; lo += nearBatch {
		hi := min(lo+nearBatch, n)
		near.load(keys, lo, hi)
		near.touch(m)
		for i := lo; i < hi; i++ {
			groups[i] = NoGroup
			if _, e := m.probe(near.key(i-lo), keys, i); e != nil {
				groups[i] = e.group
			}
		}
	}
	return near.touched
}

// probe gives the entry of row i's key, or the empty slot where it belongs.
func (m *bytesMap) probe(k nearKey, keys keyView, i int) (slot uint64, e *bytesEntry) {
	mask := uint64(len(m.slots) - 1)
	length := keys.length(i)
	for p := slotOf(k.hash) & mask; ; p = (p + 1) & mask {
		s := m.slots[p]
		if s == 0 {
			return p, nil
		}
		if s>>32 != k.hash>>32 {
			continue
		}
		e := &m.entries[uint32(s)-1]
		if e.length != length {
			continue
		}
		if length <= shortKey {
			if e.head == k.head {
				return p, e
			}
		} else if e.head[0] == k.hash && string(m.long(e)) == string(keys.key(i)) {
			return p, e
		}
	}
}

// long is the key of an entry that does not have it itself.
func (m *bytesMap) long(e *bytesEntry) []byte { return m.arena[e.head[1]:][:e.length] }

// slotOf is the first slot of a hash. It comes from the half that slots have, so
// that growing needs no keys.
func slotOf(h uint64) uint64 { return h >> 32 }

func (m *bytesMap) grow() { m.resize(4 * len(m.slots)) }

func (m *bytesMap) resize(n int) {
	old := m.slots
	m.slots = make([]uint64, n)
	mask := uint64(n - 1)
	for _, s := range old {
		if s == 0 {
			continue
		}
		p := slotOf(s) & mask
		for m.slots[p] != 0 {
			p = (p + 1) & mask
		}
		m.slots[p] = s
	}
}

// expect makes room for so many keys before the first.
func (m *bytesMap) expect(n int) {
	if len(m.slots) == 0 {
		m.slots = make([]uint64, max(32, 1<<bits.Len(uint(max(2*n-1, 0)))))
	}
}

// reset empties the map.
func (m *bytesMap) reset() {
	clear(m.slots)
	m.entries, m.arena = m.entries[:0], m.arena[:0]
}

func (m *bytesMap) bytes() int64 {
	return int64(8*len(m.slots)+cap(m.arena)) + int64(cap(m.entries))*int64(unsafe.Sizeof(bytesEntry{}))
}
