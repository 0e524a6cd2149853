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
//	must be seen whole       side (to the probe side's place, if that is local)
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
	join := func(l, r physical.Node) physical.Node { return joined(n, l, r) }
	// Unmatched rows of the build side must come out once, so it cannot be
	// repeated on every task.
	keepsBuild := n.Kind == logical.RightOuter || n.Kind == logical.FullOuter
	small := s.estimate.size(n.Right).bytes <= float64(s.opts.BroadcastBytes)
	switch {
	case s.pinned(left) || s.pinned(right):
		return localFlow(join(s.gather(left, true), s.gather(right, true))), nil
	case left.local() && (right.local() || !keepsBuild && small):
		return localFlow(join(s.gather(left, true), s.gather(right, true))), nil
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

func joined(n *logical.Join, l, r physical.Node) physical.Node {
	return &physical.Join{
		Left: l, Right: r, Kind: physical.JoinKind(n.Kind), LeftKeys: n.LeftKeys, RightKeys: n.RightKeys,
		Residual: n.On, NullAware: n.NullAware, NullEqual: n.NullEqual, Out: n.Out.Arrow(),
	}
}
