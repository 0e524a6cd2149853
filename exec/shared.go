package exec

import (
	"context"
	"errors"
	"sync"
)

// Shared holds values that the tasks of one query on one process build once
// and share, by key. It is safe for concurrent use.
type Shared struct {
	mu    sync.Mutex
	items map[string]*sharedItem
}

type sharedItem struct {
	once  sync.Once
	value any
	err   error
}

// NewShared makes an empty holder.
func NewShared() *Shared { return &Shared{items: map[string]*sharedItem{}} }

// Get gives the value under key, building it on the first call; concurrent
// callers wait for that one build. A failed build is not kept.
func (s *Shared) Get(key string, build func() (any, error)) (any, error) {
	if s == nil {
		return build()
	}
	s.mu.Lock()
	it := s.items[key]
	if it == nil {
		it = &sharedItem{}
		s.items[key] = it
	}
	s.mu.Unlock()
	it.once.Do(func() { it.value, it.err = build() })
	if it.err != nil {
		s.mu.Lock()
		if s.items[key] == it {
			delete(s.items, key)
		}
		s.mu.Unlock()
	}
	return it.value, it.err
}

// getFor is Get for a task: should the task that was building be cancelled, and
// this one not, it builds.
func (s *Shared) getFor(ctx context.Context, key string, build func() (any, error)) (any, error) {
	for {
		v, err := s.Get(key, build)
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.Canceled) {
			return v, err
		}
	}
}
