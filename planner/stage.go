package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
	"volley/udf"
)

// stager lowers a logical plan to physical operators and cuts it into stages.
//
// It works bottom-up on flows. A flow is the output of a part of the plan that
// is not cut off yet: one or more streams (several for UNION), each a tree of
// operators that will become, or end in, a stage. Operators that work row by
// row, and first halves of others, are put on every stream; cut ends the
// streams as stages and gives the exchanges that read them.
type stager struct {
	*optimizer
	opts  PlanOptions
	plan  *physical.Plan
	scans int
	// bind puts the parameters into a shared plan.
	bind       func(logical.Node) (logical.Node, error)
	shared     map[*logical.Shared]*sharedFlow
	recursions map[*logical.Recursion]int
	// remote: some table is read by workers.
	remote bool
	// expected are guesses at the rows of what logical nodes became.
	expected map[physical.Node]float64
	// partners are guesses at what key filters let through, for EXPLAIN.
	partners map[*physical.Join]partnerShares
	// pinnedScans are the scans of rows that only the coordinator has.
	pinnedScans map[int]bool
	// parts is into how many parts a hash exchange cuts.
	parts int
}

// stream is a growing stage. A local one need not be a stage: it can go on in
// the root stage.
type stream struct {
	node  physical.Node
	local bool
	scan  int // of the Scan whose splits make the tasks, −1 for none
	tasks int // when scan is −1
}

type flow []stream

const (
	defaultBroadcastBytes = 32 << 20
	// gatherRows is the estimate up to which groups are merged in one place
	// rather than by hash partition.
	gatherRows = 20_000
	// maxGatherParts bounds into how many parts is cut what is expected to be small.
	maxGatherParts = 16
)

func newStager(o *optimizer, opts PlanOptions) *stager {
	if opts.BroadcastBytes == 0 {
		opts.BroadcastBytes = defaultBroadcastBytes
	}
	if opts.KeyFilterRows == 0 {
		opts.KeyFilterRows = defaultKeyFilterRows
	}
	s := &stager{optimizer: o, opts: opts, plan: &physical.Plan{Defs: nil, BroadcastBytes: opts.BroadcastBytes}, expected: map[physical.Node]float64{}}
	if opts.Estimates {
		s.plan.Estimates = map[physical.Node]float64{}
	}
	return s
}

func localFlow(n physical.Node) flow { return flow{{node: n, local: true, scan: -1, tasks: 1}} }

// local tells whether the whole flow can go on in the root stage.
func (f flow) local() bool {
	for _, st := range f {
		if !st.local {
			return false
		}
	}
	return true
}

// pinned tells whether a stream reads rows that are in the coordinator, so that
// it must end in the root stage.
func (s *stager) pinned(f flow) bool {
	for _, st := range f {
		if s.readsLocal(st.node) {
			return true
		}
	}
	return false
}

func (s *stager) readsLocal(n physical.Node) bool {
	switch n := n.(type) {
	case *physical.Scan:
		if s.pinnedScans[n.ID] {
			return true
		}
	case *physical.Spool:
		return true
	}
	for _, c := range n.Inputs() {
		if s.readsLocal(c) {
			return true
		}
	}
	return false
}

// each puts an operator on every stream.
func (f flow) each(on func(physical.Node) physical.Node) flow {
	out := make(flow, len(f))
	for i, st := range f {
		st.node = on(st.node)
		out[i] = st
	}
	return out
}

// addStage ends a stream as a stage and gives its number.
func (s *stager) addStage(st stream, out physical.Partitioning) int {
	id := len(s.plan.Stages)
	stage := &physical.Stage{ID: id, Root: st.node, Output: out, Scan: st.scan, Costly: s.costlyTree(st.node), VolatileBuild: s.volatileBuild(st.node)}
	if st.scan < 0 {
		stage.Tasks = st.tasks
	}
	s.plan.Stages = append(s.plan.Stages, stage)
	return id
}

// gather brings a flow to one place. ordered keeps the order of producer tasks,
// which is that of the files.
func (s *stager) gather(f flow, ordered bool) physical.Node {
	return s.sources(f, func(st stream) physical.Node {
		if st.local {
			return st.node
		}
		return s.source(st, physical.Partitioning{Kind: physical.Gather, Count: 1}, ordered)
	})
}

// gatherCut brings a flow to one place in any order. Its tasks may cut what they give by
// the hash of keys, so that many tasks can take over if there is much of it.
func (s *stager) gatherCut(f flow, keys []expr.Expr) physical.Node {
	return s.sources(f, func(st stream) physical.Node {
		if st.local {
			return st.node
		}
		out := physical.Partitioning{Kind: physical.Gather, Count: 1}
		if n := min(s.parts, maxGatherParts); n > 1 && len(keys) > 0 {
			out.Keys, out.Count = keys, n
		}
		return s.source(st, out, false)
	})
}

// hash cuts a flow by the hash of keys, over its output, into partitions.
func (s *stager) hash(f flow, keys []expr.Expr, ordered bool) physical.Node {
	return s.sources(f, func(st stream) physical.Node {
		return s.source(st, physical.Partitioning{Kind: physical.Hash, Keys: keys, Count: s.parts}, ordered)
	})
}

// broadcast gives a whole flow to every task. Constant rows need no exchange.
func (s *stager) broadcast(f flow) physical.Node {
	return s.sources(f, func(st stream) physical.Node {
		if st.local && constantTree(st.node) {
			return st.node
		}
		src := s.source(st, physical.Partitioning{Kind: physical.Broadcast, Count: 1}, true)
		src.Broadcast = true
		return src
	})
}

func (s *stager) source(st stream, out physical.Partitioning, ordered bool) *physical.ExchangeSource {
	id := s.addStage(st, out)
	return &physical.ExchangeSource{Stage: id, Ordered: ordered, Limit: -1, Out: st.node.Schema()}
}

// sources reads every stream; several are a union.
func (s *stager) sources(f flow, read func(stream) physical.Node) physical.Node {
	if len(f) == 1 {
		return read(f[0])
	}
	parts := make([]physical.Node, len(f))
	for i, st := range f {
		parts[i] = read(st)
	}
	return physicalUnion(parts)
}

// partitioned is a flow of one task per hash partition.
func (s *stager) partitioned(n physical.Node) flow {
	return flow{{node: n, scan: -1, tasks: s.parts}}
}

// finish makes the root stage.
func (s *stager) finish(f flow) {
	if s.opts.Encode != nil {
		f = f.each(func(n physical.Node) physical.Node { return &physical.EncodeText{Input: n, Format: *s.opts.Encode} })
	}
	root := s.gather(f, true)
	s.addStage(stream{node: root, scan: -1, tasks: 1}, physical.Partitioning{Kind: physical.Gather, Count: 1})
	s.placeKeyFilters()
	if s.plan.Estimates != nil {
		s.completeEstimates()
	}
}

// constantTree tells whether a tree reads nothing.
func constantTree(n physical.Node) bool {
	switch n.(type) {
	case *physical.Scan, *physical.ExchangeSource, *physical.Spool, *physical.Recursive, *physical.WorkingTable:
		return false
	}
	for _, c := range n.Inputs() {
		if !constantTree(c) {
			return false
		}
	}
	return true
}

// costlyTree tells whether a stage's operators call expensive functions.
func (s *stager) costlyTree(n physical.Node) bool {
	found := false
	eachExpr(n, func(e expr.Expr) { found = found || s.costly(e) })
	for _, c := range n.Inputs() {
		found = found || s.costlyTree(c)
	}
	return found
}

// volatileBuild tells whether the build side of a join calls volatile functions.
func (s *stager) volatileBuild(n physical.Node) bool {
	if j, ok := n.(*physical.Join); ok && s.volatileTree(j.Right) {
		return true
	}
	return slices.ContainsFunc(n.Inputs(), s.volatileBuild)
}

func (s *stager) volatileTree(n physical.Node) bool {
	found := false
	eachExpr(n, func(e expr.Expr) { found = found || s.volatility(e) == udf.Volatile })
	return found || slices.ContainsFunc(n.Inputs(), s.volatileTree)
}

// eachExpr calls f for the expressions by which a node computes rows.
func eachExpr(n physical.Node, f func(expr.Expr)) {
	list := func(es []expr.Expr) {
		for _, e := range es {
			f(e)
		}
	}
	opt := func(e expr.Expr) {
		if e != nil {
			f(e)
		}
	}
	switch n := n.(type) {
	case *physical.Scan:
		opt(n.Filter)
	case *physical.Filter:
		f(n.Predicate)
	case *physical.Project:
		list(n.Exprs)
	case *physical.ProjectSet:
		for _, c := range n.Calls {
			list(c.Args)
		}
	case *physical.Aggregate:
		list(n.Keys)
		for _, a := range n.Aggs {
			list(a.Args)
			opt(a.Filter)
		}
	case *physical.Join:
		list(n.LeftKeys)
		list(n.RightKeys)
		opt(n.Residual)
	case *physical.Sort:
		for _, k := range n.Keys {
			f(k.Expr)
		}
	case *physical.Expand:
		for _, set := range n.Sets {
			list(set)
		}
	case *physical.Window:
		for _, c := range n.Calls {
			list(c.Args)
			opt(c.Filter)
		}
	case *physical.LimitBy:
		list(n.Keys)
	case *physical.PartitionTopN:
		list(n.Keys)
		for _, k := range n.Order {
			f(k.Expr)
		}
	}
}

// mergeable tells whether partial results of these aggregates can be merged.
func mergeable(aggs []logical.AggCall) bool {
	for _, a := range aggs {
		if a.Distinct || a.NoPartial || a.Ordered || len(a.OrderBy) > 0 || a.State == nil {
			return false
		}
	}
	return true
}
