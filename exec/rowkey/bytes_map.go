package rowkey

import "github.com/zeebo/xxh3"

// bytesMap numbers keys of any length: open addressing over slots that hold a
// hash and a group, with the keys one after the other in an arena.
type bytesMap struct {
	slots []uint64 // high half: high half of the hash; low half: key number+1
	ends  []int    // end of each key in arena, in order of insertion
	group []uint32 // of each key
	arena []byte
}

func (m *bytesMap) key(n uint32) []byte {
	lo := 0
	if n > 0 {
		lo = m.ends[n-1]
	}
	return m.arena[lo:m.ends[n]]
}

// keyView gives the keys of a batch without a copy.
type keyView struct {
	offsets []int32
	data    []byte
}

func (v keyView) key(i int) []byte { return v.data[v.offsets[i]:v.offsets[i+1]] }

// assign gives each row that has a key (skip: those that have none) its group.
func (m *bytesMap) assign(keys keyView, n int, skip func(int) bool, groups []uint32, next *uint32, fresh []int32) []int32 {
	if len(m.slots) == 0 {
		m.slots = make([]uint64, 32)
	}
	for i := range n {
		if skip != nil && skip(i) {
			continue
		}
		k := keys.key(i)
		h := xxh3.Hash(k)
		p, found := m.probe(h, k)
		if found {
			groups[i] = m.group[uint32(m.slots[p])-1]
			continue
		}
		m.arena = append(m.arena, k...)
		m.ends = append(m.ends, len(m.arena))
		m.group = append(m.group, *next)
		m.slots[p] = h&^(1<<32-1) | uint64(len(m.ends))
		groups[i] = *next
		*next++
		fresh = append(fresh, int32(i))
		if len(m.ends)*2 > len(m.slots) {
			m.grow()
		}
	}
	return fresh
}

// probe gives the slot of key k, or the empty one where it belongs.
func (m *bytesMap) probe(h uint64, k []byte) (slot uint64, found bool) {
	mask := uint64(len(m.slots) - 1)
	tag := h >> 32
	p := slotOf(h) & mask
	for {
		s := m.slots[p]
		if s == 0 {
			return p, false
		}
		if s>>32 == tag && string(m.key(uint32(s)-1)) == string(k) {
			return p, true
		}
		p = (p + 1) & mask
	}
}

// slotOf is the first slot of a hash. It comes from the same half as the tag,
// so that growing needs no keys.
func slotOf(h uint64) uint64 { return h >> 32 }

func (m *bytesMap) find(keys keyView, n int, groups []uint32) {
	if len(m.slots) == 0 {
		fillNoGroup(groups[:n])
		return
	}
	for i := range n {
		groups[i] = NoGroup
		k := keys.key(i)
		if p, found := m.probe(xxh3.Hash(k), k); found {
			groups[i] = m.group[uint32(m.slots[p])-1]
		}
	}
}

func (m *bytesMap) grow() {
	old := m.slots
	m.slots = make([]uint64, 4*len(old))
	mask := uint64(len(m.slots) - 1)
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

func (m *bytesMap) bytes() int64 {
	return int64(8*len(m.slots) + 8*cap(m.ends) + 4*cap(m.group) + cap(m.arena))
}
