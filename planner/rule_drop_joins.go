package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// dropJoins removes left joins that change nothing: no column of the right side
// is used, and a row on the left matches one on the right at most, by the primary
// key or the grouping there, or it does not matter how often a row comes, as below
// a DISTINCT.
func dropJoins(o *optimizer, n logical.Node) logical.Node {
	return (&joinDropper{o}).drop(n, everyColumn(n.Schema().NumFields()), false)
}

type joinDropper struct{ *optimizer }

// drop gives n, of which columns need are used. repeats: the number of equal rows
// does not matter.
func (d *joinDropper) drop(n logical.Node, need columnSet, repeats bool) logical.Node {
	if d.stopped() {
		return n
	}
	var below columnSet
	keeps := false // what is above does not see repeats of the input either
	switch n := n.(type) {
	case *logical.Join:
		return d.join(n, need, repeats)
	case *logical.Filter:
		below, keeps = need.clone(), repeats && d.steady(n.Predicate)
		below.addFrom(n.Predicate)
	case *logical.Sort:
		below, keeps = need.withKeys(n.Keys), repeats
	case *logical.Project:
		below, keeps = make(columnSet, n.Input.Schema().NumFields()), repeats
		for i, e := range n.Exprs {
			if need[i] {
				below.addFrom(e)
				keeps = keeps && d.steady(e)
			}
		}
	case *logical.Aggregate:
		below, keeps = neededByGroups(n, need), ignoresRepeats(n.Aggs)
	case *logical.Limit:
		below = need.withKeys(n.Ties)
	case *logical.Union:
		parts := make([]logical.Node, len(n.Parts))
		for i, p := range n.Parts {
			parts[i] = d.drop(p, need, repeats)
		}
		return n.WithInputs(parts)
	}
	in := n.Inputs()
	if len(in) == 0 {
		return n
	}
	out := make([]logical.Node, len(in))
	for i, c := range in {
		needed := below
		if needed == nil {
			needed = everyColumn(c.Schema().NumFields())
		}
		out[i] = d.drop(c, needed, keeps)
	}
	return n.WithInputs(out)
}

func (d *joinDropper) join(n *logical.Join, need columnSet, repeats bool) logical.Node {
	width, right := n.Left.Schema().NumFields(), n.Right.Schema().NumFields()
	if n.Kind == logical.LeftOuter && !need.any(width, width+right) && (repeats || d.matchesOnce(n)) {
		exprs, names := make([]expr.Expr, width+right), make([]string, width+right)
		for i, f := range n.Out.Fields() {
			names[i] = f.Name
			if exprs[i] = nullOf(f.Type); i < width {
				exprs[i] = &expr.Column{Index: i, Name: f.Name, Type: f.Type}
			}
		}
		return logical.NewProject(d.drop(n.Left, need[:width], repeats), exprs, names)
	}
	all := make(columnSet, width+right)
	oneSided := n.Kind == logical.Semi || n.Kind == logical.Anti || n.Kind == logical.Mark
	if copy(all, need); oneSided {
		clear(all[width:])
	}
	all.addFrom(n.On)
	for i := range n.LeftKeys {
		all[:width].addFrom(n.LeftKeys[i])
		all[width:].addFrom(n.RightKeys[i])
	}
	return n.WithInputs([]logical.Node{
		d.drop(n.Left, all[:width:width], repeats), d.drop(n.Right, all[width:], repeats || oneSided),
	})
}

// steady tells whether it does not matter how often e is evaluated.
func (d *joinDropper) steady(e expr.Expr) bool { return d.volatility(e) == 0 }

// neededByGroups are the columns that a grouping's keys and used results need.
func neededByGroups(n *logical.Aggregate, need columnSet) columnSet {
	below := make(columnSet, n.Input.Schema().NumFields())
	for _, k := range n.Keys {
		below.addFrom(k)
	}
	for i, a := range n.Aggs {
		if !need[len(n.Keys)+i] {
			continue
		}
		for _, e := range a.Args {
			below.addFrom(e)
		}
		below.addFrom(a.Filter)
		for _, k := range a.OrderBy {
			below.addFrom(k.Expr)
		}
	}
	return below
}

// ignoresRepeats tells whether rows that come several times change no result.
func ignoresRepeats(aggs []logical.AggCall) bool {
	for _, a := range aggs {
		switch a.Func {
		case "min", "max", "bool_and", "bool_or", "every", "bit_and", "bit_or":
		case "count", "sum", "avg":
			if !a.Distinct {
				return false
			}
		default:
			return false
		}
	}
	return true
}
