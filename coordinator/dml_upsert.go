package coordinator

import (
	"context"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/parser/ast"
)

// upsert is a bound ON CONFLICT DO UPDATE. Its lists are over the columns of the
// row that is there, then those of the row that was to be inserted.
type upsert struct {
	columns []int // that SET changes
	values  *rowQuery
	where   *rowQuery // nil for none
}

// excludedName is the name of the row that was to be inserted.
const excludedName = "excluded"

// bindUpsert binds DO UPDATE.
func (b *changeBinder) bindUpsert(st *ast.Insert, m *mutation) (err error) {
	t := m.target
	from := []ast.TableRef{targetRef(st.Table, st.Alias), targetRef(st.Table, excludedName)}
	set, err := b.assignments(st.Set, t, from, st.Position())
	if err != nil {
		return err
	}
	cat := t.names(b.s, false)
	u := &upsert{columns: set.columns}
	if u.values, err = b.bindRows(&ast.Select{Pos: st.Pos, Items: set.items, From: from}, cat, b.assigning(set.targets)); err != nil {
		return err
	}
	if st.Where != nil {
		where := &ast.Select{Pos: st.Pos, Items: []ast.SelectItem{{Expr: st.Where}}, From: from}
		opts := b.options()
		opts.Condition, opts.Clause = "WHERE", "WHERE"
		if u.where, err = b.bindRows(where, cat, opts); err != nil {
			return err
		}
	}
	m.upsert = u
	return nil
}

// upsert inserts the rows of rec that have no conflict, and updates the rows
// that the others are in conflict with. It gives the new rows. Rows with the same key
// come one after the other: the first may be left out by WHERE.
func (r *changeRun) upsert(ctx context.Context, m *mutation, rec arrow.Record) (made []arrow.Record, err error) {
	for rec.NumRows() > 0 {
		there, err := r.st.Conflicts(ctx, m.target.table, m.arbiters, rec)
		if err != nil {
			return nil, err
		}
		if err := r.make(ctx, m.later); err != nil {
			return nil, err
		}
		n := int64(len(there))
		recs, err := r.upsertRows(ctx, m, rec.NewSlice(0, n), there)
		if err != nil {
			return nil, err
		}
		made, rec = append(made, recs...), rec.NewSlice(n, rec.NumRows())
	}
	return made, nil
}

// upsertRows is upsert of rows whose keys differ; there are the rows that they are in
// conflict with, −1 for none.
func (r *changeRun) upsertRows(ctx context.Context, m *mutation, rec arrow.Record, there []int64) ([]arrow.Record, error) {
	var err error
	var hits, fresh []int32
	for i, row := range there {
		switch {
		case row < 0:
			fresh = append(fresh, int32(i))
		case !r.st.Gone(m.target.table, row): // an item of WITH may have changed it just now
			hits = append(hits, int32(i))
		}
	}
	if len(fresh) == len(there) {
		return r.apply(ctx, m, memtable.Change{Insert: []arrow.Record{rec}})
	}
	if len(hits) == 0 {
		if rec, err = kernel.TakeRecord(rec, fresh); err != nil || len(fresh) == 0 {
			return nil, err
		}
		return r.apply(ctx, m, memtable.Change{Insert: []arrow.Record{rec}})
	}
	sort.SliceStable(hits, func(i, j int) bool { return there[hits[i]] < there[hits[j]] })
	gone := pickRows(there, hits)
	before, err := r.whole(ctx, m, gone)
	if err != nil {
		return nil, err
	}
	proposed, err := kernel.TakeRecord(rec, hits)
	if err != nil {
		return nil, err
	}
	updated, kept, err := r.updated(ctx, m, before[0], proposed)
	if err != nil {
		return nil, err
	}
	if updated == nil {
		if rec, err = kernel.TakeRecord(rec, fresh); err != nil {
			return nil, err
		}
	} else if rec, err = inOrder(rec, fresh, updated, pickRows(hits, kept)); err != nil {
		return nil, err
	}
	return r.apply(ctx, m, memtable.Change{Delete: pickRows(gone, kept), Insert: []arrow.Record{rec}})
}

// inOrder are the new rows in the order of rec, to which a row of fresh or a row
// of updated belongs by its number.
func inOrder(rec arrow.Record, fresh []int32, updated arrow.Record, at []int32) (arrow.Record, error) {
	inserted, err := kernel.TakeRecord(rec, fresh)
	if err != nil {
		return nil, err
	}
	all, err := kernel.ConcatRecords(rec.Schema(), []arrow.Record{inserted, updated})
	if err != nil {
		return nil, err
	}
	from := append(slices.Clone(fresh), at...)
	order := make([]int32, len(from))
	for i := range order {
		order[i] = int32(i)
	}
	sort.Slice(order, func(i, j int) bool { return from[order[i]] < from[order[j]] })
	return kernel.TakeRecord(all, order)
}

func pickRows[T any](list []T, at []int32) []T {
	out := make([]T, len(at))
	for i, j := range at {
		out[i] = list[j]
	}
	return out
}

// updated computes the new rows of those for which WHERE holds; kept are their
// numbers in before.
func (r *changeRun) updated(ctx context.Context, m *mutation, before, proposed arrow.Record) (rec arrow.Record, kept []int32, err error) {
	n := int(before.NumRows())
	both, err := r.bothRows(ctx, m, before, proposed)
	if err != nil {
		return nil, nil, err
	}
	if where := m.upsert.where; where == nil {
		for i := range n {
			kept = append(kept, int32(i))
		}
	} else {
		holds, err := where.of(ctx, r, both, n)
		if err != nil {
			return nil, nil, err
		}
		if kept, _, err = divide(holds); err != nil {
			return nil, nil, err
		}
		if len(kept) < n {
			n = len(kept)
			if before, err = kernel.TakeRecord(before, kept); err != nil {
				return nil, nil, err
			}
			for i, c := range both {
				if both[i], err = kernel.Take(c, kept); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	if n == 0 {
		return nil, nil, nil
	}
	values, err := m.upsert.values.of(ctx, r, both, n)
	if err != nil {
		return nil, nil, err
	}
	rec, err = r.s.changedRows(ctx, m.target.table, before.Columns(), m.upsert.columns, values.Columns(), n)
	return rec, kept, err
}

// bothRows are the columns that DO UPDATE reads: those of the rows that are
// there, then those of the rows that were to be inserted.
func (r *changeRun) bothRows(ctx context.Context, m *mutation, before, proposed arrow.Record) ([]arrow.Array, error) {
	there, err := m.target.seen(ctx, r, before)
	if err != nil {
		return nil, err
	}
	excluded, err := m.target.seen(ctx, r, proposed)
	if err != nil {
		return nil, err
	}
	return append(slices.Clone(there), excluded...), nil
}
