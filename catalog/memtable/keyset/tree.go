package keyset

import (
	"hash/maphash"

	"volley/exec/spill"
)

const (
	partitions = 32
	// leastShare is how many bytes of a partition are in memory whatever the account
	// says; spillShare is the part of a set that was in memory which goes on to be.
	leastShare = 8 << 10
	spillShare = 4
	// mergeFactor: runs are merged with the one before them while that is not so many
	// times as long.
	mergeFactor = 3
)

// tree is keys on disk, in partitions by hash so that a merge is short.
type tree struct {
	heap  *spill.Heap
	room  *Room
	seed  maphash.Seed
	share int // bytes of a partition in memory, of which the tree has taken the room
	parts [partitions]partition
	page  []byte // for a page that is looked at
}

// partition is keys in memory, and in runs that are older, the oldest first. What the
// newest says of a key counts.
type partition struct {
	table *table
	runs  []*run
}

// newTree makes a tree of a table's keys, and frees that.
func newTree(heap *spill.Heap, room *Room, from *table) (*tree, error) {
	t := &tree{heap: heap, room: room, seed: from.seed}
	size := from.size()
	for i := range t.parts {
		t.parts[i].table = newTable(&Room{}, t.seed) // in the tree's share
		list, keys := from.sorted(uint64(i), partitions-1)
		if err := t.parts[i].write(t, list, keys); err != nil {
			t.free()
			return nil, err
		}
	}
	from.free()
	t.share = max(size/spillShare/partitions, leastShare)
	for t.share > leastShare && room.Take(t.share*partitions) != nil {
		t.share /= 2
	}
	if t.share <= leastShare {
		t.share = leastShare
		room.force(t.share * partitions)
	}
	return t, nil
}

func (t *tree) partition(hash uint64) *partition { return &t.parts[hash%partitions] }

// get tells what is known of a key.
func (t *tree) get(hash uint64, key []byte) (state, error) {
	p := t.partition(hash)
	now := p.table.get(hash, key)
	for i := len(p.runs) - 1; i >= 0 && now == unknown; i-- {
		var err error
		if now, err = p.runs[i].get(t, hash, key); err != nil {
			return unknown, err
		}
	}
	return now, nil
}

// set makes a key alive or dead. After an error of the disk it has done so only when it
// must.
func (t *tree) set(hash uint64, key []byte, now state, must bool) error {
	p := t.partition(hash)
	if p.table.size() >= t.share {
		if err := p.flush(t); err != nil && !must {
			return err
		}
	}
	if now == dead && len(p.runs) == 0 {
		p.table.remove(hash, key)
		return nil
	}
	return p.table.set(hash, key, now)
}

// flush writes the keys that are in memory.
func (p *partition) flush(t *tree) error {
	list, keys := p.table.sorted(0, 0)
	if err := p.write(t, list, keys); err != nil {
		return err
	}
	p.table = newTable(p.table.room, t.seed)
	return nil
}

// write makes a run of entries that are newer than all runs, and of those runs that are
// not much longer.
func (p *partition) write(t *tree, list []byte, keys int) error {
	from := len(p.runs)
	for from > 0 && p.runs[from-1].keys <= mergeFactor*keys {
		from--
		keys += p.runs[from].keys
	}
	merged, err := t.merge(p.runs[from:], list, keys, from == 0)
	if err != nil {
		return err
	}
	for _, r := range p.runs[from:] {
		r.free(t)
	}
	if p.runs = p.runs[:from]; merged.keys > 0 {
		p.runs = append(p.runs, merged)
	} else {
		merged.free(t)
	}
	return nil
}

// free gives the room of everything on disk back. It is idempotent.
func (t *tree) free() {
	for i := range t.parts {
		for _, r := range t.parts[i].runs {
			r.free(t)
		}
		t.parts[i].runs = nil
	}
}
