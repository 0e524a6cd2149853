package catalog

import "context"

// Memory is an account of the process's bytes. Readers ask it before they take
// much for a single page or record, which a file decides the size of.
type Memory interface {
	// Reserve takes n bytes, or gives the error that ends the query.
	Reserve(n int64) error
	Release(n int64)
}

// LargeBuffer is the size from which readers ask for memory.
const LargeBuffer = 8 << 20

type memoryKey struct{}

// WithMemory gives the readers that are called under the context an account.
func WithMemory(ctx context.Context, m Memory) context.Context {
	return context.WithValue(ctx, memoryKey{}, m)
}

// Held is what a reader has reserved for buffers that it keeps. The zero value
// holds nothing.
type Held struct {
	memory Memory
	bytes  int64
}

// Grow holds n bytes at least. Small buffers are not asked for.
func (h *Held) Grow(ctx context.Context, n int64) error {
	if n <= max(h.bytes, LargeBuffer) {
		return nil
	}
	m, _ := ctx.Value(memoryKey{}).(Memory)
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
