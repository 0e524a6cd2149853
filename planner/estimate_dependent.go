package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// almostUnique is how many values per row a column has that is taken to be a key:
// counts from samples are not exact.
const almostUnique = 0.9

// tableColumn is a column of a table in a plan.
type tableColumn struct {
	table  *logical.Scan
	column int
}

// determinedTables are the tables below n of which the other keys decide the row:
// a join makes a column that is unique in the table equal to one of another table
// that is decided, or of a grouping key. GROUP BY l_orderkey, o_orderdate with
// l_orderkey = o_orderkey has as many groups as there are orders. Of tables that
// decide each other the first key's counts.
func (e *estimator) determinedTables(keys []expr.Expr, n logical.Node) map[*logical.Scan]bool {
	if len(keys) < 2 {
		return nil
	}
	var pairs [][2]tableColumn
	e.equalColumnsBelow(n, &pairs)
	if len(pairs) == 0 {
		return nil
	}
	out := map[*logical.Scan]bool{}
	for _, k := range keys {
		c, ok := k.(*expr.Column)
		if !ok {
			continue
		}
		at, ok := e.origin(n, c.Index)
		if !ok || out[at.table] {
			continue
		}
		e.spread(at, pairs, out)
	}
	return out
}

// spread notes which tables a grouping key decides. Its own table is decided when
// it is unique there, and then counts through this key alone.
func (e *estimator) spread(key tableColumn, pairs [][2]tableColumn, out map[*logical.Scan]bool) {
	whole := map[*logical.Scan]bool{key.table: e.unique(key)}
	decided := func(c tableColumn) bool { return c == key || whole[c.table] }
	for changed := true; changed; {
		changed = false
		for _, p := range pairs {
			for i := range 2 {
				from, to := p[i], p[1-i]
				if decided(from) && !decided(to) && to.table != key.table && e.unique(to) {
					whole[to.table], out[to.table] = true, true
					changed = true
				}
			}
		}
	}
}

// unique tells whether a table's column has about as many values as it has rows.
func (e *estimator) unique(c tableColumn) bool {
	return e.tableColumn(c.table, c.column).distinct >= almostUnique*e.table(c.table)
}

// equalColumnsBelow collects the columns that inner joins make equal.
func (e *estimator) equalColumnsBelow(n logical.Node, pairs *[][2]tableColumn) {
	switch x := n.(type) {
	case *logical.Join:
		e.equalColumnsBelow(x.Left, pairs)
		if x.Kind == logical.Semi || x.Kind == logical.Anti || x.Kind == logical.Mark {
			return
		}
		e.equalColumnsBelow(x.Right, pairs)
		for i := range x.LeftKeys {
			l, ok1 := x.LeftKeys[i].(*expr.Column)
			r, ok2 := x.RightKeys[i].(*expr.Column)
			if !ok1 || !ok2 {
				continue
			}
			a, ok1 := e.origin(x.Left, l.Index)
			b, ok2 := e.origin(x.Right, r.Index)
			if ok1 && ok2 {
				*pairs = append(*pairs, [2]tableColumn{a, b})
			}
		}
	case *logical.Filter, *logical.Project, *logical.Sort:
		e.equalColumnsBelow(n.Inputs()[0], pairs)
	}
}

// origin follows a column to its table.
func (e *estimator) origin(n logical.Node, i int) (tableColumn, bool) {
	switch x := n.(type) {
	case *logical.Scan:
		return tableColumn{x, i}, true
	case *logical.Filter:
		return e.origin(x.Input, i)
	case *logical.Sort:
		return e.origin(x.Input, i)
	case *logical.Project:
		if c, ok := x.Exprs[i].(*expr.Column); ok {
			return e.origin(x.Input, c.Index)
		}
	case *logical.Join:
		if left := x.Left.Schema().NumFields(); i < left {
			return e.origin(x.Left, i)
		} else if i-left < x.Right.Schema().NumFields() {
			return e.origin(x.Right, i-left)
		}
	}
	return tableColumn{}, false
}
