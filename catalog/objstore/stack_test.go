package objstore_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"volley/catalog/objstore"
	"volley/catalog/objstore/ahead"
	"volley/catalog/objstore/cache"
	"volley/catalog/objstore/mem"
	"volley/sqlerr"
)

// unsteady gives some of each read, or nothing, and fails, as often as retries bear.
type unsteady struct {
	objstore.Store
	mu    sync.Mutex
	r     *rand.Rand
	fired int
}

func (s *unsteady) Open(ctx context.Context, path string) (objstore.Reader, error) {
	r, err := s.Store.Open(ctx, path)
	return &unsteadyReader{r, s}, err
}

type unsteadyReader struct {
	objstore.Reader
	s *unsteady
}

func (r *unsteadyReader) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	r.s.mu.Lock()
	fails, part := r.s.r.IntN(4) == 0, r.s.r.IntN(len(p)+1)
	if fails {
		r.s.fired++
	}
	r.s.mu.Unlock()
	if !fails {
		return r.Reader.ReadAt(ctx, p, off)
	}
	n, err := r.Reader.ReadAt(ctx, p[:part], off)
	if err != nil {
		n = 0
	}
	e := sqlerr.New(sqlerr.IOError, "unsteady")
	e.Retryable = true
	return n, e
}

// TestStack: random reads, announced or not, by several readers at once, through all
// wrappers in the order in which a process has them, give the bytes of the object.
func TestStack(t *testing.T) {
	fired := 0
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		size := rapid.IntRange(1, 3<<20).Draw(t, "size")
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		remote := mem.New()
		remote.Put("s3://bkt/o", data)
		below := &unsteady{Store: remote, r: r}
		policy := objstore.RetryPolicy{Tries: 20, Sleep: func(context.Context, time.Duration) error { return nil }}
		dir, err := os.MkdirTemp("", "volley-stack-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		for range rapid.IntRange(1, 2).Draw(t, "processes") {
			kept, err := cache.Open(dir, rapid.SampledFrom([]int64{0, 200 << 10, 1 << 30}).Draw(t, "cache"))
			if err != nil {
				t.Fatal(err)
			}
			var counted objstore.Counters
			fetched := ahead.New(rapid.SampledFrom([]int64{1, 1 << 20, 64 << 20}).Draw(t, "memory"), rapid.IntRange(1, 8).Draw(t, "requests"), nil)
			s := objstore.Count(objstore.NewMux(remote, map[string]objstore.Store{"s3": fetched.Wrap(kept.Wrap(objstore.Retry(below, policy)))}), &counted)
			if s, err = objstore.Allow(s, []string{"s3://bkt/"}); err != nil {
				t.Fatal(err)
			}
			var readers sync.WaitGroup
			for range rapid.IntRange(1, 3).Draw(t, "readers") {
				ranges := drawRanges(t, size)
				announced := rapid.IntRange(0, len(ranges)).Draw(t, "announced")
				readers.Go(func() {
					if err := readRanges(s, data, ranges, announced); err != nil {
						t.Error(err)
					}
				})
			}
			readers.Wait()
			if err := kept.Close(); err != nil {
				t.Fatal(err)
			}
		}
		fired += below.fired
	})
	if fired == 0 {
		t.Error("no read failed")
	}
}

func drawRanges(t *rapid.T, size int) (out []objstore.Range) {
	for range rapid.IntRange(1, 12).Draw(t, "reads") {
		off := rapid.Int64Range(0, int64(size)).Draw(t, "off")
		out = append(out, objstore.Range{Off: off, End: off + rapid.Int64Range(1, int64(size)).Draw(t, "len")})
	}
	return out
}

// readRanges reads ranges, of which the first ones are announced, and compares.
func readRanges(s objstore.Store, data []byte, ranges []objstore.Range, announced int) error {
	reader, err := s.Open(ctx, "s3://bkt/o")
	if err != nil {
		return err
	}
	objstore.Announce(ctx, reader, ranges[:announced]...)
	for _, x := range ranges {
		p := make([]byte, x.End-x.Off)
		n, err := reader.ReadAt(ctx, p, x.Off)
		want := data[x.Off:min(x.End, int64(len(data)))]
		if err != nil && err != io.EOF || (err == io.EOF) != (len(want) < len(p)) || !bytes.Equal(p[:n], want) {
			return errors.Join(errors.New("another answer than the object"), err)
		}
	}
	return reader.Close()
}
