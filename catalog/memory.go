package catalog

import (
	"context"

	"volley/catalog/objstore"
)

// LargeBuffer is the size from which readers ask for memory.
const LargeBuffer = 8 << 20

// Held is what a reader has reserved for buffers that it keeps. The zero value
// holds nothing.
type Held struct {
	memory objstore.Memory
	bytes  int64
}

// Grow holds n bytes at least. Small buffers are not asked for.
func (h *Held) Grow(ctx context.Context, n int64) error {
	if n <= max(h.bytes, LargeBuffer) {
		return nil
	}
	m := objstore.MemoryOf(ctx)
	if m == nil {
		return nil
	}
	if err := m.Reserve(n - h.bytes); err != nil {
		return err
	}
	h.memory, h.bytes = m, n
	return nil
}

// Release gives back what is held.
func (h *Held) Release() {
	if h.memory != nil {
		h.memory.Release(h.bytes)
		*h = Held{}
	}
}
