package copyto

import (
	"context"

	"volley/catalog/objstore"
)

// Held reserves the bytes of rows that are kept until they are written, in the account of
// a statement. One goroutine uses it.
type Held struct {
	memory objstore.Memory // nil: no account
	bytes  int64
}

// NewHeld begins with no rows, in the account of the context.
func NewHeld(ctx context.Context) *Held { return &Held{memory: objstore.MemoryOf(ctx)} }

// Settle reserves what rows is now. Where that is refused, flush writes them early; what is
// kept even after that is refused with an error.
func (h *Held) Settle(rows func() int64, flush func() error) error {
	if h.reserve(rows()) == nil {
		return nil
	}
	if err := flush(); err != nil {
		return err
	}
	return h.reserve(rows())
}

// reserve takes what is missing of n bytes, or gives back what is more.
func (h *Held) reserve(n int64) error {
	switch {
	case h.memory == nil:
		return nil
	case n > h.bytes:
		if err := h.memory.Reserve(n - h.bytes); err != nil {
			return err
		}
	case n < h.bytes:
		h.memory.Release(h.bytes - n)
	}
	h.bytes = n
	return nil
}

// Release gives back everything. It may be called again.
func (h *Held) Release() { _ = h.reserve(0) }
