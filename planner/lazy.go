package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// PostgreSQL evaluates a subquery when a row first needs its value; here it is
// joined to the block, and evaluated in any case. That shows only when it fails.
// Where a part of an expression may not be reached, the subquery gets a domain of
// the rows that do reach it, if it is known to be fallible. Otherwise the query is
// bound in the hope that nothing fails which no row needs. If something does, it
// is bound again by Bound.Lazy: then every subquery that may fail has a domain.

// lazyGuards are the conditions for the rows for which a subquery is evaluated;
// empty: it does not matter for which. guards say which rows reach it.
func (s *block) lazyGuards(a *attachment, guards []expr.Expr) []expr.Expr {
	if len(guards) == 0 && (s.once || rowBound(s.node) == exactlyOne) {
		return nil
	}
	fallible := s.fallible(a.node)
	if !s.opts.Lazy && (len(guards) == 0 || !fallible) {
		s.eager = true
		return nil
	}
	if !fallible {
		return nil
	}
	if guards = s.repeatable(guards); len(guards) == 0 && s.opts.Lazy {
		guards = []expr.Expr{boolLiteral(true)}
	}
	return guards
}

// ofRows tells whether a condition depends on the rows of the block. PostgreSQL
// evaluates one that does not before it reads any.
func (s *block) ofRows(e expr.Expr) bool {
	found := false
	expr.EachColumn(e, func(c *expr.Column) {
		if !isSubquery(c) {
			found = found || c.Index < outerBase
			return
		}
		a := s.slots[c.Index-subqueryBase].of
		for _, e := range slices.Concat(a.keys, a.frame.exprs) {
			found = found || s.ofRows(e)
		}
	})
	return found
}

// fallible tells whether computing a plan's rows can end in an error.
func (b *binder) fallible(n logical.Node) bool {
	found := false
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		found = found || b.p.mayFail(e)
		return e
	})
	switch n := n.(type) {
	case *logical.Aggregate:
		found = found || slices.ContainsFunc(n.Aggs, fallibleAggregate)
	case *logical.Window:
		found = found || slices.ContainsFunc(n.Calls, fallibleWindow)
	case *logical.Limit:
		found = found || b.fallibleLimit(n.Count, n.Offset)
	case *logical.LimitBy:
		found = found || b.fallibleLimit(n.Count, n.Offset)
	case *logical.ProjectSet, *logical.Sample:
		return true
	case *logical.CTE:
		return found || b.fallible(n.Shared.Plan)
	}
	for _, c := range n.Inputs() {
		found = found || b.fallible(c)
	}
	return found
}

func (b *binder) fallibleLimit(counts ...expr.Expr) bool {
	o := &optimizer{ctx: b.ctx, p: b.p}
	return slices.ContainsFunc(counts, func(e expr.Expr) bool { return e != nil && fallibleCount(o.fold(e)) })
}

// fallibleCount: LIMIT and OFFSET must not be negative.
func fallibleCount(e expr.Expr) bool {
	if e == nil {
		return false
	}
	if l, ok := e.(*expr.Literal); ok && l.Value.IsNull(0) {
		return false
	}
	n, known := constantCount(e)
	return !known || n < 0
}

// steady are aggregates that do not fail but by overflow.
var steady = map[string]bool{
	"count": true, "min": true, "max": true, "sum": true, "avg": true, "first": true,
	"bool_and": true, "bool_or": true, "every": true,
}

// fallibleAggregate: sums of floating-point numbers and intervals overflow soon,
// other ones never in practice.
func fallibleAggregate(a logical.AggCall) bool {
	return !steady[a.Func] || sumsUp(a.Func) && (sqltype.IsFloat(a.Type) || a.Type.ID() == sqltype.Interval.ID())
}

func sumsUp(aggregate string) bool { return aggregate == "sum" || aggregate == "avg" }

// steadyWindow are window functions that do not fail.
var steadyWindow = map[string]bool{
	"row_number": true, "rank": true, "dense_rank": true, "percent_rank": true, "cume_dist": true,
	"lag": true, "lead": true, "first_value": true, "last_value": true,
}

func fallibleWindow(c logical.WindowCall) bool {
	if c.Frame.Start.Offset != nil || c.Frame.End.Offset != nil {
		return true
	}
	if c.Aggregate {
		return fallibleAggregate(logical.AggCall{Func: c.Func, Type: c.Type})
	}
	return !steadyWindow[c.Func]
}

// mayFailOver is mayFail for an expression over the columns of inputs, one after
// the other, where it replaces columns by what computes them.
func (p *Planner) mayFailOver(e expr.Expr, inputs ...logical.Node) bool {
	found := p.mayFail(e)
	expr.EachColumn(e, func(c *expr.Column) {
		i := c.Index
		for _, n := range inputs {
			width := n.Schema().NumFields()
			if i < width {
				found = found || p.fallibleColumn(n, i)
				return
			}
			i -= width
		}
	})
	return found
}

// fallibleColumn tells whether the computing of a column may fail below the place
// where its plan has all of its rows.
func (p *Planner) fallibleColumn(n logical.Node, i int) bool {
	switch n := n.(type) {
	case *logical.Project:
		return p.mayFailOver(n.Exprs[i], n.Input)
	case *logical.Filter:
		return p.fallibleColumn(n.Input, i)
	case *logical.Sort:
		return p.fallibleColumn(n.Input, i)
	case *logical.Window:
		return i < n.Input.Schema().NumFields() && p.fallibleColumn(n.Input, i)
	case *logical.Aggregate:
		return i < len(n.Keys) && p.mayFailOver(n.Keys[i], n.Input)
	case *logical.Join:
		if left := n.Left.Schema().NumFields(); i >= left {
			return n.Kind != logical.Mark && p.fallibleColumn(n.Right, i-left)
		}
		return p.fallibleColumn(n.Left, i)
	case *logical.CTE:
		return p.fallibleColumn(n.Shared.Plan, i)
	case *logical.Union:
		return slices.ContainsFunc(n.Parts, func(part logical.Node) bool { return p.fallibleColumn(part, i) })
	}
	return false
}
