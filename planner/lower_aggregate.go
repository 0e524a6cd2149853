package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
)

// lowerAggregate chooses where groups are made:
//
//	local input            single, where the rows are
//	mergeable aggregates   partial on every stream; final in one place without
//	                       keys or when groups are few, else by hash partition
//	states from below      final, in one place or by hash partition as above
//	others                 single, by hash partition of the keys or, without
//	                       keys, in one place; rows keep their order
//
// Rows that are in the coordinator are never sent to workers. Where groups turn out
// many or few against the estimate, that is settled when the plan runs
// (coordinator/sched/place.go).
func (s *stager) lowerAggregate(n *logical.Aggregate) (flow, error) {
	f, err := s.lower(n.Input)
	if err != nil {
		return nil, err
	}
	single := func(in physical.Node) *physical.Aggregate {
		return &physical.Aggregate{Input: in, Mode: physical.Single, Keys: n.Keys, Aggs: aggCalls(n.Aggs), Always: n.Always, Out: n.Out.Arrow()}
	}
	parted := func(a *physical.Aggregate) flow {
		a.Partitions = s.parts
		return s.partitioned(a)
	}
	onePlace := len(n.Keys) == 0 || s.pinned(f)
	switch {
	case combines(n.Aggs) && f.local():
		return f.each(func(in physical.Node) physical.Node { return combined(n, in) }), nil
	case combines(n.Aggs) && (onePlace || s.estimate.rows(n.Input) <= gatherRows):
		return localFlow(combined(n, s.gatherCut(f, n.Keys))), nil
	case combines(n.Aggs):
		return parted(combined(n, s.hash(f, n.Keys, false))), nil
	case f.local():
		return f.each(func(in physical.Node) physical.Node { return single(in) }), nil
	case !mergeable(n.Aggs) && onePlace:
		return localFlow(single(s.gather(f, true))), nil
	case !mergeable(n.Aggs):
		return parted(single(s.hash(f, n.Keys, true))), nil
	}
	f = f.each(func(in physical.Node) physical.Node { return partial(n, in) })
	s.estimatePartial(f, n)
	if onePlace || s.partialRows(n) <= gatherRows {
		return localFlow(final(n, s.gatherCut(f, columnsOfPhysical(f[0].node, len(n.Keys))))), nil
	}
	return parted(final(n, s.hash(f, columnsOfPhysical(f[0].node, len(n.Keys)), false))), nil
}

func aggCalls(aggs []logical.AggCall) []physical.AggCall {
	out := make([]physical.AggCall, len(aggs))
	for i, a := range aggs {
		out[i] = physical.AggCall{
			Func: a.Func, Args: a.Args, ArgTypes: typesOf(a.Args), Distinct: a.Distinct,
			Filter: a.Filter, OrderBy: sortKeys(a.OrderBy), Type: a.Type, Pos: a.Pos,
		}
	}
	return out
}

func typesOf(es []expr.Expr) []arrow.DataType {
	out := make([]arrow.DataType, len(es))
	for i, e := range es {
		out[i] = e.DataType()
	}
	return out
}

// partial gives keys, then the states of every aggregate.
func partial(n *logical.Aggregate, in physical.Node) physical.Node {
	fields := n.Out.Copy()[:len(n.Keys):len(n.Keys)]
	for _, a := range n.Aggs {
		for _, t := range a.State {
			fields = append(fields, arrow.Field{Name: a.Func, Type: t, Nullable: true})
		}
	}
	return partialStates(n.Keys, n.Aggs, arrow.NewSchema(fields, nil), in)
}

func partialStates(keys []expr.Expr, aggs []logical.AggCall, out *arrow.Schema, in physical.Node) physical.Node {
	return &physical.Aggregate{Input: in, Mode: physical.Partial, Keys: keys, Aggs: aggCalls(aggs), Out: out}
}

// combines tells whether the arguments of aggregates are states.
func combines(aggs []logical.AggCall) bool { return len(aggs) > 0 && aggs[0].Combines != nil }

// combined merges the states that a PartialAggregate gave.
func combined(n *logical.Aggregate, in physical.Node) *physical.Aggregate {
	aggs := aggCalls(n.Aggs)
	for i, a := range n.Aggs {
		aggs[i].ArgTypes = a.Combines
	}
	return &physical.Aggregate{Input: in, Mode: physical.Final, Keys: n.Keys, Aggs: aggs, Always: n.Always, Out: n.Out.Arrow()}
}

// final merges what partial gave.
func final(n *logical.Aggregate, in physical.Node) *physical.Aggregate {
	columns := columnsOfPhysical(in, in.Schema().NumFields())
	aggs := aggCalls(n.Aggs)
	next := len(n.Keys)
	for i, a := range n.Aggs {
		aggs[i].Args, aggs[i].Filter = columns[next:next+len(a.State):next+len(a.State)], nil
		next += len(a.State)
	}
	return &physical.Aggregate{Input: in, Mode: physical.Final, Keys: columns[:len(n.Keys)], Aggs: aggs, Always: n.Always, Out: n.Out.Arrow()}
}
