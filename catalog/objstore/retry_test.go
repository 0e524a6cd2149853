package objstore_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"volley/catalog/objstore"
	"volley/catalog/objstore/mem"
	"volley/sqlerr"
)

// TestRetryGivesUp: the error after the last attempt is nobody's to try again, and
// silence ends attempts before their number does.
func TestRetryGivesUp(t *testing.T) {
	passing := sqlerr.New(sqlerr.IOError, "no progress")
	passing.Retryable = true
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		policy := objstore.RetryPolicy{Tries: 5, First: 100 * time.Millisecond, Max: time.Second, Silence: 30 * time.Second}
		began := time.Now()
		err := policy.Do(ctx, func() error {
			calls++
			time.Sleep(10 * time.Second)
			return passing
		})
		if e := sqlerr.Find(err); !errors.Is(err, passing) || e.Retryable || e.Detail != "It was tried 3 times." {
			t.Errorf("%+v", e)
		}
		if took := time.Since(began); calls != 3 || took > 31*time.Second {
			t.Errorf("%d calls in %v", calls, took)
		}
	})
}

// cutting gives at most a few bytes of each read and then fails, so many times.
type cutting struct {
	objstore.Reader
	cuts, part int
}

func (r *cutting) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if r.cuts == 0 {
		return r.Reader.ReadAt(ctx, p, off)
	}
	r.cuts--
	n, _ := r.Reader.ReadAt(ctx, p[:min(len(p), r.part)], off)
	err := sqlerr.New(sqlerr.IOError, "cut short")
	err.Retryable = true
	return n, err
}

type cuttingStore struct {
	objstore.Store
	cuts, part int
}

func (s *cuttingStore) Open(ctx context.Context, path string) (objstore.Reader, error) {
	r, err := s.Store.Open(ctx, path)
	return &cutting{r, s.cuts, s.part}, err
}

// TestRetryGoesOn: bytes that came before a fault are not asked for again.
func TestRetryGoesOn(t *testing.T) {
	m := mem.New()
	m.Put("mem://x", []byte("0123456789"))
	policy := objstore.DefaultRetry
	policy.Sleep = func(context.Context, time.Duration) error { return nil }
	for _, c := range []struct {
		cuts, part, ask int
		want            string
		err             error
	}{
		{3, 2, 9, "012345678", nil},
		{4, 2, 12, "0123456789", io.EOF},
		{1, 10, 10, "0123456789", nil},
		{4, 0, 5, "01234", nil},
	} {
		var counted objstore.Counters
		s := objstore.Retry(&cuttingStore{objstore.Count(m, &counted), c.cuts, c.part}, policy)
		r, err := s.Open(ctx, "mem://x")
		if err != nil {
			t.Fatal(err)
		}
		p := make([]byte, c.ask)
		n, err := r.ReadAt(ctx, p, 0)
		if string(p[:n]) != c.want || err != c.err || counted.ReadBytes.Load() != int64(n) {
			t.Errorf("%+v: %q, %v after %d bytes", c, p[:n], err, counted.ReadBytes.Load())
		}
	}
}
