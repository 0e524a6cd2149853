package planner

import (
	"math"

	"volley/catalog/statistics"
	"volley/planner/expr"
	"volley/planner/logical"
)

// aggregateColumn guesses how many values an aggregate's results have: counts lie
// around the rows of a group, the least and the greatest value are among the
// values, and sums differ from group to group.
func (e *estimator) aggregateColumn(n *logical.Aggregate, i int) columnGuess {
	groups := e.rows(n)
	a := n.Aggs[i-len(n.Keys)]
	switch a.Func {
	case "count":
		perGroup := e.rows(n.Input) / max(groups, 1)
		return columnGuess{distinct: min(groups, perGroup+6*math.Sqrt(perGroup)+2)}
	case "bool_and", "bool_or", "every":
		return columnGuess{distinct: min(groups, 2)}
	case "min", "max":
		if len(a.Args) == 1 {
			if g := e.expression(a.Args[0], n.Input); g.distinct > 0 {
				return columnGuess{distinct: min(groups, g.distinct)}
			}
		}
	}
	return columnGuess{distinct: groups}
}

// onAggregate guesses about sum(x), count(*) or avg(x), column i of groups,
// compared with a number. Groups have k rows on average, about as many as a
// Poisson distribution gives, so that a count has mean and variance k, and a sum
// k·m and k·(m² + s²), for values of mean m and variance s²; both are taken to be
// distributed normally.
func (e *estimator) onAggregate(op string, i int, n logical.Node, bound float64) (float64, bool) {
	agg, i := aggregateBelow(n, i)
	if agg == nil || len(agg.Keys) == 0 || op == "=" || op == "<>" {
		return 0, false
	}
	groups := max(e.rows(agg), 1)
	k := max(e.rows(agg.Input)/groups, 1)
	a := agg.Aggs[i-len(agg.Keys)]
	if a.Combines != nil { // rows of the input are groups of the rows that count
		return 0, false
	}
	mean, variance := 1.0, 0.0
	if a.Func != "count" {
		var ok bool
		if mean, variance, ok = e.moments(a, agg.Input); !ok {
			return 0, false
		}
	}
	switch a.Func {
	case "count", "sum":
		variance, mean = k*(mean*mean+variance), k*mean
	case "avg":
		variance /= k
	default:
		return 0, false
	}
	if variance <= 0 {
		return 0, false
	}
	below := 0.5 * math.Erfc((mean-bound)/math.Sqrt(2*variance))
	if op[0] == '>' {
		below = 1 - below
	}
	return max(below, 1/groups), true
}

// aggregateBelow follows a column to the aggregate that gives it.
func aggregateBelow(n logical.Node, i int) (*logical.Aggregate, int) {
	for {
		switch x := n.(type) {
		case *logical.Aggregate:
			if i < len(x.Keys) || len(x.Aggs[i-len(x.Keys)].Args) > 1 {
				return nil, 0
			}
			return x, i
		case *logical.Project:
			c, ok := uncast(x.Exprs[i]).(*expr.Column)
			if !ok {
				return nil, 0
			}
			n, i = x.Input, c.Index
		case *logical.Filter:
			n = x.Input
		default:
			return nil, 0
		}
	}
}

// moments are the mean and the variance of an aggregate's argument, a column.
func (e *estimator) moments(a logical.AggCall, n logical.Node) (mean, variance float64, ok bool) {
	if len(a.Args) != 1 {
		return 0, 0, false
	}
	s := e.expression(uncast(a.Args[0]), n).stats
	if s == nil || s.Min == nil || s.Max == nil {
		return 0, 0, false
	}
	var sum, squares, weight float64
	add := func(p statistics.Point, share float64) {
		weight += share
		sum += share * p.Real()
		squares += share * p.Real() * p.Real()
	}
	rest := 1.0
	for i, share := range s.CommonShares {
		if p, ok := statistics.PointOf(s.Common, i); ok {
			add(p, share)
			rest -= share
		}
	}
	if s.Bounds != nil && rest > 0 {
		for i := range s.Bounds.Len() {
			if p, ok := statistics.PointOf(s.Bounds, i); ok {
				add(p, rest/float64(s.Bounds.Len()))
			}
		}
	}
	if weight == 0 { // evenly between the least and the greatest
		lo, _ := statistics.PointOf(s.Min, 0)
		hi, _ := statistics.PointOf(s.Max, 0)
		width := hi.Real() - lo.Real()
		return (lo.Real() + hi.Real()) / 2, width * width / 12, true
	}
	mean = sum / weight
	return mean, max(squares/weight-mean*mean, 0), true
}
