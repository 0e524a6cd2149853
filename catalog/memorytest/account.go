// Package memorytest has an account of memory for tests of readers: one that
// refuses what is beyond a limit, and tells what is held in the end.
package memorytest

import "volley/sqlerr"

// Account is a catalog.Memory of Limit bytes, of which Used are taken. It is not
// safe for concurrent use.
type Account struct{ Used, Limit int64 }

// Reserve takes n bytes, or gives the error of a process whose memory is used up.
func (a *Account) Reserve(n int64) error {
	if a.Used+n > a.Limit {
		return sqlerr.New(sqlerr.OutOfMemory, "out of memory")
	}
	a.Used += n
	return nil
}

// Release gives n bytes back.
func (a *Account) Release(n int64) { a.Used -= n }
