package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
)

// bindGroupBy gives the grouping expressions over the columns of FROM; s.sets
// are the grouping sets when there is more than a plain list.
func (s *block) bindGroupBy(sel *ast.Select, targets []target) ([]expr.Expr, error) {
	if sel.GroupAll {
		var keys []expr.Expr
		for _, t := range targets {
			if !usesColumnsFrom(t.expr, aggregateBase) {
				keys = append(keys, t.expr)
			}
		}
		return keys, nil
	}
	g := &groupingSets{block: s, targets: targets}
	sets, err := g.product(sel.GroupBy)
	if err != nil {
		return nil, err
	}
	if len(sets) != 1 || len(sets[0]) != len(g.keys) {
		s.sets = sets
		if sel.GroupDist {
			s.sets = distinctSets(sets)
		}
	}
	return g.keys, nil
}

// groupingKey resolves one item: an ordinal; a name, of an input column before
// an output one; or an expression.
func (s *block) groupingKey(e ast.Expr, targets []target) (expr.Expr, error) {
	if l, ok := negated(e).(*ast.Literal); ok {
		i, err := ordinal(l, len(targets), "GROUP BY")
		if err != nil {
			return nil, err
		}
		return s.checkKey(targets[i].expr, e.Position())
	}
	if c, ok := e.(*ast.Column); ok && len(c.Parts) == 1 {
		if _, found, _ := s.scope.find(c.Parts, c.Position()); !found {
			i, err := aliased(c, targets)
			if err != nil {
				return nil, err
			}
			if i >= 0 {
				return s.checkKey(targets[i].expr, e.Position())
			}
		}
	}
	key, err := s.exprs("GROUP BY", true).bind(e)
	if err != nil {
		return nil, err
	}
	return s.resolveUnknown(key, e.Position())
}

func aliased(c *ast.Column, targets []target) (int, error) {
	names, outputs := make([]string, len(targets)), make([]expr.Expr, len(targets))
	for i, t := range targets {
		names[i], outputs[i] = t.name, t.expr
	}
	return outputNamed(c.Parts[0], names, outputs, "GROUP BY", c.Position())
}

func (s *block) checkKey(e expr.Expr, pos int) (expr.Expr, error) {
	if usesColumnsFrom(e, subqueryBase) {
		return nil, unsupported(pos, "grouping by a subquery or a column of the query around is")
	}
	if usesColumnsFrom(e, windowBase) {
		return nil, sqlerr.At(pos, sqlerr.WindowingError, "window functions are not allowed in GROUP BY")
	}
	if usesColumnsFrom(e, aggregateBase) {
		return nil, sqlerr.At(pos, sqlerr.GroupingError, "aggregate functions are not allowed in GROUP BY")
	}
	return e, nil
}

// usesColumnsFrom tells whether e has a column with an ordinal ≥ base.
func usesColumnsFrom(e expr.Expr, base int) bool {
	found := false
	expr.EachColumn(e, func(c *expr.Column) { found = found || c.Index >= base })
	return found
}

func contains(list []expr.Expr, e expr.Expr) bool {
	for _, x := range list {
		if expr.Equal(x, e) {
			return true
		}
	}
	return false
}

// group puts the aggregation and the subqueries evaluated after it on top of
// the block, and gives the function that moves expressions above them.
func (s *block) group(keys []expr.Expr, grouped bool) (func(expr.Expr) (expr.Expr, error), error) {
	move := func(e expr.Expr) (expr.Expr, error) { return e, nil }
	if grouped {
		g, err := s.aggregated(keys)
		if err != nil {
			return nil, err
		}
		move = g.move
	}
	s.subqueries = make([]*expr.Column, len(s.after))
	place := func(e expr.Expr) (expr.Expr, error) {
		e, err := move(e)
		if err != nil || len(s.subqueries) == 0 {
			return e, err
		}
		return expr.MapColumns(e, func(c *expr.Column) expr.Expr {
			if c.Index >= subqueryBase && c.Index < outerBase {
				return s.subqueries[c.Index-subqueryBase]
			}
			return c
		}), nil
	}
	return place, s.attachAfter(place, false)
}

// attachAfter attaches the subqueries evaluated after grouping; before the
// windows are placed, only those that do not need them.
func (s *block) attachAfter(place func(expr.Expr) (expr.Expr, error), placed bool) error {
	for i, a := range s.after {
		if s.subqueries[i] != nil || !placed && s.needsWindows(a) {
			continue
		}
		if a.key != nil {
			var err error
			if a.key, err = place(a.key); err != nil {
				return err
			}
		}
		outer := make([]expr.Expr, len(a.outer))
		for k, c := range a.outer {
			var err error
			if outer[k], err = place(c); err != nil {
				return err
			}
		}
		a.outer = outer
		var err error
		if s.subqueries[i], err = s.attach(a); err != nil {
			return err
		}
	}
	return nil
}

// regrouping moves expressions over the block's input above its aggregation.
type regrouping struct {
	*block
	keys []expr.Expr
	// results are what the block's aggregates have become, by their number.
	results []expr.Expr
}

func (g *regrouping) move(e expr.Expr) (expr.Expr, error) {
	for i, k := range g.keys {
		if expr.Equal(e, k) {
			return &expr.Column{Index: i, Name: k.String(), Type: k.DataType()}, nil
		}
	}
	switch x := e.(type) {
	case *expr.Literal, *expr.Param, *untyped:
		return e, nil
	case *expr.Column:
		switch {
		case x.Index >= windowBase:
			return x, nil
		case x.Index >= aggregateBase:
			return g.results[x.Index-aggregateBase], nil
		}
		pos, ok := g.seen[x]
		if !ok {
			pos = -1
		}
		return nil, sqlerr.At(pos, sqlerr.GroupingError,
			"column \"%s\" must appear in the GROUP BY clause or be used in an aggregate function", g.qualified(x))
	case *expr.In:
		arg, err := g.move(x.Arg)
		if err != nil {
			return nil, err
		}
		return &expr.In{Arg: arg, List: x.List, Negated: x.Negated}, nil
	}
	kids := e.Children()
	out := make([]expr.Expr, len(kids))
	for i, c := range kids {
		var err error
		if out[i], err = g.move(c); err != nil {
			return nil, err
		}
	}
	return e.WithChildren(out), nil
}

// qualified is a column's name with its table's.
func (s *block) qualified(c *expr.Column) string {
	for _, k := range s.scope.columns {
		if k.index == c.Index && k.table != "" {
			return k.table + "." + k.name
		}
	}
	return c.Name
}
