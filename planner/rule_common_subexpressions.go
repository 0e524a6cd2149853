package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// shareSubexpressions computes once, in a projection below, what several
// expressions of a projection or grouping have in common: a * (1 - b) of
// sum(a * (1 - b)), sum(a * (1 - b) * c). Only what is evaluated for each row
// anyway goes there, so that nothing fails for rows that would not reach it.
func shareSubexpressions(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		s := &subexpressions{optimizer: o}
		switch n := n.(type) {
		case *logical.Project:
			for _, e := range n.Exprs {
				s.visit(e, true)
			}
			if s.choose() {
				return s.over(n, n.Input)
			}
		case *logical.Aggregate:
			s.visitGrouping(n.Keys, n.Aggs)
			if s.choose() {
				return s.over(n, n.Input)
			}
		case *logical.PartialAggregate:
			s.visitGrouping(n.Keys, n.Aggs)
			if s.choose() {
				return s.over(n, n.Input)
			}
		}
		return n
	})
}

// maxShared bounds what is compared pair by pair.
const maxShared = 200

type subexpressions struct {
	*optimizer
	found  []occurrence
	shared []expr.Expr
}

// occurrence is an expression, how often it occurs, and whether it is evaluated
// for each row at one of its places.
type occurrence struct {
	e      expr.Expr
	times  int
	always bool
}

func (s *subexpressions) visitGrouping(keys []expr.Expr, aggs []logical.AggCall) {
	for _, k := range keys {
		s.visit(k, true)
	}
	for _, a := range aggs {
		for _, e := range a.Args {
			s.visit(e, a.Filter == nil)
		}
		if a.Filter != nil {
			s.visit(a.Filter, true)
		}
	}
}

// visit notes the parts of an expression; always: it is evaluated for each row.
func (s *subexpressions) visit(e expr.Expr, always bool) {
	if isLeaf(e) || len(s.found) > maxShared {
		return
	}
	if _, call := e.(*expr.Call); call && expr.HasColumns(e) {
		s.note(e, always)
	}
	switch e := e.(type) {
	case *expr.In:
		s.visit(e.Arg, always)
	case *expr.Case, *expr.Logic, *expr.Coalesce: // the first operand alone is always evaluated
		for i, c := range e.Children() {
			s.visit(c, always && i == 0)
		}
	default:
		for _, c := range e.Children() {
			s.visit(c, always)
		}
	}
}

func (s *subexpressions) note(e expr.Expr, always bool) {
	for i := range s.found {
		if f := &s.found[i]; expr.Equal(f.e, e) {
			f.times, f.always = f.times+1, f.always || always
			return
		}
	}
	s.found = append(s.found, occurrence{e, 1, always})
}

// choose takes what occurs several times and is not volatile.
func (s *subexpressions) choose() bool {
	if len(s.found) > maxShared {
		return false
	}
	for _, f := range s.found {
		if f.times > 1 && f.always && s.volatility(f.e) != udf.Volatile && !s.within(f) {
			s.shared = append(s.shared, f.e)
		}
	}
	return len(s.shared) > 0
}

// within tells whether all places of an expression are in one that is shared,
// which is noted before its parts.
func (s *subexpressions) within(f occurrence) bool {
	for _, outer := range s.found {
		if outer.times == f.times && among(s.shared, outer.e) && contained(outer.e, f.e) {
			return true
		}
	}
	return false
}

// contained tells whether part is a part of e.
func contained(e, part expr.Expr) bool {
	found := false
	expr.Walk(e, func(x expr.Expr) bool {
		found = found || x != e && expr.Equal(x, part)
		return !found
	})
	return found
}

// over is n with columns for what is shared, over a projection that computes it
// beside the columns that n still needs.
func (s *subexpressions) over(n logical.Node, input logical.Node) logical.Node {
	all, titles := columnsOf(input), names(input)
	width := len(all)
	for _, e := range s.shared {
		all, titles = append(all, e), append(titles, e.String())
	}
	wide := logical.NewProject(input, all, titles)
	n = logical.MapExprs(n.WithInputs([]logical.Node{wide}), func(e expr.Expr) expr.Expr { return s.replaced(e, wide, width) })
	needed := make([]bool, len(all))
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		expr.EachColumn(e, func(c *expr.Column) { needed[c.Index] = true })
		return e
	})
	var exprs []expr.Expr
	var kept []string
	place := make([]int, len(all))
	for i, e := range all {
		if place[i] = len(exprs); needed[i] {
			exprs, kept = append(exprs, e), append(kept, titles[i])
		}
	}
	below := logical.NewProject(input, exprs, kept)
	return logical.MapExprs(n.WithInputs([]logical.Node{below}), func(e expr.Expr) expr.Expr {
		return expr.MapColumns(e, func(c *expr.Column) expr.Expr { return columnAt(below, place[c.Index]) })
	})
}

// replaced is e with columns for the shared parts, the largest ones.
func (s *subexpressions) replaced(e expr.Expr, below logical.Node, width int) expr.Expr {
	for i, x := range s.shared {
		if expr.Equal(x, e) {
			return columnAt(below, width+i)
		}
	}
	if in, ok := e.(*expr.In); ok {
		return &expr.In{Arg: s.replaced(in.Arg, below, width), List: in.List, Negated: in.Negated}
	}
	kids := e.Children()
	var out []expr.Expr
	for i, c := range kids {
		out = replaced(out, kids, i, s.replaced(c, below, width))
	}
	if out == nil {
		return e
	}
	return e.WithChildren(out)
}
