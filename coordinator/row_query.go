package coordinator

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/planner/logical"
)

// rowQuery is a bound select list over rows at hand: RETURNING over the rows
// that were changed, DO UPDATE over those in conflict. A list without subqueries
// is computed here; any other is a query over a table that has the rows.
type rowQuery struct {
	schema *arrow.Schema // of the result
	rows   *memtable.Table
	exprs  []expr.Expr // over the rows' columns; nil for a query
	query  *planner.Bound
	uses   []bool // by column of the rows: whether the list reads it
}

// bindRows binds the select list of sel over rows whose columns are those of its
// FROM.
func (b *changeBinder) bindRows(sel *ast.Select, cat planner.Catalog, opts planner.BindOptions) (*rowQuery, error) {
	q := &rowQuery{}
	opts.Rows = func(columns *arrow.Schema) *catalog.TableDef {
		if q.rows == nil {
			q.rows = b.s.c.tables.NewRows(columns)
		}
		return q.rows.RowsDef(true)
	}
	query := &ast.Query{Pos: sel.Pos, Body: sel}
	bound, err := b.bind(query, cat, opts)
	if err != nil {
		return nil, err
	}
	q.schema, q.uses = bound.Schema, make([]bool, q.rows.Schema().NumFields())
	if project, ok := bound.Root.(*logical.Project); ok {
		if _, ok := project.Input.(*logical.Scan); ok {
			q.exprs = project.Exprs
			for _, e := range q.exprs {
				expr.EachColumn(e, func(c *expr.Column) { q.uses[c.Index] = true })
			}
			return q, nil
		}
	}
	for i := range q.uses {
		q.uses[i] = true
	}
	query.OrderBy = []ast.SortItem{{Expr: &ast.Column{Pos: sel.Pos, Parts: []string{planner.RowsName, planner.RowNumber}}}}
	q.query, err = b.bind(query, cat, opts)
	return q, err
}

// bindOverRows binds the select list of sel, which reads baseName with its row
// numbers, over rows of a schema.
func (b *changeBinder) bindOverRows(sel *ast.Select, columns *arrow.Schema) (*rowQuery, error) {
	q := &rowQuery{rows: b.s.c.tables.NewRows(columns)}
	cat := &changeNames{names: names{s: b.s}, base: planner.Object{Table: q.rows.RowsDef(true)}}
	query := &ast.Query{Pos: sel.Pos, Body: sel}
	opts := b.options()
	opts.Unpadded = true
	bound, err := b.bind(query, cat, opts)
	if err != nil {
		return nil, err
	}
	q.schema = bound.Schema
	if project, ok := bound.Root.(*logical.Project); ok {
		if _, ok := project.Input.(*logical.Scan); ok {
			q.exprs = project.Exprs
			return q, nil
		}
	}
	query.OrderBy = []ast.SortItem{{Expr: &ast.Column{Pos: sel.Pos, Parts: []string{memtable.RowNumber}}}}
	q.query, err = b.bind(query, cat, opts)
	return q, err
}

// of computes the list for n rows, in their order. Columns that the list does
// not read may be nil.
func (q *rowQuery) of(ctx context.Context, r *changeRun, cols []arrow.Array, n int) (arrow.Record, error) {
	if q.exprs == nil {
		return q.run(ctx, r, cols, n)
	}
	out := make([]arrow.Array, len(q.exprs))
	env := eval.Env{Registry: r.s.c.cfg.Registry, Context: r.s.functionContext()}
	batch := eval.Columns(cols, n)
	for i, e := range q.exprs {
		e, err := substitute(e, r.params)
		if err != nil {
			return nil, err
		}
		program, err := env.Compile(e)
		if err != nil {
			return nil, err
		}
		if out[i], err = program.Array(batch); err != nil {
			return nil, err
		}
	}
	return kernel.Record(q.schema, out, n), nil
}

// run computes the list by a query.
func (q *rowQuery) run(ctx context.Context, r *changeRun, cols []arrow.Array, n int) (arrow.Record, error) {
	cols = slices.Clone(cols)
	for i, c := range cols {
		var err error
		if cols[i], err = kernel.Decode(c); err != nil {
			return nil, err
		}
	}
	rec := kernel.Record(q.rows.Schema(), cols, n)
	rows := r.s.c.tables.NewSnapshot()
	if err := rows.Append(rec); err != nil {
		return nil, err
	}
	r.st.View().Put(q.rows, rows)
	recs, err := r.p.rows(ctx, q.query, r.params)
	if err != nil {
		return nil, err
	}
	return kernel.ConcatRecords(q.schema, recs)
}

// divide are the rows for which the list, a condition, holds, and the others.
func divide(list arrow.Record) (yes, no []int32, err error) {
	cond, err := kernel.Decode(list.Column(0))
	if err != nil {
		return nil, nil, err
	}
	b, _ := cond.(*array.Boolean)
	for i := range int32(cond.Len()) {
		if b != nil && b.IsValid(int(i)) && b.Value(int(i)) {
			yes = append(yes, i)
		} else {
			no = append(no, i)
		}
	}
	return yes, no, nil
}
