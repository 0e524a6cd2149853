package planner

import (
	"slices"

	"volley/planner/expr"
)

// withDependents adds to grouping keys the columns in exprs that depend on them:
// those of a table whose primary key is among the keys. They may be used as if
// the query grouped by them, and then it does.
func (s *block) withDependents(keys []expr.Expr, exprs []expr.Expr) []expr.Expr {
	given := len(keys)
	var visit func(expr.Expr)
	visit = func(e expr.Expr) {
		if contains(keys, e) {
			return
		}
		if c, ok := e.(*expr.Column); ok {
			if isSubquery(c) {
				for _, outer := range s.slots[c.Index-subqueryBase].of.frame.outerExprs() {
					visit(outer)
				}
				return
			}
			if sets := s.determined(c, keys[:given]); c.Index < aggregateBase && sets != nil {
				for _, i := range sets {
					s.sets[i] = append(slices.Clone(s.sets[i]), len(keys))
				}
				keys = append(slices.Clone(keys), c)
			}
			return
		}
		for _, child := range e.Children() {
			visit(child)
		}
	}
	for _, e := range exprs {
		if e != nil {
			visit(e)
		}
	}
	return keys
}

// groupedExprs are the expressions evaluated over the groups.
func (s *block) groupedExprs(targets []target, others ...expr.Expr) []expr.Expr {
	for _, t := range targets {
		others = append(others, t.expr)
	}
	for _, call := range s.windows.calls {
		others = append(append(append(others, call.Args...), call.Filter), call.over.partition...)
		for _, k := range call.over.order {
			others = append(others, k.Expr)
		}
	}
	return others
}

// determined gives the numbers of the grouping sets, not nil, by which a column
// is determined, when that is all of them that have any of its table's key.
func (s *block) determined(c *expr.Column, keys []expr.Expr) []int {
	at := slices.IndexFunc(s.scope.columns, func(k column) bool { return k.index == c.Index && k.table != "" })
	if at < 0 {
		return nil
	}
	of := s.scope.columns[at]
	var primary []int // ordinals in keys
	for _, k := range s.scope.columns {
		if k.keyWidth == 0 || k.table != of.table || k.schema != of.schema {
			continue
		}
		i := slices.IndexFunc(keys, func(e expr.Expr) bool {
			col, ok := e.(*expr.Column)
			return ok && col.Index == k.index
		})
		if i < 0 {
			return nil
		}
		primary = append(primary, i)
		if len(primary) == k.keyWidth {
			return s.setsWith(primary)
		}
	}
	return nil
}

// setsWith are the numbers of the grouping sets, all of which must have these
// keys; empty without grouping sets.
func (s *block) setsWith(keys []int) []int {
	out := make([]int, 0, len(s.sets))
	for i, set := range s.sets {
		for _, k := range keys {
			if !slices.Contains(set, k) {
				return nil
			}
		}
		out = append(out, i)
	}
	return out
}
