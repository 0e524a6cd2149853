package coordinator

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// mutation is a bound INSERT, UPDATE or DELETE: a query that gives the rows,
// and what to do with them.
//
//	INSERT  the query's columns go to columns of the table
//	UPDATE  row number, then new values of columns
//	DELETE  row number
type mutation struct {
	kind      string // "INSERT", "UPDATE", "DELETE"
	table     *memtable.Table
	bound     *planner.Bound // nil: INSERT … DEFAULT VALUES
	columns   []int
	skip      bool             // ON CONFLICT DO NOTHING
	arbiter   string           // the constraint that skip is about; "" for all
	upsert    *upsert          // ON CONFLICT DO UPDATE
	params    []arrow.DataType // types of $1, …, of all its parts
	returning *returning
}

// bindMutation binds INSERT, UPDATE and DELETE; nil for other statements.
func (s *Session) bindMutation(ctx context.Context, stmt ast.Statement, params []arrow.DataType) (*mutation, error) {
	var m *mutation
	var err error
	var items []ast.SelectItem
	alias := ""
	switch st := stmt.(type) {
	case *ast.Insert:
		m, err = s.bindInsert(ctx, st, params)
		items, alias = st.Returning, targetRef(st.Table, st.Alias).Alias.Name
	case *ast.Update:
		m, err = s.bindUpdate(ctx, st, params)
		items, alias = st.Returning, targetRef(st.Table, st.Alias).Alias.Name
	case *ast.Delete:
		m, err = s.bindDelete(ctx, st, params)
		items, alias = st.Returning, targetRef(st.Table, st.Alias).Alias.Name
	case *ast.Copy:
		return s.bindCopyChange(ctx, st, params)
	default:
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if m.params == nil && m.bound != nil {
		m.params = m.bound.Params
	}
	if len(items) > 0 {
		err = s.bindReturning(ctx, m, alias, items, params)
	}
	return m, err
}

// runMutation carries out INSERT, UPDATE or DELETE.
func (s *Session) runMutation(ctx context.Context, p *Prepared, params []arrow.Array) (*Result, error) {
	m := p.mutation
	var changed []arrow.Record
	err := s.write(ctx, func(ctx context.Context, tx *memtable.Tx) (err error) {
		switch m.kind {
		case "INSERT":
			changed, err = s.insert(ctx, tx, p, params)
		case "UPDATE":
			changed, err = s.update(ctx, tx, p, params)
		case "DELETE":
			changed, err = s.delete(ctx, tx, p, params)
		}
		if err == nil && m.returning != nil {
			changed, err = m.returning.of(s, changed, params)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	n := countRows(changed)
	tag := fmt.Sprintf("%s %d", m.kind, n)
	if m.kind == "INSERT" {
		tag = fmt.Sprintf("INSERT 0 %d", n)
	}
	if m.returning == nil {
		return command(tag), nil
	}
	return records(m.returning.schema, tag, changed...), nil
}

// rows runs a bound query to its end. Constant rows are computed here and now:
// an INSERT of VALUES needs no plan.
func (s *Session) rows(ctx context.Context, p *Prepared, bound *planner.Bound, params []arrow.Array) ([]arrow.Record, error) {
	if v, ok := bound.Root.(*logical.Values); ok {
		rec, err := s.constantRows(v, params)
		if err != nil {
			return nil, err
		}
		return []arrow.Record{rec}, nil
	}
	res, err := s.start(ctx, &Prepared{s: s, sql: p.sql, bound: bound}, params, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Close() }()
	var out []arrow.Record
	for {
		rec, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
}

// constantRows computes VALUES.
func (s *Session) constantRows(v *logical.Values, params []arrow.Array) (arrow.Record, error) {
	cols := make([]arrow.Array, v.Out.NumFields())
	parts := make([]arrow.Array, len(v.Rows))
	env := eval.Env{Registry: s.c.cfg.Registry, Context: s.functionContext()}
	one := eval.Columns(nil, 1)
	for c := range cols {
		for r, row := range v.Rows {
			e, err := substitute(row[c], params)
			if err != nil {
				return nil, err
			}
			if l, ok := e.(*expr.Literal); ok {
				parts[r] = l.Value
				continue
			}
			program, err := env.Compile(e)
			if err != nil {
				return nil, err
			}
			if parts[r], err = program.Array(one); err != nil {
				return nil, err
			}
		}
		var err error
		if cols[c], err = kernel.Concat(parts); err != nil {
			return nil, err
		}
	}
	return kernel.Record(v.Out, cols, len(v.Rows)), nil
}

// substitute puts the parameters' values into an expression.
func substitute(e expr.Expr, params []arrow.Array) (out expr.Expr, err error) {
	if len(params) == 0 {
		return e, nil
	}
	out = expr.Transform(e, func(e expr.Expr) expr.Expr {
		p, ok := e.(*expr.Param)
		if !ok {
			return e
		}
		if p.Index > len(params) {
			err = sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d", p.Index)
			return e
		}
		return &expr.Literal{Value: params[p.Index-1]}
	})
	return out, err
}
