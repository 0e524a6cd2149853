package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
	"volley/sqltype"
)

// changeBinder binds the queries of one statement that changes data, one after
// the other: what one of them decides of a parameter's type holds for the next.
type changeBinder struct {
	ctx    context.Context
	s      *Session
	params []arrow.DataType
	with   *planner.With // that the queries may read from; nil for none
	inWith bool          // what RETURNING gives is read by other parts of the statement
}

// bindChange binds a statement that changes data, itself or by its WITH list.
func (p *Prepared) bindChange(ctx context.Context) (err error) {
	b := &changeBinder{ctx: ctx, s: p.s, params: p.given}
	p.with, p.mutation = nil, nil
	stmt := bare(p.change)
	if list := withList(p.change); list != nil {
		if p.with, err = b.bindWith(list, stmt); err != nil {
			return err
		}
	}
	if q, ok := stmt.(*ast.Query); ok {
		p.bound, err = b.bind(q, &names{s: p.s}, b.options())
	} else {
		p.mutation, err = b.bindMutation(stmt)
		if err == nil && p.with != nil {
			p.mutation.later = p.with.later
		}
	}
	p.params = b.settled()
	if _, ok := p.stmt.(*ast.Copy); ok && err == nil && p.bound == nil && p.mutation.returning == nil {
		return sqlerr.New(sqlerr.FeatureNotSupported, "COPY query must have a RETURNING clause")
	}
	return err
}

// changeIn is the part of a statement that changes data; q is the query in the
// statement, if it has one.
func changeIn(stmt ast.Statement, q *ast.Query) (ast.Statement, error) {
	if st, ok := stmt.(*ast.Copy); ok && st.Change != nil {
		return st.Change, nil
	}
	if isChange(stmt) {
		return stmt, nil
	}
	if q == nil || !planner.ChangesData(q) {
		return nil, nil
	}
	switch st := stmt.(type) {
	case *ast.DeclareCursor:
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "DECLARE CURSOR must not contain data-modifying statements in WITH")
	case *ast.CreateTable:
		if st.Materialized != "" {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "materialized views must not use data-modifying statements in WITH")
		}
	case *ast.Describe:
		return nil, sqlerr.At(st.Position(), sqlerr.FeatureNotSupported, "DESCRIBE of a statement that changes data is not supported")
	}
	return q, nil
}

// isChange tells whether a statement is INSERT, UPDATE, DELETE or MERGE.
func isChange(stmt ast.Statement) bool {
	switch stmt.(type) {
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		return true
	}
	return false
}

// bare is a statement without its WITH list.
func bare(stmt ast.Statement) ast.Statement {
	switch st := stmt.(type) {
	case *ast.Query:
		c := *st
		c.With, c.Recursive = nil, false
		return &c
	case *ast.Insert:
		c := *st
		c.With = nil
		return &c
	case *ast.Update:
		c := *st
		c.With = nil
		return &c
	case *ast.Delete:
		c := *st
		c.With = nil
		return &c
	case *ast.Merge:
		c := *st
		c.With = nil
		return &c
	}
	return stmt
}

// options are what queries of the statement are bound with.
func (b *changeBinder) options() planner.BindOptions {
	return planner.BindOptions{
		ParamTypes: b.params, TimeZone: b.s.settings.location, Style: b.s.settings.style(), With: b.with,
	}
}

// bind binds one query.
func (b *changeBinder) bind(q *ast.Query, cat planner.Catalog, opts planner.BindOptions) (*planner.Bound, error) {
	bound, err := b.s.planner().Bind(b.ctx, q, cat, opts)
	if err == nil {
		b.params = bound.Inferred
	}
	return bound, err
}

// bindTo binds a query whose columns are assigned to columns of a table.
func (b *changeBinder) bindTo(q *ast.Query, cat planner.Catalog, columns []memtable.Column) (*planner.Bound, error) {
	return b.bind(q, cat, b.assigning(columns))
}

// assigning are the options for columns that are assigned to those of a table.
func (b *changeBinder) assigning(columns []memtable.Column) planner.BindOptions {
	opts := b.options()
	opts.Targets, opts.TargetNames = make([]arrow.DataType, len(columns)), make([]string, len(columns))
	opts.Update = len(columns) > 0 && columns[0].Name == memtable.RowNumber
	for i, c := range columns {
		opts.Targets[i], opts.TargetNames[i] = c.Type, c.Name
	}
	return opts
}

// settled are the parameters' types at the end.
func (b *changeBinder) settled() []arrow.DataType {
	for i, t := range b.params {
		if t == nil {
			b.params[i] = sqltype.Text
		}
	}
	return b.params
}
