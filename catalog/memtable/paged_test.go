package memtable

import (
	"errors"
	"os"
	"sync/atomic"

	"volley/catalog/memtable/block"
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

// small makes a format whose tables have so little room in memory that most rows are in
// the pool's file. Keys have as much as they need.
func small() *Format {
	f := NewIn(block.NewPool(accountOf(1500), os.TempDir()))
	f.keys = accountOf(64 << 20)
	return f
}
