package rowkey

import "unsafe"

// fixedMap numbers fixed-size keys by open addressing with linear probing, at
// most half full, or three quarters where the number of keys was known (reset).
type fixedMap[K comparable] struct {
	slots   []fixedSlot[K]
	count   int
	room    int    // for so many keys; more make it grow
	touched uint32 // what touch read, so that it is not optimized away
}

// A map of so many slots is larger than the processor's nearest cache: looking
// up keys one after the other would wait for memory at each.
const (
	farSlots  = 1 << 10
	nearBatch = 128 // keys whose slots are fetched together
)

type fixedSlot[K comparable] struct {
	key   K
	group uint32 // plus 1; 0 is an empty slot
	hash  uint32
}

// assign gives each key its group; a new key gets *next, which it advances, and
// its row is appended to fresh.
func (m *fixedMap[K]) assign(keys []K, hashes []uint64, groups []uint32, next *uint32, fresh []int32) []int32 {
	if len(m.slots) == 0 {
		m.allocate(32)
	}
	for lo := 0; lo < len(keys); lo += nearBatch {
		hi := min(lo+nearBatch, len(keys))
		m.touched = m.touch(hashes[lo:hi])
		fresh = m.assignNear(keys[:hi], hashes, groups, lo, next, fresh)
	}
	return fresh
}

// expect makes room for so many keys before the first.
func (m *fixedMap[K]) expect(n int) {
	if len(m.slots) == 0 {
		m.allocate(slotsFor(n))
	}
}

func (m *fixedMap[K]) allocate(slots int) { m.slots, m.room = make([]fixedSlot[K], slots), slots/2 }

// touch reads the slots at which some keys will be looked for. The reads do not
// depend on each other, so the processor makes many at a time.
func (m *fixedMap[K]) touch(hashes []uint64) (touched uint32) {
	if len(m.slots) < farSlots {
		return 0
	}
	mask := uint32(len(m.slots) - 1)
	for _, h := range hashes {
		touched += m.slots[uint32(h)&mask].group
	}
	return touched
}

// assignNear is assign for the keys from lo on.
func (m *fixedMap[K]) assignNear(keys []K, hashes []uint64, groups []uint32, lo int, next *uint32, fresh []int32) []int32 {
	mask := uint32(len(m.slots) - 1)
	for i := lo; i < len(keys); i++ {
		k, h := keys[i], uint32(hashes[i])
		p := h & mask
		for {
			s := &m.slots[p]
			if s.group == 0 {
				*next++
				*s = fixedSlot[K]{key: k, group: *next, hash: h}
				groups[i] = *next - 1
				fresh = append(fresh, int32(i))
				if m.count++; m.count > m.room {
					m.grow()
					mask = uint32(len(m.slots) - 1)
				}
				break
			}
			if s.key == k {
				groups[i] = s.group - 1
				break
			}
			p = (p + 1) & mask
		}
	}
	return fresh
}

// put gives a key that the map does not have its group, which is given plus 1,
// where expect has made room.
func (m *fixedMap[K]) put(key K, hash uint64, group uint32) {
	mask := uint32(len(m.slots) - 1)
	p := uint32(hash) & mask
	for m.slots[p].group != 0 {
		p = (p + 1) & mask
	}
	m.slots[p] = fixedSlot[K]{key: key, group: group, hash: uint32(hash)}
	m.count++
}

// find gives each key its group, or NoGroup. What it touched is not to be used.
func (m *fixedMap[K]) find(keys []K, hashes []uint64, groups []uint32) (touched uint32) {
	if len(m.slots) == 0 {
		fillNoGroup(groups[:len(keys)])
		return 0
	}
	for lo := 0; lo < len(keys); lo += nearBatch {
		hi := min(lo+nearBatch, len(keys))
		touched += m.touch(hashes[lo:hi])
		m.findNear(keys[lo:hi], hashes[lo:hi], groups[lo:hi])
	}
	return touched
}

func (m *fixedMap[K]) findNear(keys []K, hashes []uint64, groups []uint32) {
	mask := uint32(len(m.slots) - 1)
	for i, k := range keys {
		p := uint32(hashes[i]) & mask
		for m.slots[p].group != 0 && m.slots[p].key != k {
			p = (p + 1) & mask
		}
		groups[i] = m.slots[p].group - 1 // an empty slot wraps to NoGroup
	}
}

func (m *fixedMap[K]) grow() {
	old := m.slots
	m.allocate(4 * len(old))
	mask := uint32(len(m.slots) - 1)
	for _, s := range old {
		if s.group == 0 {
			continue
		}
		p := s.hash & mask
		for m.slots[p].group != 0 {
			p = (p + 1) & mask
		}
		m.slots[p] = s
	}
}

func (m *fixedMap[K]) bytes() int64 {
	return int64(len(m.slots)) * int64(unsafe.Sizeof(fixedSlot[K]{}))
}
