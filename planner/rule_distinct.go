package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// dropDistinct removes a DISTINCT where repeats change nothing: on the right side
// of a semi, anti or mark join, and of the parts of a union below another
// DISTINCT.
func dropDistinct(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		switch n := n.(type) {
		case *logical.Join:
			if n.Kind == logical.Semi || n.Kind == logical.Anti || n.Kind == logical.Mark {
				if a, ok := n.Right.(*logical.Aggregate); ok && isDistinct(a) {
					return n.WithInputs([]logical.Node{n.Left, a.Input})
				}
			}
		case *logical.Aggregate:
			if !isDistinct(n) {
				return n
			}
			return n.WithInputs([]logical.Node{withoutDistinct(n.Input)})
		}
		return n
	})
}

// isDistinct tells whether a grouping is DISTINCT of its input's columns.
func isDistinct(a *logical.Aggregate) bool {
	return len(a.Aggs) == 0 && len(a.Keys) > 0 && len(a.Always) == 0 && allColumns(a)
}

// withoutDistinct is n, all of whose rows become distinct above it.
func withoutDistinct(n logical.Node) logical.Node {
	switch x := n.(type) {
	case *logical.Aggregate:
		if isDistinct(x) {
			return withoutDistinct(x.Input)
		}
	case *logical.Union:
		parts := make([]logical.Node, len(x.Parts))
		for i, p := range x.Parts {
			parts[i] = withoutDistinct(p)
		}
		return x.WithInputs(parts)
	}
	return n
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
