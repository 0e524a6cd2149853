// Package keyset keeps the keys of unique constraints: in memory while an account allows
// it, and on disk beyond that.
//
//	Set ── table                      all keys, while there is room for them
//	  └─── tree ── partition × 32     from when there is not
//	                 ├ table          keys that were added or removed of late
//	                 └ run, run, …    entries on disk, each with a Bloom filter
//
// A table is a hash table over the bytes of keys. A tree is a log-structured merge tree
// (O'Neil et al., 1996), cut into partitions by hash so that a merge is short: a
// partition's table becomes a run when it has its share of memory, with those runs before
// it that are not much longer, so that there are few. Removed keys are entries too, until
// they come to the oldest run. Whether a key exists is asked of the table and then of the
// runs, the newest first; most say no by their filters. Keys are compared as such, never by
// their hashes alone.
package keyset

import (
	"hash/maphash"
	"runtime"

	"volley/catalog/memtable/block"
	"volley/exec/spill"
)

// Set is a set of keys, which are bytes. It is used by one goroutine at a time.
type Set struct {
	room  *Room
	heap  *spill.Heap // nil: no key leaves memory
	seed  maphash.Seed
	table *table
	tree  *tree // nil: all keys are in the table; otherwise none
	keys  int
}

// New makes an empty set that takes memory from an account and writes the rest to a heap.
func New(memory block.Memory, heap *spill.Heap) *Set {
	s := &Set{room: NewRoom(memory), heap: heap, seed: maphash.MakeSeed()}
	s.table = newTable(s.room, s.seed)
	return s
}

// Len is the number of keys.
func (s *Set) Len() int { return s.keys }

// Room is the room that the keys take.
func (s *Set) Room() *Room { return s.room }

// Has tells whether a key is there; an error is one of the disk, as XX001.
func (s *Set) Has(key []byte) (bool, error) {
	hash := maphash.Bytes(s.seed, key)
	if s.tree == nil {
		_, found := s.table.find(hash, key)
		return found, nil
	}
	now, err := s.tree.get(hash, key)
	return now == alive, err
}

// Add adds a key that is not there: 53200 or 53100 where there is room neither in memory
// nor on disk.
func (s *Set) Add(key []byte) error {
	hash := maphash.Bytes(s.seed, key)
	if s.tree == nil {
		err := s.table.add(hash, key, alive)
		if err != nil && s.heap != nil {
			err = s.spill()
		}
		if err != nil {
			return err
		}
	}
	if s.tree != nil {
		if err := s.tree.set(hash, key, alive, s.room.forced); err != nil {
			return err
		}
	}
	s.keys++
	return nil
}

// Remove removes a key that is there.
func (s *Set) Remove(key []byte) error {
	hash := maphash.Bytes(s.seed, key)
	if s.tree == nil {
		s.table.remove(hash, key)
	} else if err := s.tree.set(hash, key, dead, s.room.forced); err != nil {
		return err
	}
	s.keys--
	return nil
}

// Restore lets f add and remove keys as it was before, for which there is always room.
func (s *Set) Restore(f func()) {
	s.room.forced = true
	f()
	s.room.forced = false
}

// spill puts the keys on disk.
func (s *Set) spill() error {
	s.room.forced = true // for what is on disk, which takes less than what is in memory
	defer func() { s.room.forced = false }()
	made, err := newTree(s.heap, s.room, s.table)
	if err != nil {
		return err
	}
	s.tree = made
	runtime.AddCleanup(s, func(t *tree) { t.free() }, s.tree)
	return nil
}

// Free gives everything back, when nobody uses the set any more.
func (s *Set) Free() {
	if s.tree != nil {
		s.tree.free()
	}
	s.room.Free()
}
