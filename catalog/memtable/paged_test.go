package memtable

import (
	"errors"
	"os"
	"sync/atomic"

	"volley/catalog/memtable/block"
)

// account is one of few bytes, so that most rows are in the pool's file.
type account struct{ used atomic.Int64 }

func (a *account) Reserve(n int64) error {
	if a.used.Add(n) > 1500 {
		a.used.Add(-n)
		return errors.New("no memory")
	}
	return nil
}

func (a *account) Release(n int64) { a.used.Add(-n) }

// small makes a format whose tables have little room in memory.
func small() *Format { return NewIn(block.NewPool(&account{}, os.TempDir())) }
