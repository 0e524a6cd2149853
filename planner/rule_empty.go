package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// dropEmpty replaces what gives no rows, whatever the data, by no rows: a false
// or NULL filter, LIMIT 0, and what consists of such inputs only.
func dropEmpty(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		if o.givesNothing(n) {
			return &logical.Values{Out: n.Schema()}
		}
		if j, ok := n.(*logical.Join); ok && j.On != nil && o.neverTrue(j.On) {
			return withoutMatches(j)
		}
		return n
	})
}

func (o *optimizer) givesNothing(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Filter:
		return isEmpty(n.Input) || o.neverTrue(n.Predicate)
	case *logical.Scan:
		return n.Filter != nil && o.neverTrue(n.Filter)
	case *logical.Limit:
		count, ok := constantCount(n.Count)
		return (isEmpty(n.Input) || ok && count == 0) && !fallibleCount(n.Count) && !fallibleCount(n.Offset)
	case *logical.Project:
		return isEmpty(n.Input)
	case *logical.Sort:
		return isEmpty(n.Input)
	case *logical.Window:
		return isEmpty(n.Input)
	case *logical.LimitBy:
		return isEmpty(n.Input)
	case *logical.Aggregate:
		return len(n.Keys) > 0 && len(n.Always) == 0 && isEmpty(n.Input)
	case *logical.Expand:
		return isEmpty(n.Input)
	case *logical.Repeat:
		return isEmpty(n.Input)
	case *logical.DistinctOn:
		return isEmpty(n.Input)
	case *logical.Sample:
		return isEmpty(n.Input)
	case *logical.Recursive:
		return isEmpty(n.Initial)
	case *logical.ProjectSet:
		return isEmpty(n.Input)
	case *logical.Join:
		switch n.Kind {
		case logical.Inner, logical.Semi:
			return isEmpty(n.Left) || isEmpty(n.Right) || n.On != nil && o.neverTrue(n.On)
		case logical.LeftOuter, logical.Anti, logical.Mark:
			return isEmpty(n.Left)
		}
	}
	return false
}

// withoutMatches is an outer join whose condition is never true: each side by
// itself, no pair of rows is looked at.
func withoutMatches(j *logical.Join) logical.Node {
	left, right := j.Left, j.Right
	padded := func(kind logical.JoinKind, left, right logical.Node) logical.Node {
		c := *j
		c.Kind, c.Left, c.Right, c.On = kind, left, right, nil
		return &c
	}
	noLeft, noRight := &logical.Values{Out: left.Schema()}, &logical.Values{Out: right.Schema()}
	switch j.Kind {
	case logical.FullOuter:
		parts := []logical.Node{padded(logical.LeftOuter, left, noRight), padded(logical.RightOuter, noLeft, right)}
		return &logical.Union{Parts: parts, Out: j.Out}
	case logical.RightOuter:
		return padded(j.Kind, noLeft, right)
	}
	return padded(j.Kind, left, noRight)
}

func isEmpty(n logical.Node) bool {
	v, ok := n.(*logical.Values)
	return ok && len(v.Rows) == 0
}

// neverTrue tells whether a conjunct is FALSE or NULL and no constant fails
// before it.
func (o *optimizer) neverTrue(pred expr.Expr) bool {
	for _, c := range expr.Conjuncts(pred) {
		if l, ok := c.(*expr.Literal); ok {
			v, known := truth(l)
			if known && !v || l.Value.IsNull(0) {
				return true
			}
		}
		if o.fails(c) {
			return false
		}
	}
	return false
}
