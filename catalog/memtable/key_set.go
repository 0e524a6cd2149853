package memtable

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// keySet is a set of keys, which are bytes, in little memory. It asks for room before it
// grows. A slot is found by linear probing from the place that a key's hash gives:
//
//	slot   tag, 24 bits of the hash | place, 40 bits, from firstPlace on
//	place  number of a chunk | where in it, 16 bits: the key's length and the key
//
// Keys that were removed stay in their chunks until the slots are made anew.
type keySet struct {
	room  *keyRoom
	seed  maphash.Seed
	slots []uint64
	live  int // keys
	dead  int // slots of removed keys
	bytes keyBytes
	waste int // bytes of removed keys
}

const (
	freeSlot    = 0
	removedSlot = 1
	firstPlace  = 2

	placeBits  = 40
	leastSlots = 16
)

func newKeySet(room *keyRoom) *keySet {
	return &keySet{room: room, seed: maphash.MakeSeed(), bytes: newKeyBytes(room)}
}

// len is the number of keys.
func (s *keySet) len() int { return s.live }

// find gives the slot of a key, or the first one where it can be put.
func (s *keySet) find(key []byte) (slot int, tag uint64, found bool) {
	if len(s.slots) == 0 {
		return 0, 0, false
	}
	h := maphash.Bytes(s.seed, key)
	start, _ := bits.Mul64(h, uint64(len(s.slots)))
	tag = h << placeBits
	put := -1
	for i := int(start); ; {
		switch slot := s.slots[i]; {
		case slot == freeSlot:
			if put < 0 {
				put = i
			}
			return put, tag, false
		case slot == removedSlot:
			if put < 0 {
				put = i
			}
		case (slot^tag)>>placeBits == 0 && bytes.Equal(s.at(slot), key):
			return i, tag, true
		}
		if i++; i == len(s.slots) {
			i = 0
		}
	}
}

// at is the key of a slot.
func (s *keySet) at(slot uint64) []byte { return s.bytes.at(slot&(1<<placeBits-1) - firstPlace) }

func (s *keySet) has(key []byte) bool {
	_, _, found := s.find(key)
	return found
}

// add adds a key that is not there; 53200 when there is no room for it.
func (s *keySet) add(key []byte) error {
	if (s.live+s.dead+1)*5 > len(s.slots)*4 {
		if err := s.rebuild(); err != nil {
			return err
		}
	}
	place, err := s.bytes.add(key)
	if err != nil {
		return err
	}
	i, tag, _ := s.find(key)
	if s.slots[i] == removedSlot {
		s.dead--
	}
	s.slots[i] = tag | (place + firstPlace)
	s.live++
	return nil
}

// remove removes a key, if it is there.
func (s *keySet) remove(key []byte) {
	if i, _, found := s.find(key); found {
		s.slots[i] = removedSlot
		s.live, s.dead = s.live-1, s.dead+1
		s.waste += len(key)
	}
}

// rebuild makes the slots anew, at most two thirds of them taken, and leaves removed keys
// out where they are much.
func (s *keySet) rebuild() error {
	n := max((s.live+1)*3/2, leastSlots)
	if err := s.room.take(8 * n); err != nil {
		return err
	}
	next := keySet{room: s.room, seed: s.seed, slots: make([]uint64, n), live: s.live, bytes: s.bytes, waste: s.waste}
	move := s.waste > s.bytes.size/2
	if move {
		next.bytes, next.waste = newKeyBytes(s.room), 0
	}
	for _, slot := range s.slots {
		if slot == freeSlot || slot == removedSlot {
			continue
		}
		key, place := s.at(slot), slot&(1<<placeBits-1)
		if move {
			moved, err := next.bytes.add(key)
			if err != nil {
				next.bytes.free()
				s.room.give(8 * n)
				return err
			}
			place = moved + firstPlace
		}
		i, tag, _ := next.find(key)
		next.slots[i] = tag | place
	}
	if move {
		s.bytes.free()
	}
	s.room.give(8 * len(s.slots))
	*s = next
	return nil
}

// keyBytes are keys one after the other, each behind its length.
type keyBytes struct{ chunks }

const (
	chunkBits  = 16
	leastChunk = 1 << 10
)

func newKeyBytes(room *keyRoom) keyBytes {
	return keyBytes{chunks{room: room, least: leastChunk, most: 1 << chunkBits}}
}

// add appends a key and gives its place.
func (b *keyBytes) add(key []byte) (place uint64, err error) {
	last, err := b.last(binary.MaxVarintLen32 + len(key))
	if err != nil {
		return 0, err
	}
	c := b.list[last]
	place = uint64(last)<<chunkBits | uint64(len(c))
	b.list[last] = append(binary.AppendUvarint(c, uint64(len(key))), key...)
	return place, nil
}

// at is the key at a place.
func (b *keyBytes) at(place uint64) []byte {
	c := b.list[place>>chunkBits][place&(1<<chunkBits-1):]
	n, head := binary.Uvarint(c)
	return c[head : head+int(n)]
}
