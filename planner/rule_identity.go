package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// dropIdentities removes projections that give their input as it is, and merges
// two projections where that computes nothing twice. Output names are in the plan,
// not in its schema.
func dropIdentities(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		p, ok := n.(*logical.Project)
		if !ok {
			return n
		}
		if below, ok := p.Input.(*logical.Project); ok && o.mergeable(p.Exprs, below.Exprs) {
			exprs, names := make([]expr.Expr, len(p.Exprs)), make([]string, len(p.Exprs))
			for i, e := range p.Exprs {
				exprs[i], names[i] = substitute(e, below.Exprs), p.Out.Field(i).Name
			}
			p = logical.NewProject(below.Input, exprs, names)
		}
		if isIdentity(p) {
			return p.Input
		}
		return p
	})
}

// mergeable tells whether each expression below is used once at most. A volatile
// one must be used as it is: inside of a CASE it would not be evaluated for each
// row.
func (o *optimizer) mergeable(above, below []expr.Expr) bool {
	used := make([]int, len(below))
	bare := make([]bool, len(below))
	for _, e := range above {
		if c, ok := e.(*expr.Column); ok {
			bare[c.Index] = true
		}
		expr.EachColumn(e, func(c *expr.Column) { used[c.Index]++ })
	}
	for i, e := range below {
		if isLeaf(e) {
			continue
		}
		if used[i] > 1 || used[i] == 1 && !bare[i] && o.volatility(e) == udf.Volatile {
			return false
		}
	}
	return true
}

func isIdentity(p *logical.Project) bool {
	if len(p.Exprs) != p.Input.Schema().NumFields() {
		return false
	}
	for i, e := range p.Exprs {
		if c, ok := e.(*expr.Column); !ok || c.Index != i {
			return false
		}
	}
	return true
}
