package planner

import (
	"volley/planner/logical"
	"volley/planner/physical"
)

// lowerJoin chooses how the sides of a join meet:
//
//	both local, or one in    in one place
//	the coordinator
//	build side small, or     the build side goes to every task of the probe
//	no keys                  side (to the probe side's place, if that is local)
//	NOT IN                   both by hash, NULLs apart (lowerNullAware)
//	the build side only      both by hash, so that the build side is read with a
//	tells matches, and is    runtime filter of the probe side's keys
//	much larger
//	no keys, rows of the     both in one place
//	build side are kept
//	otherwise                both by hash partition of the keys
func (s *stager) lowerJoin(n *logical.Join) (flow, error) {
	left, err := s.lower(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := s.lower(n.Right)
	if err != nil {
		return nil, err
	}
	join := func(l, r physical.Node) physical.Node {
		j := joined(n, l, r)
		s.notePartners(n, j)
		return j
	}
	// Unmatched rows of the build side must come out once, so it cannot be
	// repeated on every task.
	keepsBuild := n.Kind == logical.RightOuter || n.Kind == logical.FullOuter
	small := s.estimate.size(n.Right).bytes <= float64(s.opts.BroadcastBytes)
	switch {
	case s.pinned(left) || s.pinned(right):
		return localFlow(join(s.gather(left, true), s.gather(right, true))), nil
	case left.local() && (right.local() || !keepsBuild && small):
		return localFlow(join(s.gather(left, true), s.gather(right, true))), nil
	case s.matchesFew(n) && !left.local() && !right.local():
		l := s.hash(left, n.LeftKeys, false)
		return s.partitioned(join(l, s.hash(right, n.RightKeys, false))), nil
	case n.NullAware && !small && !left.local():
		return s.lowerNullAware(n, left, right, join), nil
	case !keepsBuild && (small || n.NullAware || len(n.LeftKeys) == 0):
		if left.local() {
			return localFlow(join(s.gather(left, true), s.gather(right, true))), nil
		}
		build := s.broadcast(right)
		return left.each(func(l physical.Node) physical.Node { return join(l, build) }), nil
	case len(n.LeftKeys) == 0:
		return localFlow(join(s.gather(left, true), s.gather(right, true))), nil
	}
	l := s.hash(left, n.LeftKeys, false)
	r := s.hash(right, n.RightKeys, false)
	return s.partitioned(join(l, r)), nil
}

func joined(n *logical.Join, l, r physical.Node) *physical.Join {
	j := &physical.Join{
		Left: l, Right: r, Kind: physical.JoinKind(n.Kind), LeftKeys: n.LeftKeys, RightKeys: n.RightKeys,
		Residual: n.On, NullAware: n.NullAware, NullEqual: n.NullEqual, Out: n.Out.Arrow(),
	}
	if n.NullAware {
		keysToBeEqual(j, n.Left.Schema().NumFields())
	}
	return j
}

// matchesFew: of a large build side, whose rows do not come out, only those with
// keys of the small probe side matter.
func (s *stager) matchesFew(n *logical.Join) bool {
	if n.Kind != logical.Semi && n.Kind != logical.Anti || n.NullAware || len(n.LeftKeys) == 0 || s.opts.KeyFilterRows < 0 {
		return false
	}
	few, many := s.estimate.rows(n.Left), s.estimate.rows(n.Right)
	return many >= float64(s.opts.KeyFilterRows) && many >= 8*few && countedTable(n.Right)
}

// countedTable tells whether a plan is over one table whose rows have been counted,
// which are filtered, projected or grouped.
func countedTable(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Scan:
		return n.Stats != nil && n.Stats.Rows >= 0 && !n.Def.Local
	case *logical.Filter, *logical.Project, *logical.Aggregate:
		return countedTable(n.Inputs()[0])
	}
	return false
}
