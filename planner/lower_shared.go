package planner

import (
	"volley/planner/logical"
	"volley/planner/physical"
)

// sharedFlow is a shared plan that has been lowered: stages whose outputs every
// reader reads or, where rows cannot leave the coordinator, a spool in the root
// stage.
type sharedFlow struct {
	stages []*physical.ExchangeSource
	spool  *physical.Spool
}

func (s *stager) lowerCTE(n *logical.CTE) (flow, error) {
	if f, ok := s.shared[n.Shared]; ok {
		if f.spool != nil {
			return localFlow(&physical.Spool{ID: f.spool.ID, Out: f.spool.Out}), nil
		}
		return f.reader(), nil
	}
	plan := n.Shared.Plan
	if !n.Shared.Optimized {
		var err error
		if plan, err = s.bind(plan); err != nil {
			return nil, err
		}
		plan = s.optimize(plan)
	}
	f, err := s.lower(plan)
	if err != nil {
		return nil, err
	}
	if s.shared == nil {
		s.shared = map[*logical.Shared]*sharedFlow{}
	}
	out := &sharedFlow{}
	id := len(s.shared)
	s.shared[n.Shared] = out
	if n.Shared.InPlace || s.pinned(f) || f.local() && !s.remote {
		in := s.gather(f, true)
		out.spool = &physical.Spool{ID: id, Input: in, Out: in.Schema()}
		return localFlow(out.spool), nil
	}
	for _, st := range f {
		out.stages = append(out.stages, s.source(st, physical.Partitioning{Kind: physical.Gather, Count: 1}, true))
	}
	return out.reader(), nil
}

// reader reads all stages, in one place.
func (f *sharedFlow) reader() flow {
	parts := make([]physical.Node, len(f.stages))
	for i, src := range f.stages {
		again := *src
		parts[i] = &again
	}
	if len(parts) == 1 {
		return localFlow(parts[0])
	}
	return localFlow(physicalUnion(parts))
}

// readsRemote tells whether workers can read some table below n, one of the
// coordinator only if it ships.
func readsRemote(n logical.Node, ships func(*logical.Scan) bool) bool {
	switch n := n.(type) {
	case *logical.Scan:
		return !n.Def.Local || ships(n)
	case *logical.CTE:
		return readsRemote(n.Shared.Plan, ships)
	}
	for _, in := range n.Inputs() {
		if readsRemote(in, ships) {
			return true
		}
	}
	return false
}

// lowerRecursive runs a recursion in one place. What the recursive term reads
// besides the working table is brought there once, and kept for every round.
func (s *stager) lowerRecursive(n *logical.Recursive) (flow, error) {
	initial, err := s.lower(n.Initial)
	if err != nil {
		return nil, err
	}
	step, err := s.lower(s.kept(n.Step, n.Recursion))
	if err != nil {
		return nil, err
	}
	return localFlow(&physical.Recursive{
		ID: s.recursion(n.Recursion), Initial: s.gather(initial, true), Step: s.gather(step, true), All: n.All, Out: n.Out.Arrow(),
	}), nil
}

// kept is the recursive term with the largest parts that are the same in each
// round as shared plans.
func (s *stager) kept(n logical.Node, r *logical.Recursion) logical.Node {
	if workingTables(n)[r] {
		in := n.Inputs()
		if len(in) == 0 {
			return n
		}
		out := make([]logical.Node, len(in))
		for i, c := range in {
			out[i] = s.kept(c, r)
		}
		return n.WithInputs(out)
	}
	switch n.(type) {
	case *logical.Values:
		return n
	}
	if len(workingTables(n)) > 0 { // of a recursion around: not the same for ever
		return n
	}
	return &logical.CTE{Shared: &logical.Shared{Name: r.Name, Plan: n, Optimized: true, InPlace: true}}
}

// recursion numbers recursive queries.
func (s *stager) recursion(r *logical.Recursion) int {
	if s.recursions == nil {
		s.recursions = map[*logical.Recursion]int{}
	}
	id, ok := s.recursions[r]
	if !ok {
		id = len(s.recursions)
		s.recursions[r] = id
	}
	return id
}
