package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// bindArraySubquery is ARRAY(query): the array of its only column, empty when
// there are no rows.
func (x *exprBinder) bindArraySubquery(rel relation, outer []expr.Expr, pos int) (expr.Expr, error) {
	if len(rel.names) != 1 {
		return nil, sqlerr.At(pos, sqlerr.SyntaxError, "subquery must return only one column")
	}
	call, err := x.aggregateCall("array_agg", pos, columnsOf(rel.node), func(int) int { return pos })
	if err != nil {
		return nil, err
	}
	node := logical.NewAggregate(rel.node, nil, nil, []logical.AggCall{call})
	list, err := x.addSubquery(attachment{node: node, outer: outer, pos: pos}, "array")
	if err != nil {
		return nil, err
	}
	return &expr.Coalesce{Args: []expr.Expr{list, &expr.Literal{Value: emptyArray(call.Type)}}, Type: call.Type}, nil
}
