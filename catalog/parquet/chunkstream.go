package parquet

import (
	"context"
	"errors"
	"fmt"

	"volley/catalog/objstore"
)

const (
	// Windows of a column chunk that are fetched at once: small where a read is
	// a system call, large where it is a request over a network.
	localWindow  = 512 << 10
	remoteWindow = 4 << 20

	headerGuess    = 1 << 10
	maxHeaderBytes = 16 << 20 // headers hold statistics, and those long strings
)

// chunkStream reads the bytes of one column chunk in order. What it gives out
// stays valid until more is asked for, and after that only if keep was called.
type chunkStream struct {
	ctx    context.Context // of the call that reads
	r      objstore.Reader
	off    int64 // of the first byte not in buf
	end    int64
	buf    []byte
	window int
	// wanted are the bytes that will be asked for; a window does not go beyond one
	// of them. nil: all.
	wanted []objstore.Range
	whole  []byte // what buf is the end of, if it may be reused
}

func newChunkStream(r objstore.Reader, off, end int64) *chunkStream {
	window := localWindow
	if objstore.Scheme(r.Info().Path) != "" {
		window = remoteWindow
	}
	return &chunkStream{ctx: context.Background(), r: r, off: off, end: end, window: window}
}

// remaining is how many bytes of the chunk have not been taken.
func (s *chunkStream) remaining() int64 { return s.end - s.off + int64(len(s.buf)) }

// peek gives the next n bytes, or as many as there are, without taking them.
func (s *chunkStream) peek(n int) ([]byte, error) {
	n = int(min(int64(n), s.remaining()))
	if n > len(s.buf) {
		if err := s.fill(n); err != nil {
			return nil, err
		}
	}
	return s.buf[:n], nil
}

func (s *chunkStream) fill(n int) error {
	size := int(min(int64(max(n, s.window)), s.remaining()))
	for _, x := range s.wanted {
		if x.Off <= s.off && s.off < x.End {
			size = max(n, min(size, len(s.buf)+int(x.End-s.off)))
		}
	}
	next := s.whole
	if s.whole = nil; cap(next) < size {
		next = pageBuffer(size)
	}
	next = next[:size]
	have := copy(next, s.buf)
	if err := readFull(s.ctx, s.r, next[have:], s.off); err != nil {
		return err
	}
	s.off += int64(size - have)
	s.buf, s.whole = next, next
	return nil
}

// keep makes what was given out since the last window valid for good.
func (s *chunkStream) keep() { s.whole = nil }

// free ends the use of the stream.
func (s *chunkStream) free() {
	if s.whole != nil {
		freePageBuffer(s.whole)
	}
	s.whole, s.buf, s.end = nil, nil, s.off
}

// take gives the next n bytes.
func (s *chunkStream) take(n int) ([]byte, error) {
	if int64(n) > s.remaining() {
		return nil, fmt.Errorf("column chunk ends too early")
	}
	b, err := s.peek(n)
	if err != nil {
		return nil, err
	}
	s.buf = s.buf[n:]
	return b[:n:n], nil
}

// discard passes over n bytes, reading none that it need not.
func (s *chunkStream) discard(n int) error {
	if int64(n) > s.remaining() {
		return fmt.Errorf("column chunk ends too early")
	}
	if n <= len(s.buf) {
		s.buf = s.buf[n:]
		return nil
	}
	s.off += int64(n - len(s.buf))
	s.buf = nil
	return nil
}

// seek goes on at an offset of the file within the chunk, after the byte at hand.
func (s *chunkStream) seek(off int64) error {
	return s.discard(int(off - (s.off - int64(len(s.buf)))))
}

// peekHeader decodes the page header that comes next without taking it.
func (s *chunkStream) peekHeader() (pageHeader, int, error) {
	for guess := headerGuess; ; guess *= 4 {
		b, err := s.peek(guess)
		if err != nil {
			return pageHeader{}, 0, err
		}
		h, n, err := parsePageHeader(b)
		short := errors.Is(err, errThriftShort) || errors.Is(err, errThriftSize)
		if !short || len(b) < guess || guess >= maxHeaderBytes {
			if err != nil {
				err = fmt.Errorf("page header: %w", err)
			}
			return h, n, err
		}
	}
}
