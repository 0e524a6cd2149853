package planner

import (
	"volley/planner/logical"
	"volley/planner/physical"
)

// lowerLimitBy counts the rows of a group in one place: where they are, if that
// is one place, else by hash partition of the keys, or where all are gathered.
// A sort below it has to run there too, so that its order is that of each group.
func (s *stager) lowerLimitBy(n *logical.LimitBy) (flow, error) {
	limit := func(in physical.Node) physical.Node {
		return &physical.LimitBy{Input: in, Keys: n.Keys, Count: n.Count, Offset: n.Offset}
	}
	sort, sorted := n.Input.(*logical.Sort)
	below := n.Input
	if sorted {
		below = sort.Input
	}
	f, err := s.lower(below)
	if err != nil {
		return nil, err
	}
	ordered := func(in physical.Node) physical.Node {
		if sorted {
			in = &physical.Sort{Input: in, Keys: sortKeys(sort.Keys), Limit: -1}
		}
		return limit(in)
	}
	switch {
	case f.local():
		return f.each(ordered), nil
	case len(n.Keys) == 0 || s.pinned(f):
		return localFlow(ordered(s.gather(f, true))), nil
	}
	return s.partitioned(ordered(s.hash(f, n.Keys, true))), nil
}
