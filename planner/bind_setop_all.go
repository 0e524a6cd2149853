package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// multiset is INTERSECT ALL or EXCEPT ALL: every distinct row with the numbers
// of its copies on either side, which say how often it is given:
//
//	Repeat least(l, r)  or  l − r  times
//	  Aggregate by columns compute l = count(left), r = count(right)
//	    Union of left with (true, NULL), right with (NULL, true)
func (b *binder) multiset(op *ast.SetOp, left, right relation) (relation, error) {
	pos := op.Position()
	marked := func(rel relation, marks ...expr.Expr) relation {
		exprs := append(columnsOf(rel.node), marks...)
		all := append(append([]string(nil), rel.names...), "left", "right")
		return relation{logical.NewProject(rel.node, exprs, all), all}
	}
	present, absent := boolLiteral(true), nullOf(sqltype.Bool)
	both := unionOf([]relation{marked(left, present, absent), marked(right, absent, present)})
	columns, width := columnsOf(both), len(left.names)
	counts := make([]logical.AggCall, 2)
	for i := range counts {
		var err error
		if counts[i], err = b.aggregateCall("count", pos, columns[width+i:width+i+1], func(int) int { return pos }); err != nil {
			return relation{}, err
		}
	}
	grouped := logical.NewAggregate(both, columns[:width], left.names, counts)
	columns = columnsOf(grouped)
	copies := &expr.Call{Func: "least", Args: columns[width:], Type: sqltype.Int64, Pos: pos}
	if op.Op == "except" {
		copies = &expr.Call{Func: "-", Args: columns[width:], Type: sqltype.Int64, Pos: pos}
	}
	repeated := &logical.Repeat{Input: grouped, Count: copies}
	return relation{logical.NewProject(repeated, columns[:width], left.names), left.names}, nil
}
