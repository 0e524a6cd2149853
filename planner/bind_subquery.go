package planner

import (
	"strings"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// bindSubquery binds a scalar subquery, EXISTS or ARRAY.
func (x *exprBinder) bindSubquery(e *ast.Subquery) (expr.Expr, error) {
	if e.Kind == ast.Exists {
		return x.bindExists(e)
	}
	out, err := x.bindRowSubquery(e)
	if err != nil {
		return nil, err
	}
	if len(out) != 1 {
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "subquery must return only one column")
	}
	return out[0], nil
}

// bindRowSubquery gives the columns of a subquery of at most one row; for
// ARRAY(…), the array of all its rows.
func (x *exprBinder) bindRowSubquery(e *ast.Subquery) ([]expr.Expr, error) {
	if same := x.boundBefore(e); same != nil {
		return x.rowResults(same), nil
	}
	rel, f, err := x.subquery(e.Query, e.Position())
	if err != nil {
		return nil, err
	}
	a := &attachment{syntax: e, frame: f, node: rel.node, pos: e.Position()}
	if e.Kind == ast.ArrayOf {
		if a.node, err = x.arrayOf(rel, e.Position()); err != nil {
			return nil, err
		}
	} else if rowBound(rel.node) == anyNumber {
		if a.node, err = x.atMostOneRow(rel.node, e.Position()); err != nil {
			return nil, err
		}
		a.checked = true
	}
	x.block.add(a)
	return x.rowResults(a), nil
}

// bindRowColumn gives one column of a row subquery, which is evaluated once for
// all its columns.
func (x *exprBinder) bindRowColumn(e *ast.RowColumn) (expr.Expr, error) {
	out, err := x.bindRowSubquery(e.Query)
	if err != nil {
		return nil, err
	}
	if len(out) != e.Count {
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "number of columns does not match number of values")
	}
	return out[e.Index], nil
}

// rowResults are the columns of a row subquery, after a check that it has not
// more than one row where that has to be counted.
func (x *exprBinder) rowResults(a *attachment) []expr.Expr {
	columns := x.block.results(a)
	if !a.checked {
		return columns
	}
	count := columns[len(columns)-1]
	out := columns[:len(columns)-1]
	for i, c := range out {
		out[i] = &expr.Call{Func: singleRowFunc, Args: []expr.Expr{c, count}, Type: c.DataType(), Pos: a.pos}
	}
	return out
}

// singleRowFunc gives its first argument, and error 21000 if the second one, a
// number of rows, is more than 1. It stands where the value is used, so that a
// subquery that no row needs does not fail.
const singleRowFunc = "single_row"

// atMostOneRow aggregates rows to the first one and their number.
func (x *exprBinder) atMostOneRow(n logical.Node, pos int) (logical.Node, error) {
	columns := columnsOf(n)
	calls := make([]logical.AggCall, len(columns), len(columns)+1)
	for i, c := range columns {
		call, err := x.aggregateCall("first", pos, []expr.Expr{c}, func(int) int { return pos })
		if err != nil {
			return nil, err
		}
		call.Ordered = false // with more than one row it does not matter
		calls[i] = call
	}
	count, err := x.aggregateCall("count", pos, nil, nil)
	if err != nil {
		return nil, err
	}
	agg := logical.NewAggregate(n, nil, nil, append(calls, count))
	return logical.NewProject(agg, columnsOf(agg), append(names(n), "count")), nil
}

// subquery binds the query of a subquery expression and gives the frame of what
// it refers to.
func (x *exprBinder) subquery(q *ast.Query, pos int) (relation, *frame, error) {
	if x.block == nil {
		return relation{}, nil, sqlerr.At(pos, sqlerr.FeatureNotSupported, "cannot use subquery in %s", strings.TrimSuffix(x.clause, "s"))
	}
	around := *x.scope
	around.frame = &frame{binder: x.binder, around: x}
	rel, err := x.bindQuery(q, &around, x.block.ctes, true)
	if err == nil {
		around.frame.compact(rel.node)
	}
	return rel, around.frame, err
}

// bindExists is EXISTS: without outer columns it is count(*) > 0 over the first
// row, so that it is evaluated once.
func (x *exprBinder) bindExists(e *ast.Subquery) (expr.Expr, error) {
	a := x.boundBefore(e)
	if a == nil {
		rel, f, err := x.subquery(e.Query, e.Position())
		if err != nil {
			return nil, err
		}
		a = &attachment{syntax: e, node: rel.node, frame: f, mark: true, pos: e.Position()}
		if len(f.exprs) == 0 {
			count, err := x.aggregateCall("count", e.Position(), nil, nil)
			if err != nil {
				return nil, err
			}
			limited := &logical.Limit{Input: rel.node, Count: int64Literal(1)}
			a.node, a.mark = logical.NewAggregate(limited, nil, nil, []logical.AggCall{count}), false
		}
		x.block.add(a)
	}
	out := x.block.results(a)[0]
	if a.mark {
		return out, nil
	}
	return x.binary(">", e.Position(), out, int64Literal(0), e.Position(), e.Position())
}

// rowCount is what is known of a plan's number of rows.
type rowCount uint8

const (
	anyNumber rowCount = iota
	atMostOne
	exactlyOne
)

func rowBound(n logical.Node) rowCount {
	switch n := n.(type) {
	case *logical.Aggregate:
		if len(n.Keys) == 0 {
			return exactlyOne
		}
	case *logical.Values:
		if len(n.Rows) == 1 {
			return exactlyOne
		}
	case *logical.Project:
		return rowBound(n.Input)
	case *logical.CTE:
		return rowBound(n.Shared.Plan)
	case *logical.Sort:
		return rowBound(n.Input)
	case *logical.Window:
		return rowBound(n.Input)
	case *logical.Filter:
		return min(rowBound(n.Input), atMostOne)
	case *logical.Limit:
		if count, ok := constantCount(n.Count); ok && count <= 1 && len(n.Ties) == 0 {
			return atMostOne
		}
		return min(rowBound(n.Input), atMostOne)
	}
	return anyNumber
}
