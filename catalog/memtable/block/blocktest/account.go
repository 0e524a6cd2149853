// Package blocktest has an account of memory for tests of what reserves from one.
package blocktest

import (
	"errors"
	"sync/atomic"
)

// Account is one of so many bytes.
type Account struct{ used, limit atomic.Int64 }

// NewAccount makes an account of limit bytes.
func NewAccount(limit int64) *Account {
	a := &Account{}
	a.SetLimit(limit)
	return a
}

// SetLimit gives the account another limit. What is reserved stays.
func (a *Account) SetLimit(limit int64) { a.limit.Store(limit) }

// Used is how many bytes are reserved.
func (a *Account) Used() int64 { return a.used.Load() }

// Reserve takes n bytes, or none: an error.
func (a *Account) Reserve(n int64) error {
	if a.used.Add(n) > a.limit.Load() {
		a.used.Add(-n)
		return errors.New("no memory")
	}
	return nil
}

// Release gives n bytes back.
func (a *Account) Release(n int64) { a.used.Add(-n) }
