package coordinator

import (
	"context"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/memtable"
	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// upsert is a bound ON CONFLICT DO UPDATE. Its expressions are over the columns
// of the row that is there, then those of the row that was to be inserted.
type upsert struct {
	columns []int // that SET changes
	values  []expr.Expr
	where   expr.Expr // nil for none
}

// excludedName is the name of the row that was to be inserted.
const excludedName = "excluded"

// bindUpsert binds DO UPDATE as the SELECT list of a query over both rows.
func (s *Session) bindUpsert(ctx context.Context, st *ast.Insert, m *mutation, params []arrow.DataType) (err error) {
	t := m.table
	def := t.Definition()
	ref := targetRef(st.Table, st.Alias)
	excluded := targetRef(st.Table, excludedName)
	sel := &ast.Select{Pos: st.Pos, From: []ast.TableRef{ref, excluded}}
	u := &upsert{}
	var targets []memtable.Column
	for _, a := range st.Set {
		values, err := assigned(a)
		if err != nil {
			return err
		}
		at, err := columnsAt(def, a.Columns, a.Position())
		if err != nil {
			return err
		}
		for i, c := range at {
			if slices.Contains(u.columns, c) {
				return sqlerr.At(a.Position(), sqlerr.SyntaxError, "multiple assignments to same column \"%s\"", a.Columns[i])
			}
			if isDefault(values[i]) {
				if values[i], err = s.defaultExpr(ctx, t, c, values[i]); err != nil {
					return err
				}
			}
			u.columns = append(u.columns, c)
			targets = append(targets, def.Columns[c])
			sel.Items = append(sel.Items, ast.SelectItem{Expr: values[i], Alias: a.Columns[i]})
		}
	}
	if err = refuseGenerated(def, u.columns, "update", "", st.Position()); err != nil {
		return err
	}
	if st.Where != nil {
		sel.Items = append(sel.Items, ast.SelectItem{Expr: st.Where})
		targets = append(targets, memtable.Column{Name: "where", Type: sqltype.Bool})
	}
	b, err := s.bindTo(ctx, &ast.Query{Pos: st.Pos, Body: sel}, &rowNames{names{s: s}, t}, params, targets)
	if err != nil {
		return err
	}
	project, ok := b.Root.(*logical.Project)
	if ok {
		_, ok = project.Input.(*logical.Join)
	}
	if !ok || project.Input.Schema().NumFields() != 2*len(def.Columns) {
		return sqlerr.At(st.Set[0].Position(), sqlerr.FeatureNotSupported, "subqueries in ON CONFLICT DO UPDATE are not supported")
	}
	u.values = project.Exprs
	if st.Where != nil {
		u.values, u.where = project.Exprs[:len(u.columns)], project.Exprs[len(u.columns)]
	}
	m.upsert, m.params = u, b.Params
	return nil
}

// upsertRows inserts the rows of rec that have no conflict, and updates the rows
// that the others are in conflict with. It gives the new rows, in the order of
// rec.
func (s *Session) upsertRows(ctx context.Context, tx *memtable.Tx, m *mutation, r *tableRules, rec arrow.Record, params []arrow.Array) ([]arrow.Record, error) {
	if err := tx.Lock(ctx, m.table); err != nil {
		return nil, err
	}
	there, err := tx.Conflicts(m.table, m.arbiter, rec)
	if err != nil {
		return nil, err
	}
	var hits, fresh []int32
	for i, row := range there {
		if row >= 0 {
			hits = append(hits, int32(i))
		} else {
			fresh = append(fresh, int32(i))
		}
	}
	inserted, err := kernel.TakeRecord(rec, fresh)
	if err != nil || len(hits) == 0 {
		return s.applyUpsert(ctx, tx, m, nil, inserted)
	}
	sort.SliceStable(hits, func(i, j int) bool { return there[hits[i]] < there[hits[j]] })
	gone := pickRows(there, hits)
	old, err := tx.Rows(m.table, gone)
	if err != nil {
		return nil, err
	}
	before, err := kernel.ConcatRecords(m.table.Schema(), old)
	if err != nil {
		return nil, err
	}
	proposed, err := kernel.TakeRecord(rec, hits)
	if err != nil {
		return nil, err
	}
	updated, kept, err := m.upsert.apply(s, m.table, r, before, proposed, params)
	if err != nil {
		return nil, err
	}
	return s.applyUpsert(ctx, tx, m, pickRows(gone, kept), updated, inserted)
}

func pickRows(list []int64, at []int32) []int64 {
	out := make([]int64, len(at))
	for i, j := range at {
		out[i] = list[j]
	}
	return out
}

func (s *Session) applyUpsert(ctx context.Context, tx *memtable.Tx, m *mutation, gone []int64, recs ...arrow.Record) ([]arrow.Record, error) {
	insert := slices.DeleteFunc(recs, func(r arrow.Record) bool { return r == nil || r.NumRows() == 0 })
	return tx.Apply(ctx, m.table, memtable.Change{Delete: gone, Insert: insert})
}

// apply computes the new rows of those for which WHERE holds; kept are their
// numbers in before.
func (u *upsert) apply(s *Session, t *memtable.Table, r *tableRules, before, proposed arrow.Record, params []arrow.Array) (updated arrow.Record, kept []int32, err error) {
	n := int(before.NumRows())
	batch := eval.Columns(append(slices.Clone(before.Columns()), proposed.Columns()...), n)
	compute := func(e expr.Expr) (arrow.Array, error) {
		if e, err = substitute(e, params); err != nil {
			return nil, err
		}
		program, err := s.compile(e)
		if err != nil {
			return nil, err
		}
		a, err := program.Array(batch)
		if err != nil {
			return nil, err
		}
		return kernel.Decode(a)
	}
	for i := range n {
		kept = append(kept, int32(i))
	}
	if u.where != nil {
		holds, err := compute(u.where)
		if err != nil {
			return nil, nil, err
		}
		b, _ := holds.(*array.Boolean)
		kept = slices.DeleteFunc(kept, func(i int32) bool { return b == nil || b.IsNull(int(i)) || !b.Value(int(i)) })
		if len(kept) < n {
			rows := make([]arrow.Array, 0, 2*before.NumCols())
			for _, rec := range []arrow.Record{before, proposed} {
				taken, err := kernel.TakeRecord(rec, kept)
				if err != nil {
					return nil, nil, err
				}
				rows = append(rows, taken.Columns()...)
			}
			n, batch = len(kept), eval.Columns(rows, len(kept))
			if before, err = kernel.TakeRecord(before, kept); err != nil {
				return nil, nil, err
			}
		}
	}
	cols := slices.Clone(before.Columns())
	for i, c := range u.columns {
		if cols[c], err = compute(u.values[i]); err != nil {
			return nil, nil, err
		}
	}
	if err := r.generate(s, cols, n); err != nil {
		return nil, nil, err
	}
	if updated, err = t.Conform(cols, int64(n)); err != nil {
		return nil, nil, err
	}
	return updated, kept, r.check(s, updated)
}
