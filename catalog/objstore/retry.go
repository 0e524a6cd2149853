package objstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"volley/sqlerr"
)

// RetryPolicy says how often a call that failed for a passing reason is made
// again, and after how long.
type RetryPolicy struct {
	Tries int           // all attempts together
	First time.Duration // wait before the second attempt; doubles each time
	Max   time.Duration // longest wait
	// Sleep waits for d or until ctx ends; nil is the clock. Tests replace it.
	Sleep func(ctx context.Context, d time.Duration) error
}

// DefaultRetry is the policy for stores over a network.
var DefaultRetry = RetryPolicy{Tries: 5, First: 100 * time.Millisecond, Max: 5 * time.Second}

// Retry gives s with its failed calls made again when their error is retryable
// (sqlerr.Error.Retryable). Reads, listings and removals are repeated as they
// are. A write is not: stores that upload in parts retry these themselves.
func Retry(s Store, p RetryPolicy) Store {
	return &retrying{s, p}
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

type retrying struct {
	store  Store
	policy RetryPolicy
}

// Do calls f until it succeeds, fails for good, or has been tried often enough.
// The last error is given.
func (p *RetryPolicy) Do(ctx context.Context, f func() error) error {
	sleep := p.Sleep
	if sleep == nil {
		sleep = wait
	}
	pause := p.First
	for try := 1; ; try++ {
		err := f()
		if e := (*sqlerr.Error)(nil); err == nil || !errors.As(err, &e) || !e.Retryable || try >= p.Tries {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// Half of the wait is random, so that readers that failed together do
		// not come back together.
		if sleepErr := sleep(ctx, pause/2+rand.N(pause/2+1)); sleepErr != nil {
			return sleepErr
		}
		pause = min(2*pause, p.Max)
	}
}

func (s *retrying) Glob(ctx context.Context, pattern string) (infos []Info, err error) {
	err = s.policy.Do(ctx, func() (err error) {
		infos, err = s.store.Glob(ctx, pattern)
		return err
	})
	return infos, err
}

func (s *retrying) Resolve(ctx context.Context, path string) (string, error) {
	return s.store.Resolve(ctx, path)
}

func (s *retrying) Open(ctx context.Context, path string) (Reader, error) {
	var r Reader
	err := s.policy.Do(ctx, func() (err error) {
		r, err = s.store.Open(ctx, path)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &retryingReader{r, &s.policy}, nil
}

func (s *retrying) Create(ctx context.Context, path string) (w Writer, err error) {
	err = s.policy.Do(ctx, func() (err error) {
		w, err = s.store.Create(ctx, path)
		return err
	})
	return w, err
}

func (s *retrying) MakeDirectory(ctx context.Context, path string) (func(), error) {
	return s.store.MakeDirectory(ctx, path)
}

func (s *retrying) Remove(ctx context.Context, path string) error {
	return s.policy.Do(ctx, func() error { return s.store.Remove(ctx, path) })
}

type retryingReader struct {
	Reader
	policy *RetryPolicy
}

func (r *retryingReader) ReadAt(ctx context.Context, p []byte, off int64) (n int, err error) {
	err = r.policy.Do(ctx, func() (err error) {
		n, err = r.Reader.ReadAt(ctx, p, off)
		return err
	})
	return n, err
}
