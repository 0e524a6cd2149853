package memtable

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable/block"
	"volley/catalog/memtable/block/blocktest"
)

// TestKeysWithoutRoom: a change whose keys have room neither in memory nor on disk leaves
// the table as it was.
func TestKeysWithoutRoom(t *testing.T) {
	ctx := context.Background()
	keys := blocktest.NewAccount(10 << 20)
	f := NewIn(block.NewPool(blocktest.NewAccount(10<<20), filepath.Join(t.TempDir(), "nowhere")))
	f.keys = keys
	s := f.NewStore()
	tx := s.Begin()
	tab := newTable(t, tx, "t", primary)
	list := make([]row, 10_000)
	all := make([]int64, len(list))
	for i := range list {
		list[i].a, all[i] = int32(i), int64(i)
	}
	if err := insert(tx, tab, list...); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	committed := keys.Used()
	more := func(from, n int) arrow.Record {
		list := make([]row, n)
		for i := range list {
			list[i].a = int32(from + i)
		}
		rec, err := tab.Conform(rows(list...))
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	check := func(what string, n int) {
		t.Helper()
		if got := tab.rowsOf(true).Rows(); got != int64(n) || tab.keys[0].keys.Len() != n {
			t.Fatalf("%s: %d rows, %d keys", what, got, tab.keys[0].keys.Len())
		}
		cols := tab.keys[0].plainColumns(more(0, n))
		for i := range n {
			if key, _ := tab.keys[0].key(&cols, i); !hasKey(t, tab, key) {
				t.Fatalf("%s: no key %d", what, i)
			}
		}
	}
	refused := 0
	for limit := committed; ; limit += 20_000 {
		keys.SetLimit(limit)
		tx := s.Begin()
		_, err := tx.Apply(ctx, tab, Change{Delete: all[:5000], Insert: []arrow.Record{more(0, 5000), more(10_000, 5000)}})
		if err == nil {
			check("changed", 15_000)
			tx.Rollback()
			check("rolled back", 10_000)
			break
		}
		refused++
		check("refused", 10_000)
		tx.Rollback()
		if used := keys.Used(); used > limit {
			t.Fatalf("%d bytes of %d", used, limit)
		}
	}
	if refused < 5 {
		t.Errorf("%d changes were refused", refused)
	}
	full := keys.Used()
	keys.SetLimit(full)
	tx = s.Begin()
	defer tx.Rollback()
	if err := tx.CreateIndex(ctx, tab, Unique{Name: "again", Columns: []int{0}}, true); err == nil {
		t.Error("an index was made without room")
	}
	if used := keys.Used(); used > full {
		t.Errorf("%d bytes are taken after an index was refused", used)
	}
}

func hasKey(t *testing.T, tab *Table, key []byte) bool {
	t.Helper()
	has, err := tab.keys[0].has(key)
	if err != nil {
		t.Fatal(err)
	}
	return has
}
