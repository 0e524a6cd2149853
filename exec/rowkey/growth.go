package rowkey

import "unsafe"

// Growth is how many bytes the table would take on top of those it has if n new
// keys came, while it moves to a larger place; 0: there is room for them.
func (t *Table) Growth(n int) int64 {
	switch t.layout {
	case noColumns:
		return 0
	case oneFixed, packed8:
		return t.one.growth(n)
	case packed16:
		return t.two.growth(n)
	case packed24:
		return t.three.growth(n)
	}
	return t.text.growth(n)
}

// grownSlots is how many slots a table of half as many keys has that grows by
// fours; 0: it need not grow.
func grownSlots(slots, keys int) int {
	if 2*keys <= slots {
		return 0
	}
	for slots = max(slots, 32); 2*keys > slots; {
		slots *= 4
	}
	return slots
}

func (m *fixedMap[K]) growth(n int) int64 {
	return int64(grownSlots(len(m.slots), m.count+n)) * int64(unsafe.Sizeof(fixedSlot[K]{}))
}

func (m *bytesMap) growth(n int) int64 {
	keys := len(m.entries)
	bytes := int64(8 * grownSlots(len(m.slots), keys+n))
	if keys+n > cap(m.entries) {
		bytes += int64(unsafe.Sizeof(bytesEntry{})) * int64((keys+n)*5/4)
	}
	if more := n * (len(m.arena)/max(keys, 1) + 1); len(m.arena)+more > cap(m.arena) {
		bytes += int64((len(m.arena) + more) * 5 / 4)
	}
	return bytes
}
