package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// bindQuery binds a query. outer is the scope of the query around a subquery.
// settle makes text of columns whose type nothing decided; without it they may
// be of unknown type, for the caller to convert.
func (b *binder) bindQuery(q *ast.Query, outer *scope, ctes *cte, settle bool) (relation, error) {
	if err := b.enter(q.Position()); err != nil {
		return relation{}, err
	}
	defer b.leave()
	if err := b.checkLocks(q); err != nil {
		return relation{}, err
	}
	ctes, err := b.bindWith(q, outer, ctes)
	if err != nil {
		return relation{}, err
	}
	var rel relation
	if sel, ok := q.Body.(*ast.Select); ok {
		rel, err = b.bindSelect(sel, q, outer, ctes, settle)
	} else {
		rel, err = b.bindOrdered(q, outer, ctes, settle)
	}
	if err != nil {
		return relation{}, err
	}
	return b.bindLimit(rel, q, outer, ctes)
}

// bindBody binds what stands between WITH and ORDER BY.
func (b *binder) bindBody(body ast.Body, outer *scope, ctes *cte, settle bool) (relation, error) {
	if err := b.enter(body.Position()); err != nil {
		return relation{}, err
	}
	defer b.leave()
	switch body := body.(type) {
	case *ast.Select:
		return b.bindSelect(body, nil, outer, ctes, settle)
	case *ast.SetOp:
		return b.bindSetOp(body, outer, ctes)
	case *ast.Change:
		return relation{}, sqlerr.At(body.Position(), sqlerr.FeatureNotSupported, "WITH clause containing a data-modifying statement must be at the top level")
	case *ast.Values:
		return b.bindValues(body, outer, ctes, settle)
	case *ast.Query:
		return b.bindQuery(body, outer, ctes, settle)
	}
	return relation{}, unsupported(body.Position(), "this query is")
}

// bindOrdered binds a body that is no SELECT, with its ORDER BY, whose
// expressions are over the output columns.
func (b *binder) bindOrdered(q *ast.Query, outer *scope, ctes *cte, settle bool) (relation, error) {
	ordered := len(q.OrderBy) > 0 || q.OrderAll
	rel, err := b.bindBody(q.Body, outer, ctes, settle || ordered)
	if err != nil || !ordered {
		return rel, err
	}
	sc := newScope(outer)
	sc.addRelation("", "", rel, 0)
	x := &exprBinder{binder: b, scope: sc, clause: "ORDER BY"}
	_, setOp := q.Body.(*ast.SetOp)
	o := &orderBinder{outputs: columnsOf(rel.node), names: rel.names}
	o.bind = func(e ast.Expr) (expr.Expr, error) {
		if name, ok := e.(*ast.Column); ok && setOp && len(name.Parts) == 1 {
			return nil, sqlerr.At(e.Position(), sqlerr.UndefinedColumn, "column \"%s\" does not exist", name.Parts[0])
		}
		if setOp {
			return nil, sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause").
				WithDetail("Only result column names can be used, not expressions or functions.").
				WithHint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
		}
		return x.bind(e)
	}
	keys, err := o.keys(q)
	if err != nil {
		return rel, err
	}
	out := make([]logical.SortKey, len(keys))
	for i, k := range keys {
		out[i] = k.SortKey
		if k.output >= 0 {
			out[i].Expr = o.outputs[k.output]
		}
		if out[i].Expr, err = b.resolveUnknown(out[i].Expr, q.Position()); err != nil {
			return rel, err
		}
	}
	return relation{&logical.Sort{Input: rel.node, Keys: out}, rel.names}, nil
}
