package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
)

// lowerDistinctOn chooses the first row of each group where the rows are, and
// again among those of all tasks, which come merged by the same keys.
func (s *stager) lowerDistinctOn(n *logical.DistinctOn) (flow, error) {
	keys := sortKeys(n.Keys)
	unique := func(in physical.Node) physical.Node { return &physical.Unique{Input: in, Keys: keys[:n.Groups]} }
	f, err := s.lower(n.Input)
	if err != nil {
		return nil, err
	}
	f = s.gatherSorted(firstOfEach(f, keyExprs(n.Keys[:n.Groups]), n.Keys[n.Groups:], 1), keys, -1)
	for _, st := range f {
		if src, ok := st.node.(*physical.ExchangeSource); ok && len(src.Merge) > 0 {
			producer := s.plan.Stages[src.Stage]
			producer.Root = unique(producer.Root)
		}
	}
	return f.each(unique), nil
}

// firstOfEach leaves out most of the rows that come after the first ones of their
// partition, where they are.
func firstOfEach(f flow, partition []expr.Expr, order []logical.SortKey, count int64) flow {
	return f.each(func(in physical.Node) physical.Node {
		return &physical.PartitionTopN{Input: in, Keys: partition, Order: sortKeys(order), Count: count}
	})
}

// lowerTies is a limit with ties: each stream gives the rows that may be within
// it, ties included.
func (s *stager) lowerTies(n *logical.Limit, count, offset int64) (flow, error) {
	f, err := s.lower(n.Input)
	if err != nil {
		return nil, err
	}
	ties := sortKeys(n.Ties)
	for _, st := range f {
		if src, ok := st.node.(*physical.ExchangeSource); ok && len(src.Merge) > 0 && count <= maxTieRows && offset <= maxTieRows {
			producer := s.plan.Stages[src.Stage]
			producer.Root = &physical.Limit{Input: producer.Root, Count: count + offset, Ties: src.Merge}
		}
	}
	return f.each(func(in physical.Node) physical.Node {
		return &physical.Limit{Input: in, Count: count, Offset: offset, Ties: ties}
	}), nil
}

// maxTieRows keeps the sum of a limit and an offset in range.
const maxTieRows = 1 << 62 / 2
