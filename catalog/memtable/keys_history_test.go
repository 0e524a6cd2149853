package memtable

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"pgregory.net/rapid"

	"volley/catalog/memtable/block"
	"volley/catalog/memtable/block/blocktest"
	"volley/sqlerr"
)

// TestKeyHistories compares random histories of transactions with a list of the values
// that a table should have, whose keys have so little memory that most are on disk:
// inserts that fail or leave out what is there, updates of keys, deletes, truncation,
// savepoints and rollbacks.
func TestKeyHistories(t *testing.T) {
	ctx := context.Background()
	spilled := false
	rapid.Check(t, func(rt *rapid.T) {
		pool := block.NewPool(blocktest.NewAccount(1<<20), "")
		defer pool.Close()
		f := NewIn(pool)
		f.keys = blocktest.NewAccount(rapid.Int64Range(0, 100_000).Draw(rt, "memory"))
		s := f.NewStore()
		tx := s.Begin()
		tab := newTable(t, tx, "t", primary)
		var model []int32
		committed, saved, mark := model, model, 0 // as of the last commit, and of the mark
		end := func() {
			tx = s.Begin()
			if err := tx.Lock(ctx, tab); err != nil {
				rt.Fatal(err)
			}
			mark, saved = tx.Mark(), model
		}
		commit(t, tx)
		end()
		numbers := func(n int) (list []int32) {
			from, step := rapid.Int32Range(0, 20_000).Draw(rt, "from"), rapid.Int32Range(1, 9).Draw(rt, "step")
			for i := range int32(n) {
				list = append(list, from+i*step)
			}
			return list
		}
		chosen := func() (rows []int64, kept, gone []int32) {
			skip := rapid.IntRange(1, 10).Draw(rt, "every")
			for i, v := range model {
				if i%skip == 0 {
					rows, gone = append(rows, int64(i)), append(gone, v)
				} else {
					kept = append(kept, v)
				}
			}
			return rows, kept, gone
		}
		record := func(list []int32) []arrow.Record {
			made := make([]row, len(list))
			for i, v := range list {
				made[i].a = v
			}
			rec, err := tab.Conform(rows(made...))
			if err != nil {
				rt.Fatal(err)
			}
			return []arrow.Record{rec}
		}
		// change has a change refused where it makes a value twice
		change := func(c Change, kept, added []int32) {
			has := map[int32]bool{}
			for _, v := range kept {
				has[v] = true
			}
			want := ""
			for _, v := range added {
				if has[v] {
					want = fmt.Sprintf("Key (a)=(%d) already exists.", v)
					break
				}
				has[v] = true
			}
			_, err := tx.Apply(ctx, tab, c)
			switch e := sqlerr.Find(err); {
			case want == "" && err == nil:
				model = append(slices.Clip(kept), added...)
			case want == "" || e == nil || e.Code != sqlerr.UniqueViolation || e.Detail != want:
				rt.Fatalf("error %v, want %q", err, want)
			}
		}
		for range rapid.IntRange(5, 40).Draw(rt, "steps") {
			switch rapid.IntRange(0, 9).Draw(rt, "step") {
			case 0, 1:
				list := numbers(rapid.IntRange(1, 5000).Draw(rt, "n"))
				change(Change{Insert: record(list)}, model, list)
			case 2, 3: // ON CONFLICT DO NOTHING
				list := numbers(rapid.IntRange(1, 8000).Draw(rt, "n"))
				if _, err := tx.Apply(ctx, tab, Change{Insert: record(list), SkipDuplicates: true}); err != nil {
					rt.Fatal(err)
				}
				has := map[int32]bool{}
				for _, v := range model {
					has[v] = true
				}
				model = slices.Clip(model)
				for _, v := range list {
					if !has[v] {
						model = append(model, v)
					}
				}
			case 4: // UPDATE of the key
				rows, kept, gone := chosen()
				by := rapid.Int32Range(-3, 3).Draw(rt, "by")
				if len(rows) > 0 {
					for i := range gone {
						gone[i] += by
					}
					change(Change{Delete: rows, Insert: record(gone)}, kept, gone)
				}
			case 5:
				rows, kept, _ := chosen()
				change(Change{Delete: rows}, kept, nil)
			case 6:
				tx.RollbackTo(mark)
				model = saved
			case 7:
				mark, saved = tx.Mark(), model
			case 8:
				commit(t, tx)
				committed = model
				end()
			case 9:
				if rapid.Bool().Draw(rt, "truncate") {
					if err := tx.Truncate(ctx, tab); err != nil {
						rt.Fatal(err)
					}
					model = nil
				} else {
					tx.Rollback()
					model = committed
					end()
				}
			}
			if got := tab.keys[0].keys.Len(); got != len(model) {
				rt.Fatalf("%d keys of %d rows", got, len(model))
			}
		}
		if got := values(t, tab, NewView(tx)); !slices.Equal(got, model) {
			rt.Fatalf("%d rows that are not the %d there should be", len(got), len(model))
		}
		there := map[int32]bool{}
		for _, v := range model {
			there[v] = true
		}
		check := numbers(30_000)
		cols := tab.keys[0].plainColumns(record(check)[0])
		for i, v := range check {
			key, _ := tab.keys[0].key(&cols, i)
			if has, err := tab.keys[0].has(key); err != nil || has != there[v] {
				rt.Fatalf("key %d: %v, %v", v, has, err)
			}
		}
		spilled = spilled || pool.Keys().Size() > 0
		tx.Rollback()
	})
	if !spilled {
		t.Error("no keys were on disk")
	}
}
