package keyset

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"
)

// merge makes one run of at most n keys of several, the oldest first, and newer entries.
// What the newest says of a key counts; dead keys are left out where nothing older is left.
func (t *tree) merge(runs []*run, newer []byte, n int, last bool) (*run, error) {
	cursors := make([]cursor, len(runs)+1)
	for i, r := range runs {
		cursors[i] = cursor{tree: t, run: r}
	}
	cursors[len(runs)] = cursor{tree: t, rest: newer}
	w := t.newRun(n)
	err := t.mergeInto(w, cursors, last)
	if err == nil {
		err = w.flush()
	}
	if err != nil {
		w.run.free(t)
		return nil, err
	}
	return w.run, nil
}

func (t *tree) mergeInto(w *runWriter, cursors []cursor, last bool) error {
	for i := range cursors {
		if err := cursors[i].step(); err != nil {
			return err
		}
	}
	for {
		var least *cursor
		for i := range cursors {
			c := &cursors[i]
			if c.now != unknown && (least == nil || !least.before(c)) { // of equal ones the newest
				least = c
			}
		}
		if least == nil {
			return nil
		}
		if !last || least.now == alive {
			if err := w.add(least.hash, least.key, least.now); err != nil {
				return err
			}
		}
		for i := range cursors {
			c := &cursors[i]
			if c != least && c.now != unknown && c.hash == least.hash && bytes.Equal(c.key, least.key) {
				if err := c.step(); err != nil {
					return err
				}
			}
		}
		if err := least.step(); err != nil {
			return err
		}
	}
}

// sorted are the entries of a table in the order of runs, of those whose slots' tags end
// with the given bits.
func (t *table) sorted(tag, mask uint64) (list []byte, keys int) {
	type place struct{ hash, place uint64 }
	var order []place
	size := 0
	for _, slot := range t.slots {
		if slot == freeSlot || slot == removedSlot || slot>>placeBits&mask != tag {
			continue
		}
		key, _, length := t.bytes.at(placeOf(slot))
		order = append(order, place{maphash.Bytes(t.seed, key), placeOf(slot)})
		size += length
	}
	slices.SortFunc(order, func(a, b place) int {
		if c := cmp.Compare(a.hash, b.hash); c != 0 {
			return c
		}
		x, _, _ := t.bytes.at(a.place)
		y, _, _ := t.bytes.at(b.place)
		return bytes.Compare(x, y)
	})
	list = make([]byte, 0, size)
	for _, p := range order {
		key, now, _ := t.bytes.at(p.place)
		list = appendEntry(list, key, now)
	}
	return list, len(order)
}
