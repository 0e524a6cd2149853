package rowkey

import "math/bits"

// Reset makes t an empty table again, for about n keys that are found by their
// hash: they are so spread that indices would not do. It keeps the memory that t
// has, if that is not far too much.
func (t *Table) Reset(n int) {
	t.next, t.null = 0, NoGroup
	t.small = direct{decided: true}
	t.dict, t.dicts = dictionaryGroups{}, dictionaryTuples{}
	switch t.layout {
	case oneFixed, packed8:
		t.one.reset(n)
	case packed16:
		t.two.reset(n)
	case packed24:
		t.three.reset(n)
	case oneText, encoded:
		t.text.reset()
	}
}

// reset empties the map and makes room for n keys.
func (m *fixedMap[K]) reset(n int) {
	size := slotsFor(n)
	if len(m.slots) < size || len(m.slots) > 4*size {
		m.slots = make([]fixedSlot[K], size)
	} else {
		clear(m.slots)
	}
	m.count = 0
}

// slotsFor is the size of a map that n keys fill at most by half.
func slotsFor(n int) int { return max(32, 1<<bits.Len(uint(max(2*n-1, 0)))) }

// reset empties the map.
func (m *bytesMap) reset() {
	clear(m.slots)
	m.ends, m.group, m.arena = m.ends[:0], m.group[:0], m.arena[:0]
}
