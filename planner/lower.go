package planner

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/udf"
)

// lower gives the flow of a logical node.
func (s *stager) lower(n logical.Node) (flow, error) {
	if err := stopError(s.ctx); err != nil {
		return flow{}, err
	}
	f, err := s.lowerNode(n)
	s.plan.Cost += s.work(n)
	if len(f) == 1 && (s.plan.Estimates != nil || s.opts.KeyFilterRows > 0) {
		rows := s.estimate.rows(n)
		s.expected[f[0].node] = rows
		if s.plan.Estimates != nil {
			s.plan.Estimates[f[0].node] = rows
		}
	}
	return f, err
}

func (s *stager) lowerNode(n logical.Node) (flow, error) {
	switch n := n.(type) {
	case *logical.Scan:
		return s.lowerScan(n), nil
	case *logical.Values:
		return localFlow(&physical.Values{Rows: n.Rows, Out: n.Out.Arrow()}), nil
	case *logical.Filter:
		return s.onEach(n.Input, func(in physical.Node) physical.Node {
			return &physical.Filter{Input: in, Predicate: n.Predicate}
		})
	case *logical.Project:
		f, err := s.lower(n.Input)
		if err != nil {
			return nil, err
		}
		return s.project(n, f, -1), nil
	case *logical.Aggregate:
		return s.lowerAggregate(n)
	case *logical.PartialAggregate:
		return s.onEach(n.Input, func(in physical.Node) physical.Node { return partialStates(n.Keys, n.Aggs, n.Out.Arrow(), in) })
	case *logical.Join:
		return s.lowerJoin(n)
	case *logical.Sort:
		return s.lowerSort(n, -1)
	case *logical.Window:
		return s.lowerWindow(n)
	case *logical.Limit:
		return s.lowerLimit(n)
	case *logical.LimitBy:
		return s.lowerLimitBy(n)
	case *logical.Union:
		return s.lowerUnion(n)
	case *logical.Expand:
		return s.onEach(n.Input, func(in physical.Node) physical.Node {
			return &physical.Expand{Input: in, Sets: n.Sets, Out: n.Out.Arrow()}
		})
	case *logical.Repeat:
		return s.onEach(n.Input, func(in physical.Node) physical.Node {
			return &physical.Repeat{Input: in, Count: n.Count}
		})
	case *logical.DistinctOn:
		return s.lowerDistinctOn(n)
	case *logical.Sample:
		return s.lowerSample(n)
	case *logical.CTE:
		return s.lowerCTE(n)
	case *logical.Recursive:
		return s.lowerRecursive(n)
	case *logical.WorkingTable:
		return localFlow(&physical.WorkingTable{ID: s.recursion(n.Of), Out: n.Out.Arrow()}), nil
	case *logical.ProjectSet:
		return s.onEach(n.Input, func(in physical.Node) physical.Node { return projectedSet(n, in) })
	}
	return nil, sqlerr.New(sqlerr.InternalError, "no physical operator for %s", n)
}

func (s *stager) onEach(input logical.Node, on func(physical.Node) physical.Node) (flow, error) {
	f, err := s.lower(input)
	if err != nil {
		return nil, err
	}
	return f.each(on), nil
}

// project computes n's expressions where the rows are, and those of the session in the
// coordinator; there for count rows exactly, unless it is negative.
func (s *stager) project(n *logical.Project, f flow, count int64) flow {
	ofSession := func(e expr.Expr) bool { return s.p.ofSession(e, udf.Stable) }
	if slices.ContainsFunc(n.Exprs, ofSession) {
		f = s.first(f, count)
	}
	return f.each(func(in physical.Node) physical.Node { return projected(n, in) })
}

// first brings the first count rows of a flow to one place, in order; all, if count is
// negative.
func (s *stager) first(f flow, count int64) flow {
	cut := func(in physical.Node) physical.Node {
		if count < 0 || givesAtMost(in, count) {
			return in
		}
		return &physical.Limit{Input: in, Count: count}
	}
	if !f.local() {
		f = localFlow(s.gather(f.each(cut), true))
	}
	return f.each(cut)
}

func projected(n *logical.Project, in physical.Node) physical.Node {
	names := make([]string, len(n.Exprs))
	for i := range names {
		names[i] = n.Out.Field(i).Name
	}
	return &physical.Project{Input: in, Exprs: n.Exprs, Names: names}
}

func (s *stager) lowerScan(n *logical.Scan) flow {
	id := s.scans
	s.scans++
	if s.plan.Defs == nil {
		s.plan.Defs = map[int]*catalog.TableDef{}
	}
	s.plan.Defs[id] = n.Def
	rows := int64(-1)
	if n.Stats != nil && n.Stats.Rows >= 0 {
		rows = int64(math.Round(s.estimate.rows(n)))
	}
	node := &physical.Scan{
		ID: id, Filter: n.Filter, Rows: rows,
		Spec: catalog.ScanSpec{
			Table: n.Table, Format: n.Def.Format, Options: n.Def.Options, Schema: n.Def.Schema,
			Projection: n.Projection, Partition: n.Def.PartitionColumns, Pruning: n.Pruning, Limit: n.Limit,
		},
	}
	if !s.opts.Distributed || n.Def.Local && !s.ships(n) {
		s.pins(node)
		return localFlow(node)
	}
	return flow{{node: node, scan: id}}
}

// lowerUnion keeps the streams of its parts apart as long as some are not
// local.
func (s *stager) lowerUnion(n *logical.Union) (flow, error) {
	var all flow
	for _, p := range n.Parts {
		f, err := s.lower(p)
		if err != nil {
			return nil, err
		}
		all = append(all, f...)
	}
	if !all.local() {
		return all, nil
	}
	parts := make([]physical.Node, len(all))
	for i, st := range all {
		parts[i] = st.node
	}
	return localFlow(&physical.Union{Parts: parts, Out: n.Out.Arrow()}), nil
}

func (s *stager) lowerLimit(n *logical.Limit) (flow, error) {
	count, err := s.rowCount(n.Count, sqlerr.InvalidRowCountLimit, "LIMIT")
	if err != nil {
		return nil, err
	}
	offset, err := s.rowCount(n.Offset, sqlerr.InvalidRowCountOffset, "OFFSET")
	if err != nil {
		return nil, err
	}
	offset = max(offset, 0)
	if len(n.Ties) > 0 && count >= 0 {
		return s.lowerTies(n, count, offset)
	}
	wanted := int64(-1)
	if count >= 0 && count <= math.MaxInt64-offset {
		wanted = count + offset
	}
	f, err := s.lowerFirst(n.Input, wanted)
	if err != nil {
		return nil, err
	}
	if !f.local() {
		if wanted >= 0 {
			f = f.each(func(in physical.Node) physical.Node { return &physical.Limit{Input: in, Count: wanted} })
		}
		f = localFlow(s.gather(f, true))
	}
	if offset == 0 && count < 0 {
		return f, nil
	}
	return f.each(func(in physical.Node) physical.Node {
		if offset == 0 && givesAtMost(in, count) {
			return in
		}
		return &physical.Limit{Input: in, Count: count, Offset: offset}
	}), nil
}

// lowerFirst lowers what only the first count rows of are wanted (−1: all): a
// sort, maybe below a projection, becomes a top-N.
func (s *stager) lowerFirst(n logical.Node, count int64) (flow, error) {
	switch n := n.(type) {
	case *logical.Sort:
		return s.lowerSort(n, count)
	case *logical.Project:
		f, err := s.lowerFirst(n.Input, count)
		if err != nil {
			return nil, err
		}
		return s.project(n, f, count), nil
	}
	return s.lower(n)
}

func givesAtMost(n physical.Node, count int64) bool {
	switch n := n.(type) {
	case *physical.Sort:
		return n.Limit >= 0 && n.Limit <= count
	case *physical.Project:
		return givesAtMost(n.Input, count)
	case *physical.ExchangeSource:
		return len(n.Merge) > 0 && n.Limit >= 0 && n.Limit <= count
	}
	return false
}

// lowerSort sorts where the rows are and merges in one place; limit ≥ 0 keeps
// the first rows only.
func (s *stager) lowerSort(n *logical.Sort, limit int64) (flow, error) {
	f, err := s.lower(n.Input)
	if err != nil {
		return nil, err
	}
	return s.gatherSorted(f, sortKeys(n.Keys), limit), nil
}

// gatherSorted brings a flow to one place in the order of keys.
func (s *stager) gatherSorted(f flow, keys []physical.SortKey, limit int64) flow {
	if len(keys) == 0 {
		return localFlow(s.gather(f, true))
	}
	f = f.each(func(in physical.Node) physical.Node { return &physical.Sort{Input: in, Keys: keys, Limit: limit} })
	if f.local() {
		return f
	}
	if len(f) > 1 { // the runs of several streams are sorted again
		return localFlow(&physical.Sort{Input: s.gather(f, true), Keys: keys, Limit: limit})
	}
	src := s.source(f[0], physical.Partitioning{Kind: physical.Gather, Count: 1}, true)
	src.Merge, src.Limit = keys, limit
	return localFlow(src)
}

func sortKeys(keys []logical.SortKey) []physical.SortKey {
	if keys == nil {
		return nil
	}
	out := make([]physical.SortKey, len(keys))
	for i, k := range keys {
		out[i] = physical.SortKey(k)
	}
	return out
}

// physicalUnion gives all rows of its parts.
func physicalUnion(parts []physical.Node) *physical.Union {
	return &physical.Union{Parts: parts, Out: arrow.NewSchema(nullable(parts[0].Schema()), nil)}
}

// columnsOfPhysical refers to the first n output columns of a node.
func columnsOfPhysical(node physical.Node, n int) []expr.Expr {
	out := make([]expr.Expr, n)
	for i := range out {
		f := node.Schema().Field(i)
		out[i] = &expr.Column{Index: i, Name: f.Name, Type: f.Type}
	}
	return out
}
