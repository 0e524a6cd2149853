package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
)

// lowerNullAware cuts both sides of a large NOT IN by the hash of keys. NULL compares
// with every key, so that partitions need to know something of each other:
//
//	some keys must be equal    nothing: by the hash of these, what is compared is in
//	(keysToBeEqual)                one partition
//	one key, no other          whether there are rows at all, and some with NULL: a
//	condition                  sample of each is in every partition
//	otherwise                  rows of the build side with a NULL key are in every
//	                           partition; those of the probe side are in one, whose
//	                           task reads the whole build side for them
func (s *stager) lowerNullAware(n *logical.Join, left, right flow, join func(l, r physical.Node) physical.Node) flow {
	j := join(nil, nil).(*physical.Join)
	in := len(j.LeftKeys) - j.EqualKeys
	switch {
	case j.EqualKeys > 0:
		j.Left = s.hash(left, j.LeftKeys[in:], false)
		j.Right = s.hash(right, j.RightKeys[in:], false)
	case in == 1 && j.Residual == nil:
		j.Left = s.hash(left, j.LeftKeys, false)
		j.Right = s.hashNulls(right, j.RightKeys, physical.NullSamples)
	default:
		j.Left = s.hashNulls(left, j.LeftKeys, physical.NullsTogether)
		j.Right = s.hashNulls(right, j.RightKeys, physical.NullsEverywhere)
		j.Whole = wholeOf(j.Right)
	}
	return s.partitioned(j)
}

// hashNulls is hash with a place for rows with a NULL key.
func (s *stager) hashNulls(f flow, keys []expr.Expr, nulls physical.NullPlacement) physical.Node {
	return s.sources(f, func(st stream) physical.Node {
		return s.source(st, physical.Partitioning{Kind: physical.Hash, Keys: keys, Count: s.parts, Nulls: nulls}, false)
	})
}

// wholeOf reads all partitions of what n reads its own of.
func wholeOf(n physical.Node) physical.Node {
	switch n := n.(type) {
	case *physical.ExchangeSource:
		whole := *n
		whole.Broadcast = true
		return &whole
	case *physical.Union:
		parts := make([]physical.Node, len(n.Parts))
		for i, p := range n.Parts {
			parts[i] = wholeOf(p)
		}
		return &physical.Union{Parts: parts, Out: n.Out}
	}
	return n
}

// keysToBeEqual makes keys of the conjuncts of a null-aware join's condition that are
// equalities between its sides, as those of a subquery with outer columns are. The
// left side has width columns.
func keysToBeEqual(j *physical.Join, width int) {
	j.LeftKeys, j.RightKeys = slices.Clone(j.LeftKeys), slices.Clone(j.RightKeys)
	var rest []expr.Expr
	for _, c := range expr.Conjuncts(j.Residual) {
		l, r, nullEqual, ok := equality(c, width)
		if !ok {
			rest = append(rest, c)
			continue
		}
		if nullEqual && j.NullEqual == nil {
			j.NullEqual = make([]bool, len(j.LeftKeys))
		}
		j.LeftKeys, j.RightKeys = append(j.LeftKeys, l), append(j.RightKeys, r)
		if j.NullEqual != nil {
			j.NullEqual = append(j.NullEqual, nullEqual)
		}
		j.EqualKeys++
	}
	j.Residual = expr.And(rest)
}
