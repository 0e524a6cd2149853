package coordinator

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// mutation is a bound INSERT, UPDATE, DELETE or MERGE: a query that gives the rows,
// and what to do with them.
//
//	INSERT  the query's columns go to columns of the table
//	UPDATE  row number, then new values of columns, then what RETURNING reads of FROM
//	DELETE  row number, then what RETURNING reads of USING
//	MERGE   row number, NULL where nothing matches, then what its actions read
type mutation struct {
	kind      string // "INSERT", "UPDATE", "DELETE", "MERGE"
	target    *changeTarget
	bound     *planner.Bound // nil: INSERT … DEFAULT VALUES
	columns   []int
	defaults  map[int]expr.Expr // that a view has for other columns of INSERT, by column
	parts     *partList         // of an INSERT that gives parts of columns; nil for none
	skip      bool              // ON CONFLICT DO NOTHING
	arbiters  []string          // the constraints that skip and upsert are about; none for all
	upsert    *upsert           // ON CONFLICT DO UPDATE
	returning *rowQuery         // nil for none
	merge     []mergeAction
	later     []int // items of WITH that DO UPDATE, RETURNING and the actions of MERGE need
	carried   []int // ordinals in returning's, or the actions', rows of the query's last columns
}

// locks tells whether the rows must not change between the query that finds them
// and the change, or are read again after it, as they were before.
func (m *mutation) locks() bool {
	return m.kind != "INSERT" || m.upsert != nil || m.target.view != nil || m.returning != nil && m.returning.query != nil
}

// bindMutation binds INSERT, UPDATE, DELETE and MERGE, which read from b.with.
func (b *changeBinder) bindMutation(stmt ast.Statement) (*mutation, error) {
	outer := b.with
	defer func() { b.with = outer }()
	switch st := stmt.(type) {
	case *ast.Insert:
		b.nest(st.With)
		return b.bindInsert(st)
	case *ast.Update:
		b.nest(st.With)
		return b.bindUpdate(st)
	case *ast.Delete:
		b.nest(st.With)
		return b.bindDelete(st)
	case *ast.Merge:
		b.nest(st.With)
		return b.bindMerge(st)
	}
	return nil, sqlerr.At(stmt.Position(), sqlerr.InternalError, "%T changes no rows", stmt)
}

// nest adds a statement's own WITH list.
func (b *changeBinder) nest(list *ast.Query) {
	if list != nil {
		b.with = &planner.With{List: list, Outer: b.with}
	}
}

// withList is the WITH list before a statement that changes data; nil for none.
func withList(stmt ast.Statement) *ast.Query {
	switch st := stmt.(type) {
	case *ast.Query:
		if len(st.With) > 0 {
			return st
		}
	case *ast.Insert:
		return st.With
	case *ast.Update:
		return st.With
	case *ast.Delete:
		return st.With
	case *ast.Merge:
		return st.With
	}
	return nil
}

// rows is all rows of a query of a statement.
func (p *Prepared) rows(ctx context.Context, b *planner.Bound, params []arrow.Array) (recs []arrow.Record, err error) {
	err = p.each(ctx, b, params, func(rec arrow.Record) error {
		recs = append(recs, rec)
		return nil
	})
	return recs, err
}

// each runs a query of a statement and calls f with its rows as they come. Constant rows
// are computed here and now: an INSERT of VALUES needs no plan.
func (p *Prepared) each(ctx context.Context, b *planner.Bound, params []arrow.Array, f func(arrow.Record) error) error {
	s := p.s
	if v, ok := b.Root.(*logical.Values); ok {
		part := p.part(b)
		mode, _ := s.settings.get("plan_cache_mode")
		part.use(len(params) > 0 && part.prefersGeneric(mode, params)) // as if there were a plan
		rec, err := s.constantRows(v, params)
		if err != nil {
			return err
		}
		return f(rec)
	}
	res, err := s.start(ctx, p.part(b), params, nil)
	if err != nil {
		return err
	}
	return eachOf(ctx, res, f)
}

// eachOf calls f with all rows of a result, which it closes.
func eachOf(ctx context.Context, res *Result, f func(arrow.Record) error) error {
	defer func() { _ = res.Close() }()
	for {
		rec, err := res.Next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := f(rec); err != nil {
			return err
		}
	}
}

// drain is all rows of a result, which it closes.
func drain(ctx context.Context, res *Result) (out []arrow.Record, err error) {
	err = eachOf(ctx, res, func(rec arrow.Record) error {
		out = append(out, rec)
		return nil
	})
	return out, err
}

// constantRows computes VALUES.
func (s *Session) constantRows(v *logical.Values, params []arrow.Array) (arrow.Record, error) {
	cols := make([]arrow.Array, v.Out.NumFields())
	parts := make([]arrow.Array, len(v.Rows))
	env := eval.Env{Registry: s.c.cfg.Registry, Context: s.functionContext()}
	one := eval.Columns(nil, 1)
	for c := range cols {
		for r, row := range v.Rows {
			if r%1024 == 0 && s.running != nil && s.running.Err() != nil {
				return nil, sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
			}
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
	return kernel.Record(v.Out.Arrow(), cols, len(v.Rows)), nil
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
