package memtable

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable/block"
)

// TestKeySet compares random changes with a map.
func TestKeySet(t *testing.T) {
	memory := accountOf(1 << 30)
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 20 {
		s := newKeySet(newKeyRoom(memory))
		model := map[string]bool{}
		most := 1 << rng.IntN(12)
		for range 20_000 {
			key := fmt.Sprint(rng.IntN(most))
			if rng.IntN(500) == 0 {
				key = strings.Repeat(key+" ", 20_000+rng.IntN(10)) // longer than a chunk
			}
			if s.has([]byte(key)) != model[key] {
				t.Fatalf("round %d: has %.20q: %v", round, key, !model[key])
			}
			switch {
			case model[key]:
				s.remove([]byte(key))
				delete(model, key)
			case rng.IntN(3) > 0:
				if err := s.add([]byte(key)); err != nil {
					t.Fatal(err)
				}
				model[key] = true
			}
			if s.len() != len(model) {
				t.Fatalf("round %d: %d keys, not %d", round, s.len(), len(model))
			}
		}
		for key := range model {
			if !s.has([]byte(key)) {
				t.Fatalf("round %d: no %.20q", round, key)
			}
		}
		s.room.free()
		if used := memory.used.Load(); used != 0 {
			t.Fatalf("round %d: %d bytes are still taken", round, used)
		}
	}
}

// TestKeysTakeLittle: short keys take a slot or two each.
func TestKeysTakeLittle(t *testing.T) {
	memory := accountOf(1 << 30)
	s := newKeySet(newKeyRoom(memory))
	const n = 100_000
	for i := range n {
		if err := s.add([]byte{byte(i), byte(i >> 8), byte(i >> 16), 0}); err != nil {
			t.Fatal(err)
		}
	}
	if used := memory.used.Load(); used > 20*n || used < 10*n {
		t.Errorf("%d keys take %d bytes", n, used)
	}
}

// TestKeysWithoutRoom: a change whose keys do not fit leaves the table as it was.
func TestKeysWithoutRoom(t *testing.T) {
	ctx := context.Background()
	keys := accountOf(1 << 20)
	f := NewIn(block.NewPool(accountOf(1<<20), t.TempDir()))
	f.keys = keys
	s := f.NewStore()
	tx := s.Begin()
	tab := newTable(t, tx, "t", primary)
	list := make([]row, 1000)
	all := make([]int64, len(list))
	for i := range list {
		list[i].a, all[i] = int32(i), int64(i)
	}
	if err := insert(tx, tab, list...); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	committed := keys.used.Load()
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
		if got := tab.rowsOf(true).Rows(); got != int64(n) || tab.keys[0].keys.len() != n {
			t.Fatalf("%s: %d rows, %d keys", what, got, tab.keys[0].keys.len())
		}
		rec := more(0, n)
		for i := range n {
			if key, _ := tab.keys[0].key(rec, i); !tab.keys[0].keys.has(key) {
				t.Fatalf("%s: no key %d", what, i)
			}
		}
	}
	refused := 0
	for limit := committed; ; limit += 2000 {
		keys.limit.Store(limit)
		tx := s.Begin()
		_, err := tx.Apply(ctx, tab, Change{Delete: all[:500], Insert: []arrow.Record{more(0, 500), more(1000, 500)}})
		if err == nil {
			check("changed", 1500)
			tx.Rollback()
			check("rolled back", 1000)
			break
		}
		refused++
		check("refused", 1000)
		tx.Rollback()
		if used := keys.used.Load(); used > limit {
			t.Fatalf("%d bytes of %d", used, limit)
		}
	}
	if refused < 5 {
		t.Errorf("%d changes were refused", refused)
	}
	keys.limit.Store(keys.used.Load())
	tx = s.Begin()
	defer tx.Rollback()
	if err := tx.CreateIndex(ctx, tab, Unique{Name: "again", Columns: []int{0}}, true); err == nil {
		t.Error("an index was made without room")
	}
	if used := keys.used.Load(); used > keys.limit.Load() {
		t.Errorf("%d bytes are taken after an index was refused", used)
	}
}
