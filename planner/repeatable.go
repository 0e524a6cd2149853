package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// Repeatable tells whether a query's plan is the same whenever it is made: none of
// its functions depends on the time or the session, which planning may evaluate.
func (p *Planner) Repeatable(b *Bound) bool {
	o := &optimizer{p: p}
	return o.repeatable(b.Root)
}

func (o *optimizer) repeatable(n logical.Node) bool {
	ok := true
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		ok = ok && o.volatility(e) == udf.Immutable
		return e
	})
	if c, isCTE := n.(*logical.CTE); isCTE {
		ok = ok && o.repeatable(c.Shared.Plan)
	}
	for _, in := range n.Inputs() {
		ok = ok && o.repeatable(in)
	}
	return ok
}
