package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// arrayOf is the query of ARRAY(query): one row, the array of its only column in
// its order, empty when there are no rows.
func (x *exprBinder) arrayOf(rel relation, pos int) (logical.Node, error) {
	if len(rel.names) != 1 {
		return nil, sqlerr.At(pos, sqlerr.SyntaxError, "subquery must return only one column")
	}
	call, err := x.aggregateCall("array_agg", pos, columnsOf(rel.node), func(int) int { return pos })
	if err != nil {
		return nil, err
	}
	agg := logical.NewAggregate(rel.node, nil, nil, []logical.AggCall{call})
	all := &expr.Coalesce{Args: []expr.Expr{columnsOf(agg)[0], &expr.Literal{Value: emptyArray(call.Type)}}, Type: call.Type}
	return logical.NewProject(agg, []expr.Expr{all}, []string{"array"}), nil
}
