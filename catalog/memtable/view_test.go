package memtable

import (
	"context"
	"slices"
	"testing"

	"volley/catalog"
)

// TestAQuerySeesOneMoment: a transaction that changes two tables has changed both or
// neither for a view that pins both.
func TestAQuerySeesOneMoment(t *testing.T) {
	s := small().NewStore()
	tx := s.Begin()
	x, y := newTable(t, tx, "x"), newTable(t, tx, "y")
	commit(t, tx)
	stop := make(chan struct{})
	ended := make(chan error)
	go func() {
		for {
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
			tx := s.Begin()
			for _, tab := range []*Table{x, y} {
				if err := insert(tx, tab, row{a: 1}); err != nil {
					ended <- err
					return
				}
			}
			if err := tx.Commit(context.Background()); err != nil {
				ended <- err
				return
			}
		}
	}()
	defs := []*catalog.TableDef{x.Def(), y.Def(), {Format: "csv"}}
	for i := 0; y.committed.Load().Rows() < 500; i++ {
		v := NewView(nil)
		if err := s.Pin(WithView(t.Context(), v), slices.Values(defs)); err != nil {
			t.Fatal(err)
		}
		if a, b := v.Snapshot(x).Rows(), v.Snapshot(y).Rows(); a != b {
			t.Errorf("after %d views: %d rows of one table and %d of the other", i, a, b)
			break
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
