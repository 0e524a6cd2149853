package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// outerToInner makes inner joins of outer ones whose rows filled with NULL go
// away further up: by a filter, by the condition of another join, or by both
// through projections and groupings. A full join becomes a left or right one
// where that is so for one side only.
func outerToInner(o *optimizer, n logical.Node) logical.Node {
	return (&nullRejection{o}).strengthen(n, make(columnSet, n.Schema().NumFields()))
}

type nullRejection struct{ *optimizer }

// strengthen rewrites a plan of whose rows those do not matter in which one of
// the rejected columns is NULL.
func (r *nullRejection) strengthen(n logical.Node, rejected columnSet) logical.Node {
	if r.stopped() {
		return n
	}
	var below columnSet
	switch n := n.(type) {
	case *logical.Join:
		return r.join(n, rejected)
	case *logical.Filter:
		below = rejected.clone()
		r.addRejected(below, n.Predicate)
	case *logical.Sort:
		below = rejected
	case *logical.Union:
		parts := make([]logical.Node, len(n.Parts))
		for i, p := range n.Parts {
			parts[i] = r.strengthen(p, rejected)
		}
		return n.WithInputs(parts)
	case *logical.Project:
		below = make(columnSet, n.Input.Schema().NumFields())
		for i, e := range n.Exprs {
			if rejected[i] {
				r.addStrict(below, e)
			}
		}
	case *logical.Aggregate:
		below = make(columnSet, n.Input.Schema().NumFields())
		for i, k := range n.Keys {
			if rejected[i] && len(n.Always) == 0 {
				r.addStrict(below, k)
			}
		}
	case *logical.Window: // whole partitions may go, not rows of one
		below = make(columnSet, n.Input.Schema().NumFields())
		for i := range below {
			below[i] = rejected[i] && containsColumn(n.PartitionBy, i)
		}
	}
	in := n.Inputs()
	if len(in) == 0 {
		return n
	}
	out := make([]logical.Node, len(in))
	for i, c := range in {
		need := below
		if need == nil {
			need = make(columnSet, c.Schema().NumFields())
		}
		out[i] = r.strengthen(c, need)
	}
	return n.WithInputs(out)
}

func (r *nullRejection) join(n *logical.Join, rejected columnSet) logical.Node {
	width, right := n.Left.Schema().NumFields(), n.Right.Schema().NumFields()
	j := *n
	all := make(columnSet, width+right)
	twoSided := j.Kind != logical.Semi && j.Kind != logical.Anti && j.Kind != logical.Mark
	if twoSided {
		copy(all, rejected)
		j.Kind = strengthened(j.Kind, all.any(0, width), all.any(width, width+right))
	} else {
		copy(all, rejected[:width])
	}
	matched := make(columnSet, width+right) // NULL in one of them matches nothing
	for _, c := range joinConditions(n) {
		r.addRejected(matched, c)
	}
	l, rr := all[:width].clone(), make(columnSet, right)
	if j.Kind == logical.Inner || j.Kind == logical.Semi || j.Kind == logical.RightOuter {
		l.addAll(matched[:width])
	}
	if j.Kind == logical.RightOuter || j.Kind == logical.FullOuter {
		l = make(columnSet, width)
		if j.Kind == logical.RightOuter {
			l.addAll(matched[:width])
		}
	}
	switch j.Kind {
	case logical.Inner:
		rr.addAll(all[width:])
		rr.addAll(matched[width:])
	case logical.RightOuter:
		rr.addAll(all[width:])
	case logical.LeftOuter, logical.Semi, logical.Anti, logical.Mark:
		if !j.NullAware {
			rr.addAll(matched[width:])
		}
	}
	return j.WithInputs([]logical.Node{r.strengthen(n.Left, l), r.strengthen(n.Right, rr)})
}

// strengthened is the kind of a join of whose rows those do not matter that have
// NULLs for all columns of a side.
func strengthened(kind logical.JoinKind, left, right bool) logical.JoinKind {
	switch {
	case kind == logical.FullOuter && left && right, kind == logical.LeftOuter && right, kind == logical.RightOuter && left:
		return logical.Inner
	case kind == logical.FullOuter && left:
		return logical.LeftOuter
	case kind == logical.FullOuter && right:
		return logical.RightOuter
	}
	return kind
}

// any tells whether one of the columns from one to another is in the set.
func (s columnSet) any(from, to int) bool {
	for _, in := range s[from:to] {
		if in {
			return true
		}
	}
	return false
}

func (s columnSet) addAll(other columnSet) {
	for i, in := range other {
		s[i] = s[i] || in
	}
}

// addRejected adds the columns for which pred is not true when they are NULL.
func (r *nullRejection) addRejected(s columnSet, pred expr.Expr) {
	switch p := pred.(type) {
	case nil:
	case *expr.Logic:
		if !p.Or {
			for _, a := range p.Args {
				r.addRejected(s, a)
			}
			return
		}
		r.addCommon(s, p.Args, r.addRejected)
	case *expr.Call:
		switch p.Func {
		case "is not null":
			r.addStrict(s, p.Args[0])
		case "is true":
			r.addRejected(s, p.Args[0])
		default:
			r.addStrict(s, p)
		}
	default:
		r.addStrict(s, pred)
	}
}

// addStrict adds the columns for which e is NULL when they are.
func (r *nullRejection) addStrict(s columnSet, e expr.Expr) {
	switch e := e.(type) {
	case *expr.Column:
		if e.Index < len(s) {
			s[e.Index] = true
		}
	case *expr.Cast:
		r.addStrict(s, e.Arg)
	case *expr.In:
		r.addStrict(s, e.Arg)
	case *expr.Logic:
		r.addCommon(s, e.Args, r.addStrict)
	case *expr.Coalesce:
		r.addCommon(s, e.Args, r.addStrict)
	case *expr.Call:
		if f := r.function(e); f == nil || f.NullCall || f.Variadic {
			return
		}
		for _, a := range e.Args {
			r.addStrict(s, a)
		}
	}
}

// addCommon adds the columns that add finds in all of list.
func (r *nullRejection) addCommon(s columnSet, list []expr.Expr, add func(columnSet, expr.Expr)) {
	common := everyColumn(len(s))
	for _, e := range list {
		one := make(columnSet, len(s))
		add(one, e)
		for i := range common {
			common[i] = common[i] && one[i]
		}
	}
	s.addAll(common)
}
