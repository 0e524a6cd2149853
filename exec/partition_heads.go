package exec

import (
	"fmt"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/rowkey"
)

// partitionHeads are the first rows of partitions as far as tasks have seen them:
// for each, the least words of the order's first key, or how many rows there were.
type partitionHeads struct {
	partitions *rowkey.Table
	first      int
	words      []uint64 // by partition: a heap of `first` words, greatest first; or a number of rows
	mem        reservation
	tasks      []int // whose rows these are
}

// assign writes the partition of each of n rows, and makes place for the words of
// new ones; false if there is no memory. Each partition has `each` words, which
// begin as empty.
func (h *partitionHeads) assign(keys []arrow.Array, n int, partitions []uint32, each int, empty uint64) bool {
	h.partitions.Assign(keys, n, partitions)
	need := h.partitions.Len() * each
	if h.mem.resize(h.partitions.Bytes()+int64(8*max(need, cap(h.words)))) != nil {
		return false
	}
	for len(h.words) < need {
		h.words = append(h.words, empty)
	}
	return true
}

// pass appends the rows that at most first−1 rows seen have words less than, and
// notes them.
func (h *partitionHeads) pass(partitions []uint32, words []uint64, rows []int32) []int32 {
	k := h.first
	for i, word := range words {
		heap := h.words[int(partitions[i])*k:][:k]
		if word > heap[0] {
			continue
		}
		rows = append(rows, int32(i))
		if word < heap[0] {
			sink(heap, word)
		}
	}
	return rows
}

// count appends the first rows of each partition.
func (h *partitionHeads) count(partitions []uint32, rows []int32) []int32 {
	for i, p := range partitions {
		if h.words[p] < uint64(h.first) {
			h.words[p]++
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// sink replaces the greatest word of a heap.
func sink(heap []uint64, word uint64) {
	at := 0
	for {
		child := 2*at + 1
		if child >= len(heap) {
			break
		}
		if child+1 < len(heap) && heap[child+1] > heap[child] {
			child++
		}
		if heap[child] <= word {
			break
		}
		heap[at] = heap[child]
		at = child
	}
	heap[at] = word
}

// headsPool lends the heads that earlier tasks of a query on this process have left
// to later ones, each to one task at a time. A row that is dropped because of them
// has so many others before it in the data, whatever became of the tasks that read
// those: no other task will keep too few. A task that runs again must not count its
// rows twice, so it gets heads that it has had no part in.
type headsPool struct {
	mu   sync.Mutex
	free []*partitionHeads
}

// pooledHeads are the pool of an operator, the place-th of its stage.
func (t *task) pooledHeads(place int) *headsPool {
	p, _ := t.env.Shared.Get(fmt.Sprintf("heads of stage %d operator %d", t.frag.Task.Stage, place), func() (any, error) {
		return &headsPool{}, nil
	}) // which does not fail
	return p.(*headsPool)
}

// take lends heads to a task; nil if there are none for it.
func (p *headsPool) take(task int) *partitionHeads {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, h := range p.free {
		if !slices.Contains(h.tasks, task) {
			p.free = slices.Delete(p.free, i, i+1)
			h.tasks = append(h.tasks, task)
			return h
		}
	}
	return nil
}

// give takes heads back.
func (p *headsPool) give(h *partitionHeads) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = append(p.free, h)
}
