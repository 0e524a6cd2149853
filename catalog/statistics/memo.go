package statistics

import (
	"context"
	"sync"
)

// Memo remembers what was found out once, by number. It is safe for concurrent
// use: who asks for what somebody is finding out waits for it, but no longer than
// his own context. The zero value is ready.
type Memo[V any] struct {
	mu    sync.Mutex
	found map[int]*finding[V]
}

// finding is a value, once done is closed. It does not count when whoever was to
// find it was interrupted.
type finding[V any] struct {
	done  chan struct{}
	value V
	ok    bool
}

// Get gives what find has found of n, calling it unless that has been done. find
// tells whether it came to its end. The value is not known, ok is false, when find
// did not, or ctx ended first.
func (m *Memo[V]) Get(ctx context.Context, n int, find func() (value V, whole bool)) (value V, ok bool) {
	for ctx.Err() == nil {
		m.mu.Lock()
		f := m.found[n]
		if f == nil {
			f = &finding[V]{done: make(chan struct{})}
			if m.found == nil {
				m.found = map[int]*finding[V]{}
			}
			m.found[n] = f
			m.mu.Unlock()
			m.fill(n, f, find)
			return f.value, f.ok
		}
		m.mu.Unlock()
		select {
		case <-f.done:
			if f.ok {
				return f.value, true
			}
		case <-ctx.Done():
		}
	}
	return value, false
}

func (m *Memo[V]) fill(n int, f *finding[V], find func() (V, bool)) {
	defer func() { // after a panic, too
		if !f.ok {
			m.mu.Lock()
			delete(m.found, n)
			m.mu.Unlock()
		}
		close(f.done)
	}()
	f.value, f.ok = find()
}
