package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
)

// inline gives the results of a subquery without FROM, which are expressions
// over the block itself: (SELECT a + 1 WHERE a > 0) is CASE WHEN a > 0 THEN a +
// 1 END.
func (j *attaching) inline() ([]expr.Expr, bool) {
	exprs, conds, ok := singleRow(j.attachment.node)
	if ok && !computesOnce(j.attachment.node) && j.volatilePlan(j.attachment.node) {
		return nil, false
	}
	if !ok || len(j.outer) == 0 && len(j.guards) == 0 && slices.ContainsFunc(exprs, func(e expr.Expr) bool { return !isLeaf(e) }) {
		return nil, false // what does not depend on the block is computed once
	}
	out := j.frame.replaceAll(exprs, j.outer, 0)
	if len(conds) == 0 {
		return out, true
	}
	cond := j.frame.replace(expr.And(conds), j.outer, 0)
	for i, e := range out {
		out[i] = &expr.Case{Whens: []expr.When{{Cond: cond, Then: e}}, Else: nullOf(e.DataType()), Type: e.DataType()}
	}
	return out, true
}

// computesOnce tells whether a plan of a single row has no expression that
// another one uses.
func computesOnce(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Values:
		return true
	case *logical.Project:
		v, ok := n.Input.(*logical.Values)
		return ok && v.Out.NumFields() == 0
	}
	return false
}

// singleRow gives the columns of a plan that reads nothing and has one row, if
// the conditions hold.
func singleRow(n logical.Node) (exprs, conds []expr.Expr, ok bool) {
	switch n := n.(type) {
	case *logical.Values:
		if len(n.Rows) != 1 {
			return nil, nil, false
		}
		return n.Rows[0], nil, true
	case *logical.Sort:
		return singleRow(n.Input)
	case *logical.Filter:
		if exprs, conds, ok = singleRow(n.Input); ok {
			conds = append(conds, overExprs(n.Predicate, exprs))
		}
		return exprs, conds, ok
	case *logical.Project:
		if exprs, conds, ok = singleRow(n.Input); ok {
			out := make([]expr.Expr, len(n.Exprs))
			for i, e := range n.Exprs {
				out[i] = overExprs(e, exprs)
			}
			exprs = out
		}
		return exprs, conds, ok
	}
	return nil, nil, false
}
