package memtable

import (
	"context"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// Statement is what one statement does to tables in several steps, all of which
// see the rows as they were before the first:
//
//	before   r0 r1 r2 r3 r4
//	now      r0    r2 r3    n0 n1      gone: 1, 4
//
// Rows are named by their numbers before the statement. It is used by one
// goroutine.
type Statement struct {
	tx   *Tx
	view *View
	gone map[*Table][]int64 // rows that were changed or deleted, ascending
}

// Statement begins a statement that changes tables: they are locked, and pinned
// in its view.
func (tx *Tx) Statement(ctx context.Context, tables ...*Table) (*Statement, error) {
	st := &Statement{tx: tx, view: NewView(tx), gone: map[*Table][]int64{}}
	for _, t := range tables {
		if err := st.Lock(ctx, t); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// Lock locks one more table and pins it in the view.
func (st *Statement) Lock(ctx context.Context, t *Table) error {
	if err := st.tx.Lock(ctx, t); err != nil {
		return err
	}
	st.view.Snapshot(t)
	return nil
}

// View is what the queries of the statement see.
func (st *Statement) View() *View { return st.view }

// Rows are rows of a table by number, ascending, as before the statement.
func (st *Statement) Rows(ctx context.Context, t *Table, rows []int64) ([]arrow.Record, error) {
	return st.view.Snapshot(t).pick(ctx, rows)
}

// Gone tells whether the statement has changed or deleted a row before.
func (st *Statement) Gone(t *Table, row int64) bool {
	_, found := slices.BinarySearch(st.gone[t], row)
	return found
}

// Apply is Tx.Apply. None of the rows to delete may be gone.
func (st *Statement) Apply(ctx context.Context, t *Table, c Change) (inserted []arrow.Record, err error) {
	gone, rows := st.gone[t], c.Delete
	if len(gone) > 0 {
		c.Delete = make([]int64, len(rows))
		for i, row := range rows {
			before, _ := slices.BinarySearch(gone, row)
			c.Delete[i] = row - int64(before)
		}
	}
	if inserted, err = st.tx.Apply(ctx, t, c); err != nil || len(rows) == 0 {
		return inserted, err
	}
	st.gone[t] = MergeSorted(gone, rows)
	return inserted, nil
}

// Conflicts is Tx.Conflicts. A conflict with a row that the statement has made
// is error 21000.
func (st *Statement) Conflicts(ctx context.Context, t *Table, constraints []string, rec arrow.Record) ([]int64, error) {
	out, err := st.tx.Conflicts(ctx, t, constraints, rec)
	gone := st.gone[t]
	kept := st.view.Snapshot(t).Rows() - int64(len(gone))
	for i, row := range out {
		if row >= kept {
			return nil, affectedTwice()
		}
		if row >= 0 && len(gone) > 0 {
			// the numbers that are kept before gone[k] are gone[k]−k
			out[i] = row + int64(sort.Search(len(gone), func(k int) bool { return gone[k]-int64(k) > row }))
		}
	}
	return out, err
}

// affectedTwice is the error of ON CONFLICT DO UPDATE for a row that its statement has
// made.
func affectedTwice() error {
	return sqlerr.New("21000", "ON CONFLICT DO UPDATE command cannot affect row a second time").
		WithHint("Ensure that no rows proposed for insertion within the same command have duplicate constrained values.")
}

// MergeSorted is both lists, which have nothing in common, in order. It takes a.
func MergeSorted(a, b []int64) []int64 {
	if len(a) > 0 && a[len(a)-1] < b[0] {
		return append(a, b...)
	}
	out := make([]int64, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0] < b[0] {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}
