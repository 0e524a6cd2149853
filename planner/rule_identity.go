package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// dropIdentities removes projections that give their input as it is, and merges
// a projection of columns into the projection below it. Output names are in the
// plan, not in its schema.
func dropIdentities(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		p, ok := n.(*logical.Project)
		if !ok {
			return n
		}
		if below, ok := p.Input.(*logical.Project); ok && onlyColumnsOnce(p.Exprs) {
			exprs, names := make([]expr.Expr, len(p.Exprs)), make([]string, len(p.Exprs))
			for i, e := range p.Exprs {
				exprs[i], names[i] = below.Exprs[e.(*expr.Column).Index], p.Out.Field(i).Name
			}
			p = logical.NewProject(below.Input, exprs, names)
		}
		if isIdentity(p) {
			return p.Input
		}
		return p
	})
}

func onlyColumnsOnce(es []expr.Expr) bool {
	seen := map[int]bool{}
	for _, e := range es {
		c, ok := e.(*expr.Column)
		if !ok || seen[c.Index] {
			return false
		}
		seen[c.Index] = true
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
