package planner

import (
	"cmp"
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// pushFilters moves the conjuncts of filters towards the scans.
func pushFilters(o *optimizer, n logical.Node) logical.Node { return (&filterPusher{o}).push(n, nil) }

type filterPusher struct{ *optimizer }

// push gives n with preds, conjuncts over its output, applied in it or above.
func (f *filterPusher) push(n logical.Node, preds []expr.Expr) logical.Node {
	if f.stopped() {
		return n
	}
	switch n := n.(type) {
	case *logical.Filter:
		return f.pushFilter(n, preds)
	case *logical.Project:
		return f.pushProject(n, preds)
	case *logical.Join:
		return f.pushJoin(n, preds)
	case *logical.Aggregate:
		return f.pushAggregate(n, preds)
	case *logical.Union:
		parts := make([]logical.Node, len(n.Parts))
		for i, p := range n.Parts {
			parts[i] = f.push(p, preds)
		}
		return n.WithInputs(parts)
	case *logical.Window:
		return f.pushWindow(n, preds)
	case *logical.ProjectSet:
		return f.pushProjectSet(n, preds)
	case *logical.Sort:
		return n.WithInputs([]logical.Node{f.push(n.Input, preds)})
	case *logical.Scan:
		if len(preds) == 0 {
			return n
		}
		c := *n
		c.Filter = expr.And(f.byCost(append(expr.Conjuncts(n.Filter), preds...)))
		return &c
	}
	in := n.Inputs()
	out := make([]logical.Node, len(in))
	for i, c := range in {
		out[i] = f.push(c, nil)
	}
	if len(in) > 0 {
		n = n.WithInputs(out)
	}
	return f.above(n, preds)
}

// above applies what could not be pushed.
func (f *filterPusher) above(n logical.Node, preds []expr.Expr) logical.Node {
	if len(preds) == 0 {
		return n
	}
	return &logical.Filter{Input: n, Predicate: expr.And(f.byCost(preds))}
}

// byCost puts expensive conjuncts last, by the costs that their functions declare;
// the others keep their order, on which a test that guards another one may depend.
func (f *filterPusher) byCost(preds []expr.Expr) []expr.Expr {
	costs := map[expr.Expr]float64{}
	for _, p := range preds {
		if c := f.cost(p); c > 0 {
			costs[p] = c
		}
	}
	if len(costs) == 0 {
		return preds
	}
	preds = slices.Clone(preds)
	slices.SortStableFunc(preds, func(a, b expr.Expr) int { return cmp.Compare(costs[a], costs[b]) })
	return preds
}

// pushFilter merges a filter with what comes from above. Volatile conjuncts
// stay where they were written.
func (f *filterPusher) pushFilter(n *logical.Filter, preds []expr.Expr) logical.Node {
	var fixed, free []expr.Expr
	for _, p := range expr.Conjuncts(n.Predicate) {
		if v, known := truth(p); known && v {
			continue
		}
		if f.volatility(p) == udf.Volatile {
			fixed = append(fixed, p)
		} else {
			free = append(free, p)
		}
	}
	if len(fixed) > 0 {
		return f.above(f.above(f.push(n.Input, free), fixed), preds)
	}
	return f.push(n.Input, append(free, preds...))
}

// pushProject replaces columns by what computes them, unless that is expensive
// or volatile and would be computed twice.
func (f *filterPusher) pushProject(n *logical.Project, preds []expr.Expr) logical.Node {
	var below, above []expr.Expr
	for _, p := range preds {
		movable := true
		expr.EachColumn(p, func(c *expr.Column) {
			e := n.Exprs[c.Index]
			movable = movable && (isLeaf(e) || !f.costly(e) && f.volatility(e) < udf.Volatile)
		})
		if movable {
			below = append(below, substitute(p, n.Exprs))
		} else {
			above = append(above, p)
		}
	}
	return f.above(n.WithInputs([]logical.Node{f.push(n.Input, below)}), above)
}

func isLeaf(e expr.Expr) bool {
	switch e.(type) {
	case *expr.Column, *expr.Literal, *expr.Param:
		return true
	}
	return false
}

// substitute replaces column i by exprs[i].
func substitute(e expr.Expr, exprs []expr.Expr) expr.Expr {
	return expr.MapColumns(e, func(c *expr.Column) expr.Expr { return exprs[c.Index] })
}

// pushAggregate moves conjuncts over grouping keys below the grouping.
func (f *filterPusher) pushAggregate(n *logical.Aggregate, preds []expr.Expr) logical.Node {
	var below, above []expr.Expr
	for _, p := range preds {
		onKeys, some := true, false
		expr.EachColumn(p, func(c *expr.Column) {
			some = true
			onKeys = onKeys && len(n.Always) == 0 && c.Index < len(n.Keys) && f.volatility(n.Keys[c.Index]) < udf.Volatile && !f.costly(n.Keys[c.Index])
		})
		if onKeys && some {
			below = append(below, substitute(p, n.Keys))
		} else {
			above = append(above, p)
		}
	}
	return f.above(n.WithInputs([]logical.Node{f.push(n.Input, below)}), above)
}
