package s3

import (
	"sync/atomic"

	"volley/catalog/objstore"
)

// smallestBuffer is how many bytes a part's buffer has at first.
const smallestBuffer = 4 << 10

// partBuffer has the bytes of the part that is being filled. It grows by doubling, since
// many objects that are written at once may be small.
type partBuffer struct {
	memory objstore.Memory // nil: no account
	bytes  []byte
	held   atomic.Int64 // reserved for this buffer, and for those taken that are not done
}

// room is how many bytes fit.
func (b *partBuffer) room() int { return cap(b.bytes) - len(b.bytes) }

// grow makes room for n bytes more, or more than that, of at most full bytes together.
// While it copies, it holds both buffers.
func (b *partBuffer) grow(n, full int) error {
	need := len(b.bytes) + n
	size := min(max(need, 2*cap(b.bytes), smallestBuffer), max(need, full))
	if err := b.reserve(size); err != nil {
		return err
	}
	old := cap(b.bytes)
	grown := make([]byte, len(b.bytes), size)
	copy(grown, b.bytes)
	b.bytes = grown
	b.release(old)
	return nil
}

// take gives the bytes; they are held until done is called, once.
func (b *partBuffer) take() (taken []byte, done func()) {
	taken, b.bytes = b.bytes, nil
	return taken, func() { b.release(cap(taken)) }
}

// drop lets go of the bytes.
func (b *partBuffer) drop() {
	_, done := b.take()
	done()
}

func (b *partBuffer) reserve(n int) error {
	if b.memory != nil {
		if err := b.memory.Reserve(int64(n)); err != nil {
			return err
		}
	}
	b.held.Add(int64(n))
	return nil
}

func (b *partBuffer) release(n int) {
	if b.memory != nil {
		b.memory.Release(int64(n))
	}
	b.held.Add(-int64(n))
}
