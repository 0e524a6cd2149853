package keyset

import (
	"errors"
	"sync/atomic"
)

// account is one of so many bytes.
type account struct{ used, limit atomic.Int64 }

func accountOf(limit int64) *account {
	a := &account{}
	a.limit.Store(limit)
	return a
}

func (a *account) Reserve(n int64) error {
	if a.used.Add(n) > a.limit.Load() {
		a.used.Add(-n)
		return errors.New("no memory")
	}
	return nil
}

func (a *account) Release(n int64) { a.used.Add(-n) }
