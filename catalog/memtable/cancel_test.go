package memtable

import (
	"context"
	"errors"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
)

// countdown is a context that ends after it was asked so many times.
type countdown struct {
	context.Context
	left int
}

// Err counts.
func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestChangesEndWithTheirContext: wherever a change of many rows is when its statement
// is cancelled, nothing of it has happened.
func TestChangesEndWithTheirContext(t *testing.T) {
	s := small().NewStore()
	tx := s.Begin()
	tab := newTable(t, tx, "t", Unique{Name: "t_a", Columns: []int{0}})
	list := make([]row, 3*askEvery)
	for i := range list {
		list[i].a = int32(i)
	}
	if err := insert(tx, tab, list...); err != nil {
		t.Fatal(err)
	}
	commit(t, tx)
	tx = s.Begin()
	defer tx.Rollback()
	all := make([]int64, len(list))
	for i := range all {
		all[i] = int64(i)
		list[i].a += int32(len(list) / 2)
	}
	cols, n := rows(list...)
	rec, err := tab.Conform(cols, n)
	if err != nil {
		t.Fatal(err)
	}
	canceled := 0
	for asks := 0; ; asks++ {
		_, err := tx.Apply(&countdown{context.Background(), asks}, tab, Change{Delete: all, Insert: []arrow.Record{rec}})
		if err == nil {
			break
		}
		canceled++
		if got := tab.rowsOf(true).Rows(); got != int64(len(list)) || tab.keys[0].keys.Len() != len(list) {
			t.Fatalf("cancelled at %d: %d rows, %d keys", asks, got, tab.keys[0].keys.Len())
		}
	}
	if canceled < 6 {
		t.Errorf("the context was looked at %d times", canceled)
	}
	if err := tx.CreateIndex(&countdown{context.Background(), 1}, tab, Unique{Name: "again", Columns: []int{0}}, true); !errors.Is(err, context.Canceled) {
		t.Errorf("an index ends with %v", err)
	}
}
