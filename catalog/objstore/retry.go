package objstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"time"

	"volley/sqlerr"
)

// RetryPolicy says how often a call that failed for a passing reason is made
// again, and after how long.
type RetryPolicy struct {
	Tries int           // all attempts together
	First time.Duration // wait before the second attempt; doubles each time
	Max   time.Duration // longest wait
	// Silence is after how long without any byte of the store no other attempt is
	// made; 0: Tries alone decides.
	Silence time.Duration
	// Sleep waits for d or until ctx ends; nil is the clock. Tests replace it.
	Sleep func(ctx context.Context, d time.Duration) error
}

// DefaultRetry is the policy for stores over a network.
var DefaultRetry = RetryPolicy{Tries: 5, First: 100 * time.Millisecond, Max: 5 * time.Second, Silence: 30 * time.Second}

// Retry gives s with its failed calls made again when their error is retryable
// (sqlerr.Error.Retryable). Listings and removals are repeated as they are, a read
// goes on after the bytes that it has got. A write is not repeated: stores that
// upload in parts retry these themselves. The error of the last attempt is not
// retryable: nobody else shall try as often again.
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
	return p.do(ctx, func() (bool, error) { return false, f() })
}

// do is Do with an f that says whether the store gave any bytes.
func (p *RetryPolicy) do(ctx context.Context, f func() (heard bool, err error)) error {
	sleep := p.Sleep
	if sleep == nil {
		sleep = wait
	}
	pause, since := p.First, time.Now()
	for try := 1; ; try++ {
		heard, err := f()
		e := (*sqlerr.Error)(nil)
		if err == nil || !errors.As(err, &e) || !e.Retryable {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if heard {
			since = time.Now()
		}
		// Half of the wait is random, so that readers that failed together do
		// not come back together.
		wait := pause/2 + rand.N(pause/2+1)
		if try >= p.Tries || p.Silence > 0 && time.Since(since)+wait >= p.Silence {
			return givenUp(e, err, try)
		}
		countRetry(ctx)
		if sleepErr := sleep(ctx, wait); sleepErr != nil {
			return sleepErr
		}
		pause = min(2*pause, p.Max)
	}
}

// givenUp is e, the kind of err, after the last of so many attempts.
func givenUp(e *sqlerr.Error, err error, tries int) error {
	last := *e
	last.Retryable, last.Cause = false, err
	if tries > 1 && last.Detail == "" {
		last.Detail = "It was tried " + strconv.Itoa(tries) + " times."
	}
	return &last
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
	return s.open(ctx, func() (Reader, error) { return s.store.Open(ctx, path) })
}

func (s *retrying) open(ctx context.Context, f func() (Reader, error)) (Reader, error) {
	var r Reader
	err := s.policy.Do(ctx, func() (err error) {
		r, err = f()
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
	err = r.policy.do(ctx, func() (bool, error) {
		m, err := r.Reader.ReadAt(ctx, p[n:], off+int64(n))
		if n += m; n == len(p) {
			err = nil
		}
		return m > 0, err
	})
	return n, err
}
