package coordinator

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// returning is a bound RETURNING list, over the table's columns.
type returning struct {
	exprs  []expr.Expr
	schema *arrow.Schema
}

// bindReturning binds RETURNING as the SELECT list of a query over the table.
func (s *Session) bindReturning(ctx context.Context, m *mutation, alias string, items []ast.SelectItem, params []arrow.DataType) error {
	if m.params != nil {
		params = m.params
	}
	ref := targetRef(ast.QName{Parts: []string{alias}}, "")
	q := &ast.Query{Body: &ast.Select{Items: items, From: []ast.TableRef{ref}}}
	b, err := s.planner().Bind(ctx, q, &rowNames{names{s: s}, m.table}, planner.BindOptions{ParamTypes: params, TimeZone: s.settings.location, Style: s.settings.style()})
	if err != nil {
		return err
	}
	project, ok := b.Root.(*logical.Project)
	if ok {
		_, ok = project.Input.(*logical.Scan)
	}
	if !ok {
		return sqlerr.At(items[0].Expr.Position(), sqlerr.FeatureNotSupported, "subqueries and aggregates in RETURNING are not supported")
	}
	m.returning, m.params = &returning{exprs: project.Exprs, schema: b.Schema}, b.Params
	return nil
}

// of computes the list for rows of the table.
func (r *returning) of(s *Session, recs []arrow.Record, params []arrow.Array) (out []arrow.Record, err error) {
	exprs := make([]expr.Expr, len(r.exprs))
	for i, e := range r.exprs {
		if exprs[i], err = substitute(e, params); err != nil {
			return nil, err
		}
	}
	env := eval.Env{Registry: s.c.cfg.Registry, Context: s.functionContext()}
	programs, err := env.CompileAll(exprs)
	if err != nil {
		return nil, err
	}
	out = make([]arrow.Record, len(recs))
	for i, rec := range recs {
		batch := eval.NewBatch(rec)
		cols := make([]arrow.Array, len(programs))
		for c, p := range programs {
			if cols[c], err = p.Array(batch); err != nil {
				return nil, err
			}
		}
		out[i] = kernel.Record(r.schema, cols, int(rec.NumRows()))
	}
	return out, nil
}
