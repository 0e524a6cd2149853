package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindQuery binds a query. outer is the scope of the query around a subquery.
// settle makes text of columns whose type nothing decided; without it they may
// be of unknown type, for the caller to convert.
func (b *binder) bindQuery(q *ast.Query, outer *scope, ctes *cte, settle bool) (relation, error) {
	if err := b.enter(q.Position()); err != nil {
		return relation{}, err
	}
	defer b.leave()
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
	return b.bindLimit(rel, q)
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
	case *ast.Values:
		return b.bindValues(body, settle)
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

// bindLimit adds LIMIT and OFFSET.
func (b *binder) bindLimit(rel relation, q *ast.Query) (relation, error) {
	if q.Limit == nil && q.Offset == nil {
		return rel, nil
	}
	count, err := b.bindRowCount(q.Limit, "LIMIT")
	if err != nil {
		return rel, err
	}
	offset, err := b.bindRowCount(q.Offset, "OFFSET")
	if err != nil {
		return rel, err
	}
	limit := &logical.Limit{Input: rel.node, Count: count, Offset: offset}
	if q.WithTies {
		return withTies(rel, limit, q)
	}
	return relation{limit, rel.names}, nil
}

func (b *binder) bindRowCount(e ast.Expr, clause string) (expr.Expr, error) {
	if e == nil {
		return nil, nil
	}
	x := &exprBinder{binder: b, scope: newScope(nil), clause: clause}
	out, err := x.bind(e)
	if err != nil {
		if sqlerr.Code(err) == sqlerr.UndefinedColumn {
			return nil, sqlerr.At(e.Position(), sqlerr.InvalidColumnReference, "argument of %s must not contain variables", clause)
		}
		return nil, err
	}
	if t := b.settled(out); !isUnknown(t) && !sqltype.CanCast(t, sqltype.Int64, sqltype.Assignment) {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "argument of %s must be type bigint, not type %s", clause, typeName(t))
	}
	return b.coerce(out, sqltype.Int64, sqltype.Assignment, e.Position())
}

// bindValues binds VALUES rows; columns are column1, column2, ….
func (b *binder) bindValues(v *ast.Values, settle bool) (relation, error) {
	width := len(v.Rows[0])
	x := &exprBinder{binder: b, scope: newScope(nil), clause: "VALUES"}
	rows := make([][]expr.Expr, len(v.Rows))
	for r, row := range v.Rows {
		if len(row) != width {
			return relation{}, sqlerr.At(position(row, v.Position()), sqlerr.SyntaxError, "VALUES lists must all be the same length")
		}
		var err error
		if rows[r], _, err = x.bindAll(row); err != nil {
			return relation{}, err
		}
	}
	names := make([]string, width)
	column := make([]expr.Expr, len(rows))
	for i := range names {
		names[i] = columnN(i)
		for r := range rows {
			column[r] = rows[r][i]
		}
		if err := b.unifyValues(v, column, i, settle); err != nil {
			return relation{}, err
		}
		for r := range rows {
			rows[r][i] = column[r]
		}
	}
	return relation{&logical.Values{Rows: rows, Out: valuesSchema(rows[0], names)}, names}, nil
}

// unifyValues gives a column of VALUES one type; without settle a column of
// literals only stays untyped.
func (b *binder) unifyValues(v *ast.Values, column []expr.Expr, i int, settle bool) error {
	if v == b.inserted {
		return nil
	}
	if !settle {
		typed := false
		for _, e := range column {
			typed = typed || !isUnknown(b.settled(e))
		}
		if !typed {
			return nil
		}
	}
	_, err := b.unify("VALUES", column, func(r int) int { return v.Rows[r][i].Position() })
	return err
}

func position(list []ast.Expr, otherwise int) int {
	if len(list) > 0 {
		return list[0].Position()
	}
	return otherwise
}
