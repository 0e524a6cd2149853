// Package block keeps the rows of tables: in memory as far as an account allows it, the
// others in a file.
//
// A Block is immutable rows. A Pool writes those to its file that were not used for the
// longest time when an account refuses room for new ones; they stay there, and are read
// as often as they are used, or taken into memory again where there is room. Nobody
// gives a block back: when no table has it any more, the garbage collector says so.
package block

import (
	"container/list"
	"errors"
	"runtime"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/spill"
)

// Memory is an account of bytes.
type Memory interface {
	Reserve(n int64) error
	Release(n int64)
}

// Pool is where the blocks of all tables of a process are. A nil Pool keeps them in
// memory. It is safe for concurrent use.
type Pool struct {
	memory Memory
	heap   *spill.Heap
	keys   *spill.Heap

	mu     sync.Mutex
	recent *list.List // of *held in memory, the one used last in front
}

// NewPool makes a pool that takes memory from an account and writes the rest to dir.
func NewPool(memory Memory, dir string) *Pool {
	return &Pool{memory: memory, heap: spill.NewHeap(dir), keys: spill.NewHeap(dir), recent: list.New()}
}

// Close removes the files; the blocks in them can be read no more.
func (p *Pool) Close() error {
	if p == nil {
		return nil
	}
	return errors.Join(p.heap.Close(), p.keys.Close())
}

// Size is the length of the files.
func (p *Pool) Size() int64 { return p.heap.Size() + p.keys.Size() }

// Keys is a file beside that of the rows, for keys that memory has no room for; nil where
// everything is in memory.
func (p *Pool) Keys() *spill.Heap {
	if p == nil {
		return nil
	}
	return p.keys
}

// Block is some rows of a table.
type Block struct {
	rows int64
	pool *Pool        // nil: record has the rows
	rec  arrow.Record // nil with a pool
	held *held
}

// held is what a pool knows of a block. It does not refer to the block, which is
// garbage when no table has it.
type held struct {
	bytes   int64
	rec     arrow.Record  // nil: only in the file
	place   *spill.Place  // nil: only in memory
	at      *list.Element // in Pool.recent, while in memory
	dropped bool
}

// New makes a block of a record: 53100 or an error of the file system where there is
// neither room in memory nor on disk.
func (p *Pool) New(rec arrow.Record) (*Block, error) {
	if p == nil {
		return &Block{rows: rec.NumRows(), rec: rec}, nil
	}
	b := &Block{rows: rec.NumRows(), pool: p, held: &held{bytes: kernel.RecordBytes(rec), rec: rec}}
	if err := p.admit(b.held); err != nil {
		return nil, err
	}
	runtime.AddCleanup(b, p.drop, b.held)
	return b, nil
}

// Rows is the number of rows.
func (b *Block) Rows() int64 { return b.rows }

// Bytes is how much memory the rows take.
func (b *Block) Bytes() int64 {
	if b.pool == nil {
		return kernel.RecordBytes(b.rec)
	}
	return b.held.bytes
}

// Record are the rows: XX001 or an error of the file system where they cannot be read.
func (b *Block) Record() (arrow.Record, error) {
	if b.pool == nil {
		return b.rec, nil
	}
	defer runtime.KeepAlive(b)
	return b.pool.record(b.held)
}

// record gives a block's rows, and keeps them where there is room again.
func (p *Pool) record(h *held) (arrow.Record, error) {
	p.mu.Lock()
	rec, place := h.rec, h.place
	if h.at != nil {
		p.recent.MoveToFront(h.at)
	}
	p.mu.Unlock()
	if rec != nil {
		return rec, nil
	}
	rec, err := p.heap.Read(*place)
	if err != nil || p.memory.Reserve(h.bytes) != nil {
		return rec, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if h.rec != nil { // somebody else was faster
		p.memory.Release(h.bytes)
		return rec, nil
	}
	h.rec, h.at = rec, p.recent.PushFront(h)
	return rec, nil
}

// admit takes room for a new block: others are written to the file for it, or the block
// itself.
func (p *Pool) admit(h *held) error {
	for p.memory.Reserve(h.bytes) != nil {
		victim := p.oldest()
		if victim == nil {
			place, err := p.heap.Write(h.rec)
			if err == nil {
				h.rec, h.place = nil, &place
			}
			return err
		}
		if err := p.evict(victim); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	h.at = p.recent.PushFront(h)
	return nil
}

// Reserve takes room for n bytes that are no rows, for which rows are written to the file:
// the account's error when there are no more of these in memory.
func (p *Pool) Reserve(n int64) error {
	if p == nil {
		return nil
	}
	for {
		err := p.memory.Reserve(n)
		if err == nil {
			return nil
		}
		victim := p.oldest()
		if victim == nil {
			return err
		}
		if err := p.evict(victim); err != nil {
			return err
		}
	}
}

// Release gives n bytes back that Reserve has taken.
func (p *Pool) Release(n int64) {
	if p != nil {
		p.memory.Release(n)
	}
}

// oldest takes the block that was not used for the longest time out of the list; nil
// when it is empty.
func (p *Pool) oldest() *held {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.recent.Back()
	if e == nil {
		return nil
	}
	p.recent.Remove(e)
	h := e.Value.(*held)
	h.at = nil
	return h
}

// evict lets go of the memory of a block that oldest gave, once it is in the file.
func (p *Pool) evict(h *held) error {
	p.mu.Lock()
	rec, place := h.rec, h.place
	p.mu.Unlock()
	if place == nil {
		written, err := p.heap.Write(rec)
		if err != nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			if h.dropped {
				p.memory.Release(h.bytes)
			} else {
				h.at = p.recent.PushFront(h)
			}
			return err
		}
		place = &written
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	h.rec, h.place = nil, place
	if h.dropped {
		p.heap.Remove(*place)
	}
	p.memory.Release(h.bytes)
	return nil
}

// drop gives back what a block has taken that is garbage. One that is being evicted is
// given back by evict.
func (p *Pool) drop(h *held) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h.dropped = true
	switch {
	case h.at != nil:
		p.recent.Remove(h.at)
		h.at = nil
		p.memory.Release(h.bytes)
	case h.rec != nil:
		return
	}
	h.rec = nil
	if h.place != nil {
		p.heap.Remove(*h.place)
	}
}
