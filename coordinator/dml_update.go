package coordinator

import (
	"context"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqltype"
)

// bindUpdate makes a query of UPDATE:
//
//	SELECT target.ctid, value, … FROM target, from WHERE where
func (b *changeBinder) bindUpdate(st *ast.Update) (*mutation, error) {
	t, err := b.s.changeTarget(b.ctx, st.Table, updateVerb)
	if err != nil {
		return nil, err
	}
	ref := targetRef(st.Table, st.Alias)
	sel := &ast.Select{Pos: st.Pos, From: append([]ast.TableRef{ref}, st.From...), Where: st.Where}
	sel.Items = []ast.SelectItem{{Expr: rowNumberOf(ref)}}
	m := &mutation{kind: "UPDATE", target: t}
	set, err := b.assignments(st.Set, t, sel.From, st.Position())
	if err != nil {
		return nil, err
	}
	m.columns, sel.Items = set.columns, append(sel.Items, set.items...)
	return m, b.bindFinding(m, sel, st.Returning, set.targets)
}

// bindDelete makes a query of DELETE:
//
//	SELECT target.ctid FROM target, using WHERE where
func (b *changeBinder) bindDelete(st *ast.Delete) (*mutation, error) {
	t, err := b.s.changeTarget(b.ctx, st.Table, deleteVerb)
	if err != nil {
		return nil, err
	}
	ref := targetRef(st.Table, st.Alias)
	sel := &ast.Select{
		Pos: st.Pos, Items: []ast.SelectItem{{Expr: rowNumberOf(ref)}},
		From: append([]ast.TableRef{ref}, st.Using...), Where: st.Where,
	}
	m := &mutation{kind: "DELETE", target: t}
	return m, b.bindFinding(m, sel, st.Returning, nil)
}

// bindFinding binds the query that finds the rows to change, and RETURNING. The
// query is bound again with what RETURNING reads of the items beside the target.
func (b *changeBinder) bindFinding(m *mutation, sel *ast.Select, items []ast.SelectItem, targets []memtable.Column) (err error) {
	targets = append([]memtable.Column{{Name: memtable.RowNumber, Type: sqltype.Int64}}, targets...)
	cat := m.target.names(b.s, true)
	query := &ast.Query{Pos: sel.Pos, Body: sel}
	if m.bound, err = b.bindTo(query, cat, targets); err != nil || len(items) == 0 {
		return err
	}
	if err = b.bindReturning(m, items, sel.From); err != nil {
		return err
	}
	width := len(m.target.columns)
	for i, used := range m.returning.uses {
		if i < width || !used {
			continue
		}
		m.carried = append(m.carried, i)
		name := strconv.Itoa(i - width)
		sel.Items = append(sel.Items, ast.SelectItem{Expr: &ast.Column{Pos: sel.Pos, Parts: []string{planner.RowsName, name}}})
		targets = append(targets, memtable.Column{Name: name, Type: m.returning.rows.Schema().Field(i).Type})
	}
	if len(m.carried) > 0 {
		m.bound, err = b.bindTo(query, cat, targets)
	}
	return err
}

// found runs the query of an UPDATE or DELETE over the locked table and gives
// its rows by row number, ascending. A row that was found more than once counts
// once: the first finding. Rows that the statement has changed already do not
// count.
func (r *changeRun) found(ctx context.Context, m *mutation) (rows []int64, values arrow.Record, err error) {
	recs, err := r.rows(ctx, m.bound)
	if err != nil || len(recs) == 0 {
		return nil, nil, err
	}
	return r.firstFindings(ctx, m, recs)
}

// firstFindings puts the results of an UPDATE's or DELETE's query, which are counted, in
// order, as found says.
func (r *changeRun) firstFindings(ctx context.Context, m *mutation, recs []arrow.Record) (rows []int64, values arrow.Record, err error) {
	if err := r.memory.hold(2 * recordsBytes(recs)); err != nil { // put together, and in order
		return nil, nil, err
	}
	all, err := kernel.ConcatRecords(recs[0].Schema(), recs)
	if err != nil {
		return nil, nil, err
	}
	numbers := all.Column(0).(*array.Int64).Int64Values()
	order, err := rowkey.SortNumbers(ctx, numbers)
	if err != nil {
		return nil, nil, err
	}
	kept := order[:0]
	for _, at := range order {
		if n := numbers[at]; (len(rows) == 0 || rows[len(rows)-1] != n) && !r.st.Gone(m.target.table, n) {
			rows, kept = append(rows, n), append(kept, at)
		}
	}
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	values, err = kernel.TakeRecord(all, kept)
	return rows, values, err
}

// eachFound is found for a change whose rows are not to be returned: it calls f with
// batches of rows while these come by row number, as those of a scan do, and with the
// rest of them at once.
func (r *changeRun) eachFound(ctx context.Context, m *mutation, f func(rows []int64, values arrow.Record) error) error {
	last := int64(-1)
	var rest []arrow.Record
	err := r.p.each(ctx, m.bound, r.params, func(rec arrow.Record) error {
		numbers := rec.Column(0).(*array.Int64).Int64Values()
		if len(numbers) == 0 {
			return nil
		}
		if rest != nil || !r.fresh(m.target.table, numbers, last) {
			rest = append(rest, rec)
			return r.memory.hold(kernel.RecordBytes(rec))
		}
		last = numbers[len(numbers)-1]
		held := r.memory.held
		defer r.memory.backTo(held)
		return f(numbers, rec)
	})
	if err != nil || rest == nil {
		return err
	}
	rows, values, err := r.firstFindings(ctx, m, rest)
	if err != nil || len(rows) == 0 {
		return err
	}
	return f(rows, values)
}

// fresh tells whether row numbers ascend, from a number more than last on, and are all of
// rows that the statement has not changed.
func (r *changeRun) fresh(t *memtable.Table, numbers []int64, last int64) bool {
	for _, n := range numbers {
		if n <= last || r.st.Gone(t, n) {
			return false
		}
		last = n
	}
	return true
}

// delete removes the rows that the query finds, and gives them when they are to
// be returned, and as many rows without columns otherwise.
func (r *changeRun) delete(ctx context.Context, m *mutation) (gone []arrow.Record, beside []arrow.Array, err error) {
	if m.returning == nil {
		n := int64(0)
		err := r.eachFound(ctx, m, func(rows []int64, _ arrow.Record) error {
			n += int64(len(rows))
			_, err := r.apply(ctx, m, memtable.Change{Delete: rows})
			return err
		})
		return []arrow.Record{countedRows(n)}, nil, err
	}
	rows, values, err := r.found(ctx, m)
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	if gone, err = r.whole(ctx, m, rows); err != nil {
		return nil, nil, err
	}
	_, err = r.apply(ctx, m, memtable.Change{Delete: rows})
	return gone, values.Columns()[1:], err
}

// whole are rows of the target as before the statement, in one record.
func (r *changeRun) whole(ctx context.Context, m *mutation, rows []int64) ([]arrow.Record, error) {
	if err := r.holdWhole(m.target.table, len(rows)); err != nil {
		return nil, err
	}
	recs, err := r.st.Rows(ctx, m.target.table, rows)
	if err != nil {
		return nil, err
	}
	rec, err := kernel.ConcatRecords(m.target.table.Schema(), recs)
	return []arrow.Record{rec}, err
}

// update replaces the rows that the query finds, and gives the new ones when they are to
// be returned, and as many rows without columns otherwise. They come last in the table,
// as in PostgreSQL.
func (r *changeRun) update(ctx context.Context, m *mutation) (changed []arrow.Record, beside []arrow.Array, err error) {
	if m.returning == nil && !m.changesKeys() {
		n := int64(0)
		err := r.eachFound(ctx, m, func(rows []int64, values arrow.Record) error {
			n += int64(len(rows))
			_, err := r.replace(ctx, m, rows, values)
			return err
		})
		return []arrow.Record{countedRows(n)}, nil, err
	}
	rows, values, err := r.found(ctx, m)
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	changed, err = r.replace(ctx, m, rows, values)
	return changed, values.Columns()[1+len(m.columns):], err
}

// changesKeys tells whether an UPDATE sets columns of a unique constraint, which has to
// hold when all of its rows are changed.
func (m *mutation) changesKeys() bool {
	def := m.target.table.Definition()
	for _, u := range def.Uniques {
		for _, c := range u.Columns {
			if slices.Contains(m.columns, c) || def.Columns[c].Generated != "" {
				return true
			}
		}
	}
	return false
}

// replace puts rows with the values of an UPDATE in the place of rows.
func (r *changeRun) replace(ctx context.Context, m *mutation, rows []int64, values arrow.Record) ([]arrow.Record, error) {
	old, err := r.whole(ctx, m, rows)
	if err != nil {
		return nil, err
	}
	cols := slices.Clone(old[0].Columns())
	for i, c := range m.columns {
		if cols[c], err = kernel.Decode(values.Column(i + 1)); err != nil {
			return nil, err
		}
	}
	rules, err := r.s.rulesOf(ctx, m.target.table)
	if err != nil {
		return nil, err
	}
	rec, err := rules.conform(r.s, m.target.table, cols, len(rows))
	if err != nil {
		return nil, err
	}
	return r.apply(ctx, m, memtable.Change{Delete: rows, Insert: []arrow.Record{rec}})
}
