package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// groupBeforeSets groups rows before they are expanded to grouping sets: by what all
// sets have for keys together. Then only the groups come once for every set, and the
// coarser sets combine the states of the finer groups:
//
//	Aggregate by a, b, set compute sum(x)     Aggregate by a, b, set combine sums
//	  Expand: a, b, 1; a, NULL, 2; …     →      Expand: a, b, 1; a, NULL, 2; …
//	    t                                         PartialAggregate by a, b compute sum(x)
//	                                                t
//
// The states that this makes must be few, since no task combines its own again. Sums of
// floating-point numbers depend on the order of the rows, so they are left alone.
func groupBeforeSets(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		a, ok := n.(*logical.Aggregate)
		if !ok {
			return n
		}
		x, ok := a.Input.(*logical.Expand)
		if !ok || len(x.Sets) < 2 || !o.eager(a) {
			return n
		}
		if below := o.groupedSets(a, x); below != nil {
			return combineStates(a, below)
		}
		return n
	})
}

// groupedSets is the expansion of groups of x's input: the keys of a, then the states of
// its aggregates. nil: that cannot be, or is not worth it.
func (o *optimizer) groupedSets(a *logical.Aggregate, x *logical.Expand) logical.Node {
	if !sameInEverySet(a.Aggs, x) {
		return nil
	}
	calls := mapCalls(a.Aggs, func(e expr.Expr) expr.Expr { return substitute(e, x.Sets[0]) })
	var keys []expr.Expr
	var titles []string
	at := make([][]int, len(x.Sets)) // of each set's keys among keys, −1: it is a constant
	values := make([][]expr.Expr, len(x.Sets))
	for i, set := range x.Sets {
		values[i] = mapAll(a.Keys, func(e expr.Expr) expr.Expr { return substitute(e, set) })
		at[i] = make([]int, len(a.Keys))
		for k, v := range values[i] {
			if o.volatility(v) == udf.Volatile || !groupable(v.DataType()) {
				return nil
			}
			if at[i][k] = -1; !expr.HasColumns(v) {
				continue
			}
			if at[i][k] = slices.IndexFunc(keys, func(key expr.Expr) bool { return expr.Equal(key, v) }); at[i][k] < 0 {
				at[i][k] = len(keys)
				keys, titles = append(keys, v), append(titles, title(v))
			}
		}
	}
	for _, c := range calls {
		if slices.ContainsFunc(append(slices.Clone(c.Args), c.Filter), func(e expr.Expr) bool { return e != nil && o.volatility(e) == udf.Volatile }) {
			return nil
		}
	}
	groups := logical.NewPartialAggregate(x.Input, keys, titles, calls)
	if sets := float64(len(x.Sets)); sets*o.estimate.rows(groups)*eagerRowsPerGroup > o.estimate.rows(x.Input) {
		return nil
	}
	states := columnsOf(groups)[len(keys):]
	sums := make([][]expr.Expr, len(x.Sets))
	for i, row := range values {
		for k := range row {
			if at[i][k] >= 0 {
				row[k] = columnAt(groups, at[i][k])
			}
		}
		sums[i] = append(row, states...)
	}
	named := names(a)[:len(a.Keys)]
	return logical.NewExpand(groups, sums, append(named, names(groups)[len(keys):]...))
}

// sameInEverySet tells whether aggregates are over columns that are the same for all
// rows that a row is expanded to.
func sameInEverySet(calls []logical.AggCall, x *logical.Expand) bool {
	same := true
	see := func(e expr.Expr) {
		expr.EachColumn(e, func(c *expr.Column) {
			for _, set := range x.Sets[1:] {
				same = same && expr.Equal(set[c.Index], x.Sets[0][c.Index])
			}
		})
	}
	for _, c := range calls {
		for _, e := range c.Args {
			see(e)
		}
		if c.Filter != nil {
			see(c.Filter)
		}
	}
	return same
}
