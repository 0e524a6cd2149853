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

// reset empties the map and makes room for n keys. It is filled by up to three
// quarters, so that less memory is cleared and more of it stays in the cache.
func (m *fixedMap[K]) reset(n int) {
	size := max(32, 1<<bits.Len(uint(max(n+n/3, 0))))
	if len(m.slots) < size || len(m.slots) > 2*size {
		m.allocate(size)
	} else {
		clear(m.slots)
	}
	m.count, m.room = 0, len(m.slots)/4*3
}

// slotsFor is the size of a map that n keys fill at most by half.
func slotsFor(n int) int { return max(32, 1<<bits.Len(uint(max(2*n-1, 0)))) }
