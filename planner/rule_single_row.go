package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// inlineSingleRow turns a projection of one row without columns into that row.
func inlineSingleRow(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		p, ok := n.(*logical.Project)
		if !ok {
			return n
		}
		v, ok := p.Input.(*logical.Values)
		if !ok || len(v.Rows) != 1 || len(v.Rows[0]) != 0 || len(p.Exprs) == 0 {
			return n
		}
		return &logical.Values{Rows: [][]expr.Expr{p.Exprs}, Out: p.Out}
	})
}
