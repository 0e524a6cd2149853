package objstore

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Buffer is memory that one writes and several read: whoever fetched bytes, and a
// cache that still has to write them to its disk. It is used again after the last of
// them has let go of it.
type Buffer struct {
	Bytes   []byte
	holders atomic.Int32
	of      *Buffers
}

// Hold keeps the buffer until another Release.
func (b *Buffer) Hold() { b.holders.Add(1) }

// Release lets go of the buffer. Its bytes may be others' after that.
func (b *Buffer) Release() {
	if b.holders.Add(-1) == 0 && b.of != nil {
		b.of.put(b)
	}
}

// BufferReader is a Reader that may hold a buffer rather than copy it.
type BufferReader interface {
	// ReadBuffer fills all of a buffer from off, as ReadAt does. The bytes do not
	// change until everybody has let go of it.
	ReadBuffer(ctx context.Context, b *Buffer, off int64) (int, error)
}

// ReadBuffer fills a buffer from r.
func ReadBuffer(ctx context.Context, r Reader, b *Buffer, off int64) (int, error) {
	if r, ok := r.(BufferReader); ok {
		return r.ReadBuffer(ctx, b, off)
	}
	return r.ReadAt(ctx, b.Bytes, off)
}

const (
	// minKept is the length from which buffers are used again: the system takes about as
	// long to provide a page of fresh memory as the network to fill it.
	minKept = 256 << 10
	// keptFor is how long memory that nobody asks for is kept.
	keptFor = 5 * time.Second
	// bufferUnit is what lengths of buffers are multiples of, so that pieces of about
	// the same length have the same buffers.
	bufferUnit = 1 << 20
)

// Buffers keeps buffers that were let go of for who needs one next. The zero value
// keeps none. It is safe for concurrent use.
type Buffers struct {
	limit int64

	mu    sync.Mutex
	free  []*Buffer // the one used last at the end
	bytes int64     // of free
	idle  *time.Timer
}

// NewBuffers keeps up to limit bytes for some seconds.
func NewBuffers(limit int64) *Buffers { return &Buffers{limit: limit} }

// Get gives a buffer of n bytes, of any content, held once.
func (s *Buffers) Get(n int64) *Buffer {
	if n < minKept {
		b := &Buffer{Bytes: make([]byte, n)}
		b.Hold()
		return b
	}
	b := s.take(n)
	if b == nil {
		memory := make([]byte, (n+bufferUnit-1)/bufferUnit*bufferUnit)
		hugePages(memory)
		b = &Buffer{Bytes: memory, of: s}
	}
	b.Bytes = b.Bytes[:n]
	b.Hold()
	return b
}

// take gives a free buffer for n bytes that is not much longer; nil: there is none.
func (s *Buffers) take(n int64) *Buffer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, b := range slices.Backward(s.free) {
		if size := int64(cap(b.Bytes)); size >= n && size <= n+n/2+bufferUnit {
			s.free = slices.Delete(s.free, i, i+1)
			s.bytes -= size
			return b
		}
	}
	return nil
}

func (s *Buffers) put(b *Buffer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := int64(cap(b.Bytes))
	if size > s.limit {
		return
	}
	for s.bytes+size > s.limit { // of another length than is wanted by now
		s.bytes -= int64(cap(s.free[0].Bytes))
		s.free = slices.Delete(s.free, 0, 1)
	}
	s.free = append(s.free, b)
	s.bytes += size
	if s.idle == nil {
		s.idle = time.AfterFunc(keptFor, s.drop)
	} else {
		s.idle.Reset(keptFor)
	}
}

// drop forgets what is free.
func (s *Buffers) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free, s.bytes = nil, 0
}
