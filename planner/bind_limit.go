package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindLimit adds LIMIT and OFFSET, which may have subqueries and columns of
// queries further out.
func (b *binder) bindLimit(rel relation, q *ast.Query, outer *scope, ctes *cte) (relation, error) {
	if q.Limit == nil && q.Offset == nil {
		return rel, nil
	}
	t := b.newBlock(ctes)
	t.scope, t.node = newScope(outer), rel.node
	count, err := t.bindRowCount(q.Limit, "LIMIT")
	if err != nil {
		return rel, err
	}
	offset, err := t.bindRowCount(q.Offset, "OFFSET")
	if err != nil {
		return rel, err
	}
	if len(t.slots) > 0 {
		return t.limitBySubquery(rel, q, count, offset)
	}
	limit := &logical.Limit{Input: rel.node, Count: count, Offset: offset}
	if q.WithTies {
		return withTies(rel, limit, q)
	}
	return relation{limit, rel.names}, nil
}

func (s *block) bindRowCount(e ast.Expr, clause string) (expr.Expr, error) {
	if e == nil {
		return nil, nil
	}
	out, err := s.exprs(clause, true).bind(e)
	if err != nil {
		if sqlerr.Code(err) == sqlerr.UndefinedColumn {
			return nil, sqlerr.At(e.Position(), sqlerr.InvalidColumnReference, "argument of %s must not contain variables", clause)
		}
		return nil, err
	}
	if t := s.settled(out); !isUnknown(t) && !sqltype.CanCast(t, sqltype.Int64, sqltype.Assignment) {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "argument of %s must be type bigint, not type %s", clause, typeName(t))
	}
	return s.coerce(out, sqltype.Int64, sqltype.Assignment, e.Position())
}

// limitBySubquery counts rows by values that are known when the query runs.
func (s *block) limitBySubquery(rel relation, q *ast.Query, count, offset expr.Expr) (relation, error) {
	if q.WithTies {
		return s.tiesBySubquery(rel, q, count, offset)
	}
	limit := &logical.LimitBy{}
	s.once = true
	for _, c := range []struct {
		from expr.Expr
		to   *expr.Expr
	}{{count, &limit.Count}, {offset, &limit.Offset}} {
		if c.from == nil {
			continue
		}
		var err error
		if *c.to, err = s.place(c.from); err != nil {
			return rel, err
		}
	}
	limit.Input = s.node
	return relation{firstColumns(limit, rel.node.Schema().NumFields()), rel.names}, nil
}
