package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// dropDistinct removes a DISTINCT whose input has no equal rows already: one
// row at most, or a grouping all of whose keys are among the columns.
func dropDistinct(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		a, ok := n.(*logical.Aggregate)
		if !ok || len(a.Aggs) > 0 || len(a.Keys) == 0 || len(a.Always) > 0 || !allColumns(a) || !uniqueRows(a.Input) {
			return n
		}
		return a.Input
	})
}

// allColumns tells whether the keys are the input's columns in order.
func allColumns(a *logical.Aggregate) bool {
	if len(a.Keys) != a.Input.Schema().NumFields() {
		return false
	}
	for i, k := range a.Keys {
		if c, ok := k.(*expr.Column); !ok || c.Index != i {
			return false
		}
	}
	return true
}

func uniqueRows(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Aggregate:
		return true
	case *logical.Filter:
		return uniqueRows(n.Input)
	case *logical.Sort:
		return uniqueRows(n.Input)
	case *logical.Limit:
		return uniqueRows(n.Input)
	case *logical.Project:
		a, ok := n.Input.(*logical.Aggregate)
		if !ok || len(a.Keys) == 0 {
			return rowBound(n) != anyNumber
		}
		kept := make([]bool, len(a.Keys))
		for _, e := range n.Exprs {
			if c, ok := e.(*expr.Column); ok && c.Index < len(kept) {
				kept[c.Index] = true
			}
		}
		for _, k := range kept {
			if !k {
				return false
			}
		}
		return true
	}
	return rowBound(n) != anyNumber
}
