package coordinator

import (
	"context"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindUpdate makes a query of UPDATE:
//
//	SELECT target.ctid, value, … FROM target, from WHERE where
func (s *Session) bindUpdate(ctx context.Context, st *ast.Update, params []arrow.DataType) (*mutation, error) {
	table, err := s.writable(st.Table, "update")
	if err != nil {
		return nil, err
	}
	def := table.Definition()
	ref := targetRef(st.Table, st.Alias)
	sel := &ast.Select{Pos: st.Pos, From: append([]ast.TableRef{ref}, st.From...), Where: st.Where}
	sel.Items = []ast.SelectItem{{Expr: rowNumberOf(ref)}}
	m := &mutation{kind: "UPDATE", table: table}
	var set []string
	for _, a := range st.Set {
		values, err := assigned(a)
		if err != nil {
			return nil, err
		}
		for i, name := range a.Columns {
			at, err := columnsAt(def, []string{name}, a.Position())
			if err != nil {
				return nil, err
			}
			if isDefault(values[i]) {
				if values[i], err = s.defaultExpr(ctx, table, at[0], values[i]); err != nil {
					return nil, err
				}
			}
			sel.Items = append(sel.Items, ast.SelectItem{Expr: values[i], Alias: name})
			set = append(set, name)
		}
	}
	if m.columns, err = columnsAt(def, set, st.Position()); err != nil {
		if e := sqlerr.Find(err); e.Code == sqlerr.DuplicateColumn {
			return nil, sqlerr.At(st.Position(), sqlerr.SyntaxError, "multiple assignments to same column \"%s\"", repeated(set))
		}
		return nil, err
	}
	if err := refuseGenerated(def, m.columns, "update", "", st.Position()); err != nil {
		return nil, err
	}
	columns := append([]memtable.Column{{Name: memtable.RowNumber, Type: sqltype.Int64}}, pick(def.Columns, m.columns)...)
	m.bound, err = s.bindTo(ctx, &ast.Query{Pos: st.Pos, Body: sel}, &targetNames{names{s: s}, table}, params, columns)
	return m, err
}

// assigned are the values of an assignment, one for each column.
func assigned(a ast.Assignment) ([]ast.Expr, error) {
	if len(a.Columns) == 1 {
		if row, ok := a.Value.(*ast.Row); ok && len(row.Items) == 1 {
			return row.Items, nil
		}
		return []ast.Expr{a.Value}, nil
	}
	if q, ok := a.Value.(*ast.Subquery); ok && q.Kind == ast.Scalar {
		out := make([]ast.Expr, len(a.Columns))
		for i := range out {
			out[i] = &ast.RowColumn{Pos: q.Pos, Query: q, Index: i, Count: len(out)}
		}
		return out, nil
	}
	row, ok := a.Value.(*ast.Row)
	if !ok {
		return nil, sqlerr.At(a.Value.Position(), sqlerr.FeatureNotSupported, "source for a multiple-column UPDATE item must be a ROW() expression")
	}
	if len(row.Items) != len(a.Columns) {
		return nil, sqlerr.At(a.Position(), sqlerr.SyntaxError, "number of columns does not match number of values")
	}
	return row.Items, nil
}

func repeated(list []string) string {
	seen := map[string]bool{}
	for _, n := range list {
		if seen[n] {
			return n
		}
		seen[n] = true
	}
	return ""
}

// bindDelete makes a query of DELETE:
//
//	SELECT target.ctid FROM target, using WHERE where
func (s *Session) bindDelete(ctx context.Context, st *ast.Delete, params []arrow.DataType) (*mutation, error) {
	table, err := s.writable(st.Table, "delete from")
	if err != nil {
		return nil, err
	}
	ref := targetRef(st.Table, st.Alias)
	sel := &ast.Select{
		Pos: st.Pos, Items: []ast.SelectItem{{Expr: rowNumberOf(ref)}},
		From: append([]ast.TableRef{ref}, st.Using...), Where: st.Where,
	}
	m := &mutation{kind: "DELETE", table: table}
	columns := []memtable.Column{{Name: memtable.RowNumber, Type: sqltype.Int64}}
	m.bound, err = s.bindTo(ctx, &ast.Query{Pos: st.Pos, Body: sel}, &targetNames{names{s: s}, table}, params, columns)
	return m, err
}

// found runs the query of an UPDATE or DELETE over the locked table and gives
// its rows by row number, ascending. A row that was found more than once counts
// once: the first finding.
func (s *Session) found(ctx context.Context, tx *memtable.Tx, p *Prepared, params []arrow.Array) (rows []int64, values arrow.Record, err error) {
	if err := tx.Lock(ctx, p.mutation.table); err != nil {
		return nil, nil, err
	}
	recs, err := s.rows(ctx, p, p.mutation.bound, params)
	if err != nil || len(recs) == 0 {
		return nil, nil, err
	}
	all, err := kernel.ConcatRecords(recs[0].Schema(), recs)
	if err != nil {
		return nil, nil, err
	}
	numbers := all.Column(0).(*array.Int64).Int64Values()
	order := make([]int32, len(numbers))
	for i := range order {
		order[i] = int32(i)
	}
	sort.SliceStable(order, func(i, j int) bool { return numbers[order[i]] < numbers[order[j]] })
	kept := order[:0]
	for _, at := range order {
		if n := numbers[at]; len(rows) == 0 || rows[len(rows)-1] != n {
			rows, kept = append(rows, n), append(kept, at)
		}
	}
	values, err = kernel.TakeRecord(all, kept)
	return rows, values, err
}

// delete removes the rows that the query finds, and gives them when they are to
// be returned, and as many rows without columns otherwise.
func (s *Session) delete(ctx context.Context, tx *memtable.Tx, p *Prepared, params []arrow.Array) ([]arrow.Record, error) {
	rows, _, err := s.found(ctx, tx, p, params)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	gone := []arrow.Record{kernel.Record(arrow.NewSchema(nil, nil), nil, len(rows))}
	if p.mutation.returning != nil {
		if gone, err = tx.Rows(p.mutation.table, rows); err != nil {
			return nil, err
		}
	}
	_, err = tx.Apply(ctx, p.mutation.table, memtable.Change{Delete: rows})
	return gone, err
}

// update replaces the rows that the query finds and gives the new ones. They
// come last in the table, as in PostgreSQL.
func (s *Session) update(ctx context.Context, tx *memtable.Tx, p *Prepared, params []arrow.Array) ([]arrow.Record, error) {
	m := p.mutation
	rows, values, err := s.found(ctx, tx, p, params)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	old, err := tx.Rows(m.table, rows)
	if err != nil {
		return nil, err
	}
	whole, err := kernel.ConcatRecords(m.table.Schema(), old)
	if err != nil {
		return nil, err
	}
	cols := append([]arrow.Array(nil), whole.Columns()...)
	for i, c := range m.columns {
		if cols[c], err = kernel.Decode(values.Column(i + 1)); err != nil {
			return nil, err
		}
	}
	r, err := s.rulesOf(ctx, m.table)
	if err != nil {
		return nil, err
	}
	if err := r.generate(s, cols, len(rows)); err != nil {
		return nil, err
	}
	rec, err := m.table.Conform(cols, int64(len(rows)))
	if err != nil {
		return nil, err
	}
	if err := r.check(s, rec); err != nil {
		return nil, err
	}
	return tx.Apply(ctx, m.table, memtable.Change{Delete: rows, Insert: []arrow.Record{rec}})
}
