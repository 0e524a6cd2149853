package keyset

import (
	"bytes"
	"encoding/binary"
)

// state is what is known of a key.
type state uint8

// An entry is a key and its state, in memory and on disk alike:
//
//	length of the key << 2 | state, a varint, which is as long whatever the state | key
//
// No entry begins with 0.
const (
	unknown state = iota // in no entry
	alive
	dead
)

// entryHead is how long an entry may be besides its key.
const entryHead = binary.MaxVarintLen64

func appendEntry(dst, key []byte, now state) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(key))<<2|uint64(now)), key...)
}

// entryAt is the entry at the beginning of b, and its length.
func entryAt(b []byte) (key []byte, now state, length int) {
	head, n := uint64(b[0]), 1
	if head >= 0x80 {
		head, n = binary.Uvarint(b)
	}
	length = n + int(head>>2)
	return b[n:length], state(head & 3), length
}

// entries are entries one after the other, in memory.
type entries struct{ chunks }

const (
	chunkBits  = 16
	leastChunk = 1 << 10
)

func newEntries(room *Room) entries {
	return entries{chunks{room: room, least: leastChunk, most: 1 << chunkBits}}
}

// add appends an entry and gives its place.
func (e *entries) add(key []byte, now state) (place uint64, err error) {
	last, err := e.last(entryHead + len(key))
	if err != nil {
		return 0, err
	}
	c := e.list[last]
	e.list[last] = appendEntry(c, key, now)
	return uint64(last)<<chunkBits | uint64(len(c)), nil
}

// at is the entry at a place.
func (e *entries) at(place uint64) (key []byte, now state, length int) {
	return entryAt(e.list[place>>chunkBits][place&(1<<chunkBits-1):])
}

// is tells whether the entry at a place is that of a key.
func (e *entries) is(place uint64, key []byte) bool {
	at, _, _ := e.at(place)
	return bytes.Equal(at, key)
}

// mark changes the state of the entry at a place.
func (e *entries) mark(place uint64, now state) {
	c := e.list[place>>chunkBits][place&(1<<chunkBits-1):]
	key, _, length := entryAt(c)
	binary.PutUvarint(c[:length-len(key)], uint64(len(key))<<2|uint64(now))
}
