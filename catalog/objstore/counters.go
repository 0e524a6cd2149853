package objstore

import (
	"context"
	"sync/atomic"
)

// Counters count what is asked of a store. They only grow.
type Counters struct {
	Globs, Opens, Reads, Creates, Removes atomic.Int64 // calls
	ReadBytes, WriteBytes                 atomic.Int64
}

// Count gives s with its calls counted in c.
func Count(s Store, c *Counters) Store { return &counting{s, c} }

type counting struct {
	store Store
	c     *Counters
}

func (s *counting) Glob(ctx context.Context, pattern string) ([]Info, error) {
	s.c.Globs.Add(1)
	return s.store.Glob(ctx, pattern)
}

func (s *counting) Resolve(ctx context.Context, path string) (string, error) {
	return s.store.Resolve(ctx, path)
}

func (s *counting) Open(ctx context.Context, path string) (Reader, error) {
	s.c.Opens.Add(1)
	r, err := s.store.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return &countingReader{r, s.c}, nil
}

func (s *counting) Create(ctx context.Context, path string) (Writer, error) {
	s.c.Creates.Add(1)
	w, err := s.store.Create(ctx, path)
	if err != nil {
		return nil, err
	}
	counted := &countingWriter{w, s.c}
	switch below := w.(type) {
	case interface {
		Suspender
		Restorer
	}:
		return fileWriter{counted, below, below}, nil
	case Preparer:
		return preparingWriter{counted, below}, nil
	case Suspender:
		return suspendingWriter{counted, below}, nil
	case Restorer:
		return restoringWriter{counted, below}, nil
	}
	return counted, nil
}

func (s *counting) MakeDirectory(ctx context.Context, path string) (func(), error) {
	return s.store.MakeDirectory(ctx, path)
}

func (s *counting) Remove(ctx context.Context, path string) error {
	s.c.Removes.Add(1)
	return s.store.Remove(ctx, path)
}

type countingReader struct {
	Reader
	c *Counters
}

func (r *countingReader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	r.c.Reads.Add(1)
	n, err := r.Reader.ReadAt(ctx, p, off)
	r.c.ReadBytes.Add(int64(n))
	return n, err
}

// Announce goes on to the reader below.
func (r *countingReader) Announce(ctx context.Context, ranges []Range) {
	Announce(ctx, r.Reader, ranges...)
}

type countingWriter struct {
	Writer
	c *Counters
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	w.c.WriteBytes.Add(int64(n))
	return n, err
}

// The writers below are countingWriters of ones that can do more.
type (
	preparingWriter struct {
		*countingWriter
		Preparer
	}
	suspendingWriter struct {
		*countingWriter
		Suspender
	}
	restoringWriter struct {
		*countingWriter
		Restorer
	}
	fileWriter struct {
		*countingWriter
		Suspender
		Restorer
	}
)
