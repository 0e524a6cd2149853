package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// join guesses the rows of a join.
//
//	inner    |L|·|R| / the values of the keys (keyValues), and the share of pairs
//	         for which the rest of the condition is true
//	outer    as many as inner, and each row of a side that is kept
//	semi     the rows of L whose keys R has: of v values of the left table, and w on
//	         the right, min(1, w/v) of them
//	anti     the others
//	mark     L
func (e *estimator) join(n *logical.Join) float64 {
	if n.Rows > 0 && n.Kind == logical.Inner {
		return n.Rows
	}
	l, r := e.rows(n.Left), e.rows(n.Right)
	switch n.Kind {
	case logical.Mark:
		return l
	case logical.Semi:
		return l * e.matched(n)
	case logical.Anti:
		return l * max(1-e.matched(n), smallestAnti)
	}
	inner := l * max(r, 1) / e.keyValues(n) * e.residual(n)
	if len(n.LeftKeys) == 0 {
		inner = l * r * e.residual(n)
	}
	switch n.Kind {
	case logical.LeftOuter:
		return max(inner, l)
	case logical.RightOuter:
		return max(inner, r)
	case logical.FullOuter:
		return max(inner, l, r)
	}
	return inner
}

// residual is the share of pairs with equal keys for which the rest is true.
func (e *estimator) residual(n *logical.Join) float64 {
	if n.On == nil {
		return 1
	}
	return e.selectivity(n.On, pairs{n})
}

// pairs is the rows of both sides of a join side by side.
type pairs struct{ *logical.Join }

// pairColumn is a column of a join's sides, before anything is left out.
func (e *estimator) pairColumn(n *logical.Join, i int) columnGuess {
	if left := n.Left.Schema().NumFields(); i >= left {
		return e.column(n.Right, i-left)
	}
	return e.column(n.Left, i)
}

// keyValues guesses how many values the keys have on the side that has more: the
// other side's are among them. Keys of several columns, of which a side has more
// combinations than rows, are taken to be a key of one side, to which the other
// refers.
func (e *estimator) keyValues(n *logical.Join) float64 {
	left, right, both := 1.0, 1.0, 1.0
	for i := range n.LeftKeys {
		a := e.keyColumn(n.LeftKeys[i], n.Left)
		b := e.keyColumn(n.RightKeys[i], n.Right)
		if a == 0 && b == 0 { // a key of the smaller side
			a = min(e.base(n.Left), e.base(n.Right))
		}
		if a == 0 {
			a = min(b, e.base(n.Left))
		}
		if b == 0 {
			b = min(a, e.base(n.Right))
		}
		left, right, both = left*max(a, 1), right*max(b, 1), both*e.evenValues(n, i, max(a, 1), max(b, 1))
	}
	if len(n.LeftKeys) > 1 {
		return combinedValues(left, right, both, e.keyBase(n.LeftKeys, n.Left), e.keyBase(n.RightKeys, n.Right))
	}
	return both
}

// evenValues is how many equally common values would make key i of both sides, of so
// many values, meet as often as it does. Sides whose common values are the same meet
// more often than by values that are equally common.
func (e *estimator) evenValues(n *logical.Join, i int, a, b float64) float64 {
	l, ok1 := n.LeftKeys[i].(*expr.Column)
	r, ok2 := n.RightKeys[i].(*expr.Column)
	if ok1 && ok2 {
		members := []keyShares{e.keyShares(l.Index, n.Left), e.keyShares(r.Index, n.Right)}
		if s := skewOf(members, []float64{a, b}); s != nil {
			return max(1/max(s.meet([]int{0, 1}), smallest), 1)
		}
	}
	return max(a, b)
}

// combinedValues is how many values keys of several columns have together, of which
// a side has left (right) combinations and its table baseLeft (baseRight) rows.
func combinedValues(left, right, both, baseLeft, baseRight float64) float64 {
	if left <= baseLeft && right <= baseRight {
		return both
	}
	return max(min(left, baseLeft, right, baseRight), 1)
}

// keyBase is the rows of the table that keys are of; those of n where they are of
// none or of several.
func (e *estimator) keyBase(keys []expr.Expr, n logical.Node) float64 {
	var table *logical.Scan
	for _, k := range keys {
		g := e.guessOf(k, n)
		if g.table == nil || table != nil && g.table != table {
			return max(e.rows(n), 1)
		}
		table = g.table
	}
	if table == nil {
		return max(e.rows(n), 1)
	}
	return max(e.table(table), 1)
}

// keyColumn is how many values a key has in its table, whatever was left out of it
// since by conditions on other columns: a value that was left out of one side finds
// none on the other.
func (e *estimator) keyColumn(k expr.Expr, n logical.Node) float64 {
	g := e.guessOf(k, n)
	if c, ok := k.(*expr.Column); ok && g.table != nil {
		if base := e.baseDistinct(n, c.Index); base > 0 {
			return base
		}
	}
	return g.distinct
}

// baseDistinct follows a column to its table.
func (e *estimator) baseDistinct(n logical.Node, i int) float64 {
	switch n := n.(type) {
	case *logical.Scan:
		return e.withinBounds(e.tableColumn(n, i), n.Filter, unfiltered{n}, i)
	case *logical.Filter:
		return e.withinBounds(columnGuess{distinct: e.baseDistinct(n.Input, i)}, n.Predicate, n.Input, i)
	case *logical.Sort:
		return e.baseDistinct(n.Input, i)
	case *logical.Join:
		if n.Kind == logical.Inner || n.Kind == logical.Semi || n.Kind == logical.Anti {
			if left := n.Left.Schema().NumFields(); i >= left {
				return e.baseDistinct(n.Right, i-left)
			}
			return e.baseDistinct(n.Left, i)
		}
	case *logical.Project:
		if c, ok := n.Exprs[i].(*expr.Column); ok {
			return e.baseDistinct(n.Input, c.Index)
		}
	}
	return e.column(n, i).distinct
}

// withinBounds is how many of a key's values a condition on the key itself leaves:
// the other side has the same condition, since the keys are equal.
func (e *estimator) withinBounds(c columnGuess, by expr.Expr, n logical.Node, i int) float64 {
	if by != nil {
		for _, p := range expr.Conjuncts(by) {
			e.given(&c, p, n, i)
		}
	}
	return c.distinct
}

// base is how many rows a node has before its filters.
func (e *estimator) base(n logical.Node) float64 {
	switch x := n.(type) {
	case *logical.Scan:
		return max(e.table(x), 1)
	case *logical.Filter:
		return e.base(x.Input)
	case *logical.Project:
		return e.base(x.Input)
	case *logical.Sort:
		return e.base(x.Input)
	}
	return max(e.rows(n), 1)
}

// matched is the share of left rows that have a partner.
func (e *estimator) matched(n *logical.Join) float64 {
	share := 1.0
	known := len(n.LeftKeys) > 0
	for i := range n.LeftKeys {
		a, values := e.guessOf(n.LeftKeys[i], n.Left), e.keyColumn(n.LeftKeys[i], n.Left)
		b := e.guessOf(n.RightKeys[i], n.Right)
		if values == 0 || b.distinct == 0 {
			known = false
			continue
		}
		share = min(share, (1-a.nulls)*min(1, b.distinct/values))
	}
	if !known {
		share = min(share, defaultSemi)
	}
	if n.On != nil {
		// a row has several partners to choose from
		partners := max(e.rows(n.Right)/max(e.keyValues(n), 1), 1)
		if len(n.LeftKeys) == 0 {
			partners = max(e.rows(n.Right), 1)
		}
		share *= min(1, e.residual(n)*partners)
	}
	return min(max(share, smallest), 1)
}

// joinColumn is a column of a join's output: of its side, of which some rows may
// be left out and others repeated. A key of an inner join has the values that both
// sides have.
func (e *estimator) joinColumn(n *logical.Join, i int) columnGuess {
	left := n.Left.Schema().NumFields()
	side, at, keys, others, otherSide := n.Left, i, n.LeftKeys, n.RightKeys, n.Right
	if i >= left {
		if n.Kind == logical.Mark {
			return columnGuess{distinct: 2}
		}
		side, at, keys, others, otherSide = n.Right, i-left, n.RightKeys, n.LeftKeys, n.Left
	}
	c := e.column(side, at)
	out := e.rows(n)
	switch n.Kind {
	case logical.Semi, logical.Anti:
		c.distinct = valuesLeft(c.distinct, e.rows(side), out)
	case logical.Inner:
		for k := range keys {
			if col, ok := keys[k].(*expr.Column); ok && col.Index == at {
				c.nulls = 0
				if d := e.guessOf(others[k], otherSide).distinct; d > 0 && c.distinct > 0 {
					c.distinct = min(c.distinct, d)
				}
			}
		}
		rows := e.rows(side)
		c.distinct = valuesLeft(c.distinct, rows, min(rows*e.partnered(keys, side, others, otherSide), out))
	}
	c.distinct = min(c.distinct, out)
	return c
}

// partnered is the share of a side's rows that have a partner in an inner join.
func (e *estimator) partnered(keys []expr.Expr, side logical.Node, others []expr.Expr, otherSide logical.Node) float64 {
	share := 1.0
	for i := range keys {
		values, b := e.keyColumn(keys[i], side), e.guessOf(others[i], otherSide)
		if values > 0 && b.distinct > 0 {
			share = min(share, b.distinct/values)
		}
	}
	return share
}
