package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
)

// lowerWindow lowers a stack of windows at once. Rows are brought together by
// partition, in order, for each window in turn; one that finds them so already
// needs neither an exchange nor a sort.
//
//	local input, rows of the coordinator, no PARTITION BY   in the root stage
//	others                                                   by hash of the partition keys
func (s *stager) lowerWindow(n *logical.Window) (flow, error) {
	var stack []*logical.Window
	var bottom logical.Node = n
	for {
		w, ok := bottom.(*logical.Window)
		if !ok {
			break
		}
		stack, bottom = append(stack, w), w.Input
	}
	f, err := s.lower(bottom)
	if err != nil {
		return nil, err
	}
	p := &windowPlacer{stager: s, flow: f}
	for i := len(stack) - 1; i >= 0; i-- {
		p.add(stack[i])
	}
	return p.flow, nil
}

// windowPlacer knows how the rows of a flow lie.
type windowPlacer struct {
	*stager
	flow   flow
	hashed []expr.Expr       // rows equal in these are in one task; nil: not known
	sorted []logical.SortKey // order of the rows in each task
}

func (p *windowPlacer) add(n *logical.Window) {
	keys := windowSort(n.PartitionBy, n.OrderBy)
	p.limit(n)
	switch {
	case p.flow.local():
		p.sort(n, keys)
	case len(n.PartitionBy) == 0 || p.pinned(p.flow):
		p.flow = p.gatherSorted(p.flow, sortKeys(keys), -1)
		p.hashed, p.sorted = nil, keys
	default:
		if !p.together(n.PartitionBy) {
			p.flow = p.partitioned(p.hash(p.flow, n.PartitionBy, true))
			p.hashed, p.sorted = n.PartitionBy, nil
		}
		p.sort(n, keys)
	}
	p.flow = p.flow.each(func(in physical.Node) physical.Node {
		return &physical.Window{Input: in, PartitionBy: n.PartitionBy, OrderBy: sortKeys(n.OrderBy), Calls: windowCalls(n.Calls), Out: n.Out.Arrow()}
	})
}

// limit leaves out most of the rows that a filter above will not keep, before they
// are brought together; where they are in order already, that would gain little.
func (p *windowPlacer) limit(n *logical.Window) {
	if n.First == 0 || p.sorted != nil && sortCovers(p.sorted, n.PartitionBy, n.OrderBy) {
		return
	}
	p.flow = firstOfEach(p.flow, n.PartitionBy, n.OrderBy, n.First)
}

// together tells whether rows of one partition are in one task.
func (p *windowPlacer) together(partition []expr.Expr) bool {
	for _, e := range p.hashed {
		if !contains(partition, e) {
			return false
		}
	}
	return p.hashed != nil
}

// sort orders the rows of each task unless they are.
func (p *windowPlacer) sort(n *logical.Window, keys []logical.SortKey) {
	if sortCovers(p.sorted, n.PartitionBy, n.OrderBy) {
		return
	}
	p.flow = p.flow.each(func(in physical.Node) physical.Node {
		return &physical.Sort{Input: in, Keys: sortKeys(keys), Limit: -1}
	})
	p.sorted = keys
}

func windowCalls(calls []logical.WindowCall) []physical.WindowCall {
	out := make([]physical.WindowCall, len(calls))
	for i, c := range calls {
		out[i] = physical.WindowCall{
			Func: c.Func, Aggregate: c.Aggregate, Args: c.Args, ArgTypes: typesOf(c.Args),
			Filter: c.Filter, Frame: c.Frame, Type: c.Type, Pos: c.Pos,
		}
	}
	return out
}
