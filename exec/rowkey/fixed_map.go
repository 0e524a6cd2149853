package rowkey

import "unsafe"

// fixedMap numbers fixed-size keys by open addressing with linear probing, at
// most half full.
type fixedMap[K comparable] struct {
	slots []fixedSlot[K]
	count int
}

type fixedSlot[K comparable] struct {
	key   K
	group uint32 // plus 1; 0 is an empty slot
	hash  uint32
}

// assign gives each key its group; a new key gets *next, which it advances, and
// its row is appended to fresh.
func (m *fixedMap[K]) assign(keys []K, hashes []uint64, groups []uint32, next *uint32, fresh []int32) []int32 {
	if len(m.slots) == 0 {
		m.slots = make([]fixedSlot[K], 32)
	}
	mask := uint32(len(m.slots) - 1)
	for i, k := range keys {
		h := uint32(hashes[i])
		p := h & mask
		for {
			s := &m.slots[p]
			if s.group == 0 {
				*next++
				*s = fixedSlot[K]{key: k, group: *next, hash: h}
				groups[i] = *next - 1
				fresh = append(fresh, int32(i))
				if m.count++; m.count*2 > len(m.slots) {
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

// find gives each key its group, or NoGroup.
func (m *fixedMap[K]) find(keys []K, hashes []uint64, groups []uint32) {
	if len(m.slots) == 0 {
		fillNoGroup(groups[:len(keys)])
		return
	}
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
	m.slots = make([]fixedSlot[K], 4*len(old))
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
