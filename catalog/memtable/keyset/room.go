package keyset

import (
	"runtime"
	"sync"

	"volley/catalog/memtable/block"
)

// A Room may hold so much whatever its account says, so that few keys stay in memory:
// freeBytes, or a freePart of an account with a limit that is very low.
const (
	freeBytes = 64 << 10
	freePart  = 32
)

// Room is what some keys take of an account, that of the memory of tables, which writes
// rows to disk for them. It is used by one goroutine at a time.
type Room struct {
	memory block.Memory // nil: there is always room
	// forced: what is asked for is taken also where there is none, which is how a change
	// is taken back that has had room before.
	forced bool
	free   int // that may be taken without the account
	beyond int // taken without it
	held   *heldRoom
}

// heldRoom is how much a Room has of the account; it outlives the keys until they are
// garbage.
type heldRoom struct {
	mu    sync.Mutex
	taken int64
}

// NewRoom makes room that is given back when it is garbage, if not before.
func NewRoom(memory block.Memory) *Room {
	r := &Room{memory: memory, free: freeBytes, held: &heldRoom{}}
	if m, ok := memory.(interface{ Limit() int64 }); ok && m.Limit() > 0 {
		r.free = min(freeBytes, int(m.Limit()/freePart))
	}
	runtime.AddCleanup(r, func(h *heldRoom) { h.free(memory) }, r.held)
	return r
}

// Take takes n bytes, or none and gives the account's error, 53200.
func (r *Room) Take(n int) error {
	if r.memory == nil {
		return nil
	}
	if err := r.memory.Reserve(int64(n)); err != nil {
		if r.forced || r.beyond+n <= r.free {
			r.beyond += n
			return nil
		}
		return err
	}
	r.held.mu.Lock()
	defer r.held.mu.Unlock()
	r.held.taken += int64(n)
	return nil
}

// force takes n bytes, also where there are none.
func (r *Room) force(n int) {
	before := r.forced
	r.forced = true
	_ = r.Take(n) // which refuses nothing now
	r.forced = before
}

// Give gives n bytes back.
func (r *Room) Give(n int) {
	if r.memory == nil {
		return
	}
	free := min(n, r.beyond)
	r.beyond -= free
	r.held.mu.Lock()
	defer r.held.mu.Unlock()
	back := min(int64(n-free), r.held.taken) // none after Free
	r.held.taken -= back
	r.memory.Release(back)
}

// Free gives all back, when nobody uses the keys any more.
func (r *Room) Free() {
	if r.memory != nil {
		r.beyond = 0
		r.held.free(r.memory)
	}
}

func (h *heldRoom) free(memory block.Memory) {
	h.mu.Lock()
	defer h.mu.Unlock()
	memory.Release(h.taken)
	h.taken = 0
}
