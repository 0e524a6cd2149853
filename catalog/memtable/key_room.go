package memtable

import (
	"runtime"
	"sync"

	"volley/catalog/memtable/block"
)

// keyRoom is what some keys take of the memory of the tables, which writes rows to disk
// for them.
type keyRoom struct {
	memory block.Memory
	// forced: what is asked for is taken also where there is none, which is how a change
	// is taken back that has had room before.
	forced bool
	held   *heldRoom
}

// heldRoom is how much a keyRoom has; it outlives the keys until they are garbage.
type heldRoom struct {
	mu    sync.Mutex
	taken int64
}

// newKeyRoom makes room that is given back when it is garbage, if not before.
func newKeyRoom(memory block.Memory) *keyRoom {
	r := &keyRoom{memory: memory, held: &heldRoom{}}
	runtime.AddCleanup(r, func(h *heldRoom) { h.free(memory) }, r.held)
	return r
}

// take takes n bytes, or none and gives a 53200 error.
func (r *keyRoom) take(n int) error {
	if err := r.memory.Reserve(int64(n)); err != nil {
		if r.forced {
			return nil
		}
		return err
	}
	r.held.mu.Lock()
	defer r.held.mu.Unlock()
	r.held.taken += int64(n)
	return nil
}

// give gives n bytes back.
func (r *keyRoom) give(n int) {
	r.held.mu.Lock()
	defer r.held.mu.Unlock()
	back := min(int64(n), r.held.taken) // less where some were forced
	r.held.taken -= back
	r.memory.Release(back)
}

// free gives all back, when nobody uses the keys any more.
func (r *keyRoom) free() { r.held.free(r.memory) }

func (h *heldRoom) free(memory block.Memory) {
	h.mu.Lock()
	defer h.mu.Unlock()
	memory.Release(h.taken)
	h.taken = 0
}
