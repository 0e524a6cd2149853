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

// firstFindings puts results of an UPDATE's or DELETE's query, which are counted, in order
// by row number. A row that was found more than once counts once: the first finding. Rows
// that the statement has changed already, or that are in taken, which ascends, do not count.
func (r *changeRun) firstFindings(ctx context.Context, m *mutation, recs []arrow.Record, taken []int64) (rows []int64, values arrow.Record, err error) {
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
		n := numbers[at]
		if len(rows) > 0 && rows[len(rows)-1] == n || r.st.Gone(m.target.table, n) {
			continue
		}
		if _, found := slices.BinarySearch(taken, n); !found {
			rows, kept = append(rows, n), append(kept, at)
		}
	}
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	values, err = kernel.TakeRecord(all, kept)
	return rows, values, err
}

// eachFound runs the query of an UPDATE or DELETE over the locked table. It calls f with
// batches of rows, by number, and their results, while these come by row number, as those
// of a scan do, and with the rest of them at once; f changes the rows, or notes them in
// taken.
func (r *changeRun) eachFound(ctx context.Context, m *mutation, taken *[]int64, f func(rows []int64, values arrow.Record) error) error {
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
		held, noted := r.memory.held, len(*taken)
		err := f(numbers, rec)
		r.memory.backTo(held)
		if err == nil {
			err = r.memory.hold(int64(8 * (len(*taken) - noted)))
		}
		return err
	})
	if err != nil || rest == nil {
		return err
	}
	rows, values, err := r.firstFindings(ctx, m, rest, *taken)
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

// delete removes the rows that the query finds, keeps them when they are to be returned,
// and gives their number.
func (r *changeRun) delete(ctx context.Context, m *mutation, kept *changedRows) (n int64, err error) {
	err = r.eachFound(ctx, m, new([]int64), func(rows []int64, values arrow.Record) error {
		n += int64(len(rows))
		if kept != nil {
			gone, err := r.whole(ctx, m, rows)
			if err == nil {
				err = kept.add(gone, values.Columns()[1:])
			}
			if err != nil {
				return err
			}
		}
		_, err := r.apply(ctx, m, memtable.Change{Delete: rows})
		return err
	})
	return n, err
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

// update replaces the rows that the query finds, keeps the new ones when they are to be
// returned, and gives their number. They come last in the table, as in PostgreSQL. Where it
// sets keys, which may be exchanged, all rows are changed at once.
func (r *changeRun) update(ctx context.Context, m *mutation, kept *changedRows) (n int64, err error) {
	var taken []int64
	next := r.s.c.tables.NewSnapshot()
	rules, err := r.s.rulesOf(ctx, m.target.table)
	if err != nil {
		return 0, err
	}
	atOnce := m.changesKeys(rules)
	err = r.eachFound(ctx, m, &taken, func(rows []int64, values arrow.Record) error {
		n += int64(len(rows))
		rec, err := r.replaced(ctx, m, rows, values)
		if err != nil {
			return err
		}
		if atOnce {
			taken = memtable.MergeSorted(taken, rows)
			err = next.Append(rec)
		} else {
			_, err = r.apply(ctx, m, memtable.Change{Delete: rows, Insert: []arrow.Record{rec}})
		}
		if err == nil {
			err = kept.add([]arrow.Record{rec}, values.Columns()[1+len(m.columns):])
		}
		return err
	})
	if err == nil && len(taken) > 0 {
		_, err = r.apply(ctx, m, memtable.Change{Delete: taken, Rows: next})
	}
	return n, err
}

// changesKeys tells whether an UPDATE sets columns of a unique constraint, which has to
// hold when all of its rows are changed.
func (m *mutation) changesKeys(rules *tableRules) (changes bool) {
	column := func(c int) {
		changes = changes || slices.Contains(m.columns, c) || rules.def.Columns[c].Generated != ""
	}
	for _, u := range rules.def.Uniques {
		if k := rules.keys[u.Name]; k != nil {
			k.reads(column)
			continue
		}
		for _, c := range u.Columns {
			column(c)
		}
	}
	return changes
}

// replaced are rows with the values of an UPDATE.
func (r *changeRun) replaced(ctx context.Context, m *mutation, rows []int64, values arrow.Record) (arrow.Record, error) {
	old, err := r.whole(ctx, m, rows)
	if err != nil {
		return nil, err
	}
	return r.s.changedRows(ctx, m.target.table, old[0].Columns(), m.columns, values.Columns()[1:], len(rows))
}

// changedRows are n rows of a table with new values of some columns.
func (s *Session) changedRows(ctx context.Context, t *memtable.Table, old []arrow.Array, columns []int, values []arrow.Array, n int) (arrow.Record, error) {
	rules, err := s.rulesOf(ctx, t)
	if err != nil {
		return nil, err
	}
	cols := slices.Clone(old)
	for i, c := range columns {
		if cols[c], err = kernel.Decode(values[i]); err != nil {
			return nil, err
		}
	}
	return rules.conform(s, t, cols, n)
}
