package memtable

import (
	"os"

	"volley/catalog/memtable/block"
	"volley/catalog/memtable/block/blocktest"
)

// small makes a format whose tables have so little room in memory that most rows are in
// the pool's file. Keys have as much as they need.
func small() *Format {
	f := NewIn(block.NewPool(blocktest.NewAccount(1500), os.TempDir()))
	f.keys = blocktest.NewAccount(64 << 20)
	return f
}
