package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// chooseBuildSides swaps the sides of inner and outer joins whose left side is
// the smaller one by estimate, since the right one is built into a hash table.
func chooseBuildSides(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		j, ok := n.(*logical.Join)
		if !ok || len(j.LeftKeys) == 0 {
			return n
		}
		kind, ok := mirrored[j.Kind]
		if !ok || o.estimate.size(j.Left).bytes >= o.estimate.size(j.Right).bytes {
			return n
		}
		l, r := j.Left.Schema().NumFields(), j.Right.Schema().NumFields()
		swapped := *j
		swapped.Kind, swapped.LeftKeys, swapped.RightKeys = kind, j.RightKeys, j.LeftKeys
		place := func(i int) int {
			if i < l {
				return r + i
			}
			return i - l
		}
		if j.On != nil {
			swapped.On = expr.MapColumns(j.On, func(c *expr.Column) expr.Expr {
				return &expr.Column{Index: place(c.Index), Name: c.Name, Type: c.Type}
			})
		}
		node := swapped.WithInputs([]logical.Node{j.Right, j.Left})
		exprs, names := columnsOf(j), make([]string, l+r)
		for i, e := range exprs {
			c := e.(*expr.Column)
			exprs[i], names[i] = &expr.Column{Index: place(i), Name: c.Name, Type: c.Type}, c.Name
		}
		return logical.NewProject(node, exprs, names)
	})
}

var mirrored = map[logical.JoinKind]logical.JoinKind{
	logical.Inner: logical.Inner, logical.LeftOuter: logical.RightOuter,
	logical.RightOuter: logical.LeftOuter, logical.FullOuter: logical.FullOuter,
}
