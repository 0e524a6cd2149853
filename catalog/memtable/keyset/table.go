package keyset

import (
	"hash/maphash"
	"math/bits"
)

// table is a set of keys in little memory. It asks for room before it grows. A slot is
// found by linear probing from the place that a key's hash gives:
//
//	slot   tag, 24 bits of the hash | place, 40 bits, from firstPlace on
//	place  number of a chunk | where in it, 16 bits: an entry
//
// Keys that were removed stay in their chunks until the slots are made anew. Keys may be
// dead, which says that they are not in older runs either (partition).
type table struct {
	room    *Room
	seed    maphash.Seed
	slots   []uint64
	keys    int // alive or dead
	removed int // slots of removed keys
	bytes   entries
	waste   int // bytes of removed keys
}

const (
	freeSlot    = 0
	removedSlot = 1
	firstPlace  = 2

	placeBits  = 40
	leastSlots = 16
)

func newTable(room *Room, seed maphash.Seed) *table {
	return &table{room: room, seed: seed, bytes: newEntries(room)}
}

// size is how many bytes it takes.
func (t *table) size() int { return 8*len(t.slots) + t.bytes.size }

// find gives the slot of a key, or the first one where it can be put.
func (t *table) find(hash uint64, key []byte) (slot int, found bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	start, _ := bits.Mul64(hash, uint64(len(t.slots)))
	tag := hash << placeBits
	put := -1
	for i := int(start); ; {
		switch slot := t.slots[i]; {
		case slot == freeSlot:
			if put < 0 {
				put = i
			}
			return put, false
		case slot == removedSlot:
			if put < 0 {
				put = i
			}
		case (slot^tag)>>placeBits == 0 && t.bytes.is(placeOf(slot), key):
			return i, true
		}
		if i++; i == len(t.slots) {
			i = 0
		}
	}
}

func placeOf(slot uint64) uint64 { return slot&(1<<placeBits-1) - firstPlace }

// get tells what is known of a key.
func (t *table) get(hash uint64, key []byte) state {
	i, found := t.find(hash, key)
	if !found {
		return unknown
	}
	_, now, _ := t.bytes.at(placeOf(t.slots[i]))
	return now
}

// set makes a key alive or dead; 53200 when there is no room for it.
func (t *table) set(hash uint64, key []byte, now state) error {
	if i, found := t.find(hash, key); found {
		t.bytes.mark(placeOf(t.slots[i]), now)
		return nil
	}
	return t.add(hash, key, now)
}

// add is set of a key that is not there.
func (t *table) add(hash uint64, key []byte, now state) error {
	if (t.keys+t.removed+1)*5 > len(t.slots)*4 {
		if err := t.rebuild(); err != nil {
			return err
		}
	}
	place, err := t.bytes.add(key, now)
	if err != nil {
		return err
	}
	i, _ := t.find(hash, key)
	if t.slots[i] == removedSlot {
		t.removed--
	}
	t.slots[i] = hash<<placeBits | (place + firstPlace)
	t.keys++
	return nil
}

// remove forgets a key, if it is there.
func (t *table) remove(hash uint64, key []byte) {
	if i, found := t.find(hash, key); found {
		t.slots[i] = removedSlot
		t.keys, t.removed = t.keys-1, t.removed+1
		t.waste += len(key)
	}
}

// free gives the room back.
func (t *table) free() {
	t.bytes.free()
	t.room.Give(8 * len(t.slots))
	t.slots, t.keys, t.removed, t.waste = nil, 0, 0, 0
}

// rebuild makes the slots anew, at most two thirds of them taken, and leaves removed keys
// out where they are much.
func (t *table) rebuild() error {
	n := max((t.keys+1)*3/2, leastSlots)
	if err := t.room.Take(8 * n); err != nil {
		return err
	}
	next := table{room: t.room, seed: t.seed, slots: make([]uint64, n), keys: t.keys, bytes: t.bytes, waste: t.waste}
	move := t.waste > t.bytes.size/2
	if move {
		next.bytes, next.waste = newEntries(t.room), 0
	}
	for _, slot := range t.slots {
		if slot == freeSlot || slot == removedSlot {
			continue
		}
		key, now, _ := t.bytes.at(placeOf(slot))
		place := slot & (1<<placeBits - 1)
		if move {
			moved, err := next.bytes.add(key, now)
			if err != nil {
				next.bytes.free()
				t.room.Give(8 * n)
				return err
			}
			place = moved + firstPlace
		}
		hash := maphash.Bytes(t.seed, key)
		i, _ := next.find(hash, key)
		next.slots[i] = hash<<placeBits | place
	}
	if move {
		t.bytes.free()
	}
	t.room.Give(8 * len(t.slots))
	*t = next
	return nil
}
