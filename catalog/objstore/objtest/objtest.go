// Package objtest has a remote store for tests of what is put before one: it is
// in memory, calls the test before each read, and keeps what was asked of it.
package objtest

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"volley/catalog/objstore"
	"volley/catalog/objstore/mem"
)

// Store is a store in memory whose reads are kept. It is safe for concurrent use.
type Store struct {
	*mem.Store
	// Before, if there is one, is called before each read, which fails with its
	// error. It is set while nobody reads.
	Before func(ctx context.Context, x objstore.Range) error

	mu            sync.Mutex
	asked         []objstore.Range
	running, most int
	given         int64
}

// New makes an empty store.
func New() *Store { return &Store{Store: mem.New()} }

// Open opens an object whose reads are kept.
func (s *Store) Open(ctx context.Context, path string) (objstore.Reader, error) {
	r, err := s.Store.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return &reader{r, s}, nil
}

// Asked is what was asked for, by offset, whether it was given or not.
func (s *Store) Asked() []objstore.Range {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(slices.Values(s.asked), func(a, b objstore.Range) int { return int(a.Off - b.Off) })
}

// AtOnce is how many reads were under way at once, at most.
func (s *Store) AtOnce() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// Given is how many bytes were given.
func (s *Store) Given() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.given
}

func (s *Store) begin(x objstore.Range) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, x)
	s.running++
	s.most = max(s.most, s.running)
}

func (s *Store) end(n *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	s.given += int64(*n)
}

type reader struct {
	objstore.Reader
	s *Store
}

func (r *reader) ReadAt(ctx context.Context, p []byte, off int64) (n int, err error) {
	x := objstore.Range{Off: off, End: off + int64(len(p))}
	r.s.begin(x)
	defer r.s.end(&n) // also when Before panics
	if r.s.Before != nil {
		if err := r.s.Before(ctx, x); err != nil {
			return 0, err
		}
	}
	return r.Reader.ReadAt(ctx, p, off)
}

// Bytes are n bytes without a pattern.
func Bytes(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, 0, n+7)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, r.Uint64())
	}
	return b[:n:n]
}

// Open opens an object, which is there.
func Open(t *testing.T, s objstore.Store, path string) objstore.Reader {
	t.Helper()
	r, err := s.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Check reads n bytes at off and compares them with those of the object. Fewer are
// right at its end only.
func Check(t *testing.T, r objstore.Reader, object []byte, off, n int64) {
	t.Helper()
	p := make([]byte, n)
	got, err := r.ReadAt(context.Background(), p, off)
	want := object[min(off, int64(len(object))):min(off+n, int64(len(object)))]
	if (err != nil) != (int64(len(want)) < n) || err != nil && err != io.EOF || !bytes.Equal(p[:got], want) {
		t.Errorf("[%d, %d): %d bytes, want %d, error %v", off, off+n, got, len(want), err)
	}
}
