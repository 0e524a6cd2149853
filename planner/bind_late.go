package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// late tells which of the first visible expressions of a select list are computed when
// the rows are in order: those that change the session, such as nextval(), which number
// the rows as the client sees them. nil: none.
func (s *block) late(exprs []expr.Expr, visible int, order []orderKey) []bool {
	late := make([]bool, len(exprs))
	for i, e := range exprs[:visible] {
		late[i] = s.p.ofSession(e, udf.Volatile)
	}
	if !slices.Contains(late, true) {
		return nil
	}
	for _, k := range order {
		late[k.output] = false
	}
	return late
}

// sortedFirst sorts the block's rows, and computes the late expressions above that. It
// gives the visible ones.
func (s *block) sortedFirst(exprs []expr.Expr, names []string, visible int, order []orderKey, late []bool) logical.Node {
	list := newLateList(exprs, names, late)
	keys := make([]orderKey, len(order))
	for i, k := range order {
		k.output = list.at[k.output]
		keys[i] = k
	}
	node := sorted(list.first(s.node), keys)
	return logical.NewProject(node, list.second(node)[:visible], names[:visible])
}
