package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
	"volley/udf"
)

// aggregateBelowJoins groups rows before joins where that leaves few of them (eager
// aggregation; Yan and Larson, "Eager Aggregation and Lazy Aggregation", VLDB 1995):
//
//	Aggregate by d.name compute sum(f.x)     Aggregate by d.name combine sums
//	  Join f.k = d.k                     →     Join f.k = d.k
//	    f                                        PartialAggregate by f.k compute sum(f.x)
//	    d                                          f
//	                                             d
//
// The rows of a group below agree in all that the joins, the filters between them
// and the grouping look at, so each of them would have met the same rows of the
// other side: the group's state is combined once for each of these, as the rows
// would have been counted. That holds for the sides of inner joins and for the side
// of an outer, semi, anti or mark join that is kept, whose rows stand beside NULLs
// once, as the group does; not for the side that NULLs stand for.
//
// Sums of floating-point numbers depend on the order of the rows, so they are left
// alone. What may fail is not computed for rows that a join would have dropped.
func aggregateBelowJoins(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		a, ok := n.(*logical.Aggregate)
		if !ok || !joinBelow(a.Input) || !slices.ContainsFunc(a.Keys, expr.HasColumns) && len(a.Aggs) == 0 || !o.eager(a) {
			return n
		}
		var best *eagerAggregation
		for depth := 1; !o.stopped(); depth++ {
			e := &eagerAggregation{optimizer: o, depth: depth}
			if e.below = e.push(a.Input, a.Keys, a.Aggs); e.below == nil {
				if e.depth > 0 { // there are no more joins on the way
					break
				}
				continue
			}
			if e.top(a); e.pays() && (best == nil || e.after*best.before < best.after*e.before) {
				best = e
			}
		}
		if best == nil {
			return n
		}
		return combineStates(a, best.below)
	})
}

// joinBelow tells whether there is a join below projections and filters.
func joinBelow(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Join:
		return true
	case *logical.Project:
		return joinBelow(n.Input)
	case *logical.Filter:
		return joinBelow(n.Input)
	}
	return false
}

// eagerly are the aggregates whose states are small and come out the same in any
// order of the rows.
var eagerly = map[string]bool{
	"count": true, "sum": true, "avg": true, "min": true, "max": true,
	"bool_and": true, "bool_or": true, "every": true, "bit_and": true, "bit_or": true, "bit_xor": true,
}

// eager tells whether the states of all aggregates may be combined above a join.
func (o *optimizer) eager(a *logical.Aggregate) bool {
	if !mergeable(a.Aggs) || combines(a.Aggs) {
		return false
	}
	for _, call := range a.Aggs {
		if !eagerly[call.Func] || fallibleAggregate(call) && steady[call.Func] || sumsUp(call.Func) && slices.ContainsFunc(call.Args, isInexact) {
			return false
		}
		f, err := o.p.Registry.FindAggregate(call.Func, typesOf(call.Args))
		if err != nil || f.User {
			return false
		}
	}
	return true
}

// eagerAggregation is one way of grouping early: below so many joins.
type eagerAggregation struct {
	*optimizer
	depth int          // joins that are still to be passed
	below logical.Node // what push gave

	rows, groups  float64 // that are grouped early, and that this leaves
	table         float64 // groups that a task has at most
	before, after float64 // costs without and with it (eager_cost.go)
}

// push is n grouped early: its columns are keys, then the states of calls, both of
// which are over n. nil: that cannot be.
func (e *eagerAggregation) push(n logical.Node, keys []expr.Expr, calls []logical.AggCall) logical.Node {
	switch n := n.(type) {
	case *logical.Project:
		for _, x := range n.Exprs {
			if e.volatility(x) == udf.Volatile || e.costly(x) {
				return nil
			}
		}
		over := func(x expr.Expr) expr.Expr { return substitute(x, n.Exprs) }
		return e.push(n.Input, mapAll(keys, over), mapCalls(calls, over))
	case *logical.Filter:
		s := newEagerSide(e, calls, 0, n.Schema().NumFields())
		if e.volatility(n.Predicate) == udf.Volatile || s.mayFail {
			return nil
		}
		keys, pred := mapAll(keys, s.whole), s.columns(n.Predicate)
		in := s.grouped(n.Input, e.push)
		if in == nil {
			return nil
		}
		return s.over(&logical.Filter{Input: in, Predicate: s.settled(pred)}, mapAll(keys, s.settled))
	case *logical.Join:
		return e.pushJoin(n, keys, calls)
	}
	return nil
}

// pushJoin groups the side that the aggregates are over; where they are over none,
// the one with more rows.
func (e *eagerAggregation) pushJoin(n *logical.Join, keys []expr.Expr, calls []logical.AggCall) logical.Node {
	width := n.Left.Schema().NumFields()
	var left, right bool
	for _, c := range calls {
		for _, x := range append(slices.Clone(c.Args), c.Filter) {
			if x != nil {
				l, r := sides(x, width)
				left, right = left || l, right || r
			}
		}
	}
	keepsRight := n.Kind == logical.Inner || n.Kind == logical.RightOuter
	onRight := right || !left && keepsRight && (n.Kind == logical.RightOuter || e.estimate.rows(n.Right) > e.estimate.rows(n.Left))
	keepsAll := n.Kind == logical.LeftOuter || n.Kind == logical.RightOuter || n.Kind == logical.Mark
	s := newEagerSide(e, calls, 0, width)
	child := n.Left
	if onRight {
		s = newEagerSide(e, calls, width, width+n.Right.Schema().NumFields())
		child = n.Right
	}
	switch {
	case left && right, onRight && !keepsRight, !onRight && (n.Kind == logical.RightOuter || n.Kind == logical.FullOuter):
		return nil
	case s.mayFail && !keepsAll, n.On != nil && e.volatility(n.On) == udf.Volatile:
		return nil
	}
	keys = mapAll(keys, s.whole)
	out := *n
	if onRight {
		out.RightKeys = mapAll(n.RightKeys, s.key)
	} else {
		out.LeftKeys = mapAll(n.LeftKeys, s.key)
	}
	if n.On != nil {
		out.On = s.columns(n.On)
	}
	e.depth--
	place := e.push
	if e.depth == 0 {
		place = e.place
	}
	in := s.grouped(child, place)
	if in == nil {
		return nil
	}
	inputs := []logical.Node{in, n.Right}
	if onRight {
		inputs = []logical.Node{n.Left, in}
	}
	out.On = s.settled(out.On)
	out.Rows = n.Rows * e.share()
	e.joined(n, onRight)
	return s.over(out.WithInputs(inputs), mapAll(keys, s.settled))
}

// place groups n here.
func (e *eagerAggregation) place(n logical.Node, keys []expr.Expr, calls []logical.AggCall) logical.Node {
	titles := make([]string, len(keys))
	for i, k := range keys {
		if expr.HasColumns(k) && e.estimate.expression(k, n).distinct <= 0 {
			return nil // nothing is known of how many groups there are
		}
		titles[i] = title(k)
	}
	out := logical.NewPartialAggregate(n, keys, titles, slices.Clone(calls))
	e.rows, e.groups, e.table = e.estimate.rows(n), e.estimate.rows(out), e.estimate.groups(keys, n)
	return out
}

// combineStates is a over below, whose columns are a's keys, then the states of its
// aggregates.
func combineStates(a *logical.Aggregate, below logical.Node) logical.Node {
	columns := columnsOf(below)
	aggs := slices.Clone(a.Aggs)
	at := len(a.Keys)
	for i, call := range aggs {
		aggs[i].Combines = append([]arrow.DataType{}, typesOf(call.Args)...)
		aggs[i].Args, aggs[i].Filter = columns[at:at+len(call.State)], nil
		at += len(call.State)
	}
	out := logical.NewAggregate(below, columns[:len(a.Keys)], names(a)[:len(a.Keys)], aggs)
	out.Always = a.Always
	return out
}

// groupable tells whether values of a type are equal only if nothing can tell them
// apart, so that one stands for all of a group.
func groupable(t arrow.DataType) bool { return identified(t) || sqltype.Equal(t, sqltype.Bool) }

func asColumn(e expr.Expr) *expr.Column { c, _ := e.(*expr.Column); return c }

func mapAll(es []expr.Expr, f func(expr.Expr) expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = f(e)
	}
	return out
}

func mapCalls(calls []logical.AggCall, f func(expr.Expr) expr.Expr) []logical.AggCall {
	out := slices.Clone(calls)
	for i, c := range out {
		out[i].Args = mapAll(c.Args, f)
		if c.Filter != nil {
			out[i].Filter = f(c.Filter)
		}
	}
	return out
}
