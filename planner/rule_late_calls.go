package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// rowsPerLate is how many rows there must be for each one that a LIMIT keeps for
// expensive calls to wait for it: they are made in one place then, not by all threads of
// all workers.
const rowsPerLate = 100

// delayCalls computes expensive expressions of the select list for the rows that ORDER BY
// and LIMIT keep, where these are few, instead of for all.
func delayCalls(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		l, ok := n.(*logical.Limit)
		if !ok || len(l.Ties) > 0 || l.Count == nil {
			return n
		}
		above, _ := l.Input.(*logical.Project) // without the hidden columns of ORDER BY
		in := l.Input
		if above != nil {
			in = above.Input
		}
		sort, ok := in.(*logical.Sort)
		if !ok {
			return n
		}
		below, ok := sort.Input.(*logical.Project)
		if !ok || !o.keepsFew(l, sort) {
			return n
		}
		late := o.delayed(below.Exprs, sort.Keys)
		if late == nil {
			return n
		}
		return delay(l, above, sort, below, late)
	})
}

// keepsFew tells whether a LIMIT keeps few of the rows that are sorted.
func (o *optimizer) keepsFew(l *logical.Limit, sort *logical.Sort) bool {
	count, ok := constantCount(l.Count)
	if !ok {
		return false
	}
	var offset int64
	if l.Offset != nil {
		if offset, ok = constantCount(l.Offset); !ok {
			return false
		}
	}
	// as floats: the sum of two counts may be no bigint
	return (float64(count)+float64(offset))*rowsPerLate <= o.estimate.rows(sort)
}

// delayed tells which expressions are expensive, the same at any time, and no keys of the
// order; nil: none.
func (o *optimizer) delayed(exprs []expr.Expr, keys []logical.SortKey) []bool {
	late := make([]bool, len(exprs))
	for i, e := range exprs {
		late[i] = o.costly(e) && o.volatility(e) < udf.Volatile
	}
	for _, k := range keys {
		expr.EachColumn(k.Expr, func(c *expr.Column) { late[c.Index] = false })
	}
	if !slices.Contains(late, true) {
		return nil
	}
	return late
}

// delay is l over above over sort over below, with the late expressions of below computed
// last. above may be nil.
func delay(l *logical.Limit, above *logical.Project, sort *logical.Sort, below *logical.Project, late []bool) logical.Node {
	list := newLateList(below.Exprs, names(below), late)
	early := list.first(below.Input)
	columns, keys := columnsOf(early), make([]logical.SortKey, len(sort.Keys))
	for i, k := range sort.Keys {
		k.Expr = expr.MapColumns(k.Expr, func(c *expr.Column) expr.Expr { return columns[list.at[c.Index]] })
		keys[i] = k
	}
	kept := l.WithInputs([]logical.Node{&logical.Sort{Input: early, Keys: keys}})
	out := list.second(kept)
	if above == nil {
		return logical.NewProject(kept, out, names(below))
	}
	visible := make([]expr.Expr, len(above.Exprs))
	for i, e := range above.Exprs {
		visible[i] = substitute(e, out)
	}
	return logical.NewProject(kept, visible, names(above))
}
