package planner

import (
	"math"

	"volley/planner/expr"
	"volley/planner/logical"
)

// pushLimits tells scans below a constant LIMIT how many rows they need give at
// most, through projections and unions. The left side of a left or mark join gives
// each of its rows at least once, so it gets a limit of its own; with an order by
// its columns that is its first rows.
func pushLimits(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		l, ok := n.(*logical.Limit)
		if !ok || len(l.Ties) > 0 { // rows that tie are wanted beyond the count
			return n
		}
		count, ok := constantCount(l.Count)
		if !ok || count < 0 {
			return n
		}
		if l.Offset != nil {
			offset, ok := constantCount(l.Offset)
			if !ok || offset < 0 || count > math.MaxInt64-offset {
				return n
			}
			count += offset
		}
		return l.WithInputs([]logical.Node{limited(l.Input, count)})
	})
}

// maxPushedRows is how many rows of a join's left side are worth being brought to
// one place before the join.
const maxPushedRows = 10_000

// firstRows is n of which only the first count rows in an order are wanted.
func firstRows(n logical.Node, keys []logical.SortKey, count int64) logical.Node {
	switch n := n.(type) {
	case *logical.Project:
		below := make([]logical.SortKey, len(keys))
		for i, k := range keys {
			below[i] = logical.SortKey{Expr: substitute(k.Expr, n.Exprs), Desc: k.Desc, NullsFirst: k.NullsFirst}
			if _, column := below[i].Expr.(*expr.Column); !column {
				return n
			}
		}
		return n.WithInputs([]logical.Node{firstRows(n.Input, below, count)})
	case *logical.Join:
		width := n.Left.Schema().NumFields()
		for _, k := range keys {
			if _, right := sides(k.Expr, width); right || !isLeaf(k.Expr) {
				return n
			}
		}
		if !keepsLeft(n) || count > maxPushedRows {
			return n
		}
		first := firstRows(n.Left, keys, count)
		first = &logical.Limit{Input: &logical.Sort{Input: first, Keys: keys}, Count: int64Literal(count)}
		return n.WithInputs([]logical.Node{first, n.Right})
	}
	return n
}

// keepsLeft tells whether each row of the left side is in the result.
func keepsLeft(n *logical.Join) bool { return n.Kind == logical.LeftOuter || n.Kind == logical.Mark }

// limited is n of which only the first count rows are wanted.
func limited(n logical.Node, count int64) logical.Node {
	switch n := n.(type) {
	case *logical.Project:
		return n.WithInputs([]logical.Node{limited(n.Input, count)})
	case *logical.Union:
		parts := make([]logical.Node, len(n.Parts))
		for i, p := range n.Parts {
			parts[i] = limited(p, count)
		}
		return n.WithInputs(parts)
	case *logical.Sort:
		return n.WithInputs([]logical.Node{firstRows(n.Input, n.Keys, count)})
	case *logical.Join:
		if !keepsLeft(n) || count == 0 || count > maxPushedRows {
			return n
		}
		left := limited(n.Left, count)
		return n.WithInputs([]logical.Node{&logical.Limit{Input: left, Count: int64Literal(count)}, n.Right})
	case *logical.Scan:
		if n.Filter != nil || count == 0 || n.Limit > 0 && n.Limit <= count {
			return n
		}
		c := *n
		c.Limit = count
		return &c
	}
	return n
}
