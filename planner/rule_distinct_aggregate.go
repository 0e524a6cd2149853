package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// expandDistinct rewrites an aggregation whose aggregates are all DISTINCT over
// the same arguments:
//
//	Aggregate by K compute f(DISTINCT x)  →  Aggregate by K compute f(x)
//	                                           Aggregate by K, x
func expandDistinct(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		a, ok := n.(*logical.Aggregate)
		if !ok || !sameDistinct(a.Aggs) {
			return n
		}
		args := a.Aggs[0].Args
		for _, e := range append(append([]expr.Expr(nil), a.Keys...), args...) {
			if o.volatility(e) > 0 {
				return n
			}
		}
		inner := append(append([]expr.Expr(nil), a.Keys...), args...)
		names := make([]string, len(inner))
		for i, e := range inner {
			names[i] = e.String()
		}
		distinct := logical.NewAggregate(a.Input, inner, names, nil)
		columns := columnsOf(distinct)
		aggs := make([]logical.AggCall, len(a.Aggs))
		for i, call := range a.Aggs {
			call.Distinct, call.Args = false, columns[len(a.Keys):]
			aggs[i] = call
		}
		out := logical.NewAggregate(distinct, columns[:len(a.Keys)], names[:len(a.Keys)], aggs)
		out.Always = a.Always
		return out
	})
}

func sameDistinct(aggs []logical.AggCall) bool {
	for _, a := range aggs {
		if !a.Distinct || len(a.Args) == 0 || len(a.OrderBy) > 0 || a.Filter != nil || a.Ordered {
			return false
		}
		for i := range a.Args {
			if len(a.Args) != len(aggs[0].Args) || !expr.Equal(a.Args[i], aggs[0].Args[i]) {
				return false
			}
		}
	}
	return len(aggs) > 0
}
