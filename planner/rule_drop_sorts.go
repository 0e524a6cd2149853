package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// dropSorts removes sorts whose order nothing sees: below a grouping whose
// aggregates do not depend on it, on the right side of a semi, anti or mark join,
// and below another sort that decides alone, or by the same keys.
func dropSorts(o *optimizer, n logical.Node) logical.Node {
	return o.unsorted(n, false)
}

// unsorted gives n without needless sorts; free: nothing sees the order of its
// rows.
func (o *optimizer) unsorted(n logical.Node, free bool) logical.Node {
	if o.stopped() {
		return n
	}
	switch x := n.(type) {
	case *logical.Sort:
		if free {
			return o.unsorted(x.Input, true)
		}
		// The sort is stable, so the order below decides among rows that tie.
		return x.WithInputs([]logical.Node{o.unsorted(x.Input, coversRow(x))})
	case *logical.Filter, *logical.Project:
	case *logical.Aggregate:
		free = true
		for _, a := range x.Aggs {
			// Sums of floating-point numbers are rounded in their order.
			free = free && !a.Ordered && len(a.OrderBy) == 0 && !slices.ContainsFunc(a.Args, isInexact)
		}
	case *logical.Join:
		oneSided := x.Kind == logical.Semi || x.Kind == logical.Anti || x.Kind == logical.Mark
		return x.WithInputs([]logical.Node{o.unsorted(x.Left, free), o.unsorted(x.Right, free || oneSided)})
	case *logical.Union:
	default:
		free = false
	}
	in := n.Inputs()
	if len(in) == 0 {
		return n
	}
	out := make([]logical.Node, len(in))
	for i, c := range in {
		out[i] = o.unsorted(c, free)
	}
	return n.WithInputs(out)
}

func isInexact(e expr.Expr) bool { return sqltype.IsFloat(e.DataType()) }

// coversRow tells whether rows that tie in a sort's keys are equal.
func coversRow(n *logical.Sort) bool {
	for i := range n.Schema().NumFields() {
		if !containsKey(n.Keys, columnAt(n, i)) || !identified(n.Schema().Field(i).Type) {
			return false
		}
	}
	return true
}
