package planner

import (
	"slices"

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
			if !usesAggregates(t.expr) {
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
	if len(sets) == 1 && len(sets[0]) == len(g.keys.exprs) {
		return g.keys.once(), nil
	}
	s.sets, s.keyTargets = sets, g.keys.repeated()
	if sel.GroupDist {
		s.sets = distinctSets(sets)
	}
	return g.keys.exprs, nil
}

// groupingKey resolves one item: an ordinal; a name, of an input column before
// an output one; or an expression. It gives the number of the target that the
// key is, −1 for none.
func (s *block) groupingKey(e ast.Expr, targets []target) (expr.Expr, int, error) {
	if l, ok := negated(e).(*ast.Literal); ok {
		i, err := ordinal(l, len(targets), "GROUP BY")
		if err != nil {
			return nil, 0, err
		}
		return targets[i].expr, i, s.checkKey(targets[i].expr, e.Position())
	}
	if c, ok := e.(*ast.Column); ok && len(c.Parts) == 1 {
		if _, found, _ := s.scope.find(c.Parts, c.Position()); !found {
			i, err := aliased(c, targets)
			if err != nil {
				return nil, 0, err
			}
			if i >= 0 {
				return targets[i].expr, i, s.checkKey(targets[i].expr, e.Position())
			}
		}
	}
	key, err := s.exprs("GROUP BY", true).bind(e)
	if err != nil {
		return nil, 0, err
	}
	key, err = s.resolveUnknown(key, e.Position())
	return key, slices.IndexFunc(targets, func(t target) bool { return expr.Equal(t.expr, key) }), err
}

func aliased(c *ast.Column, targets []target) (int, error) {
	names, outputs := make([]string, len(targets)), make([]expr.Expr, len(targets))
	for i, t := range targets {
		names[i], outputs[i] = t.name, t.expr
	}
	return outputNamed(c.Parts[0], names, outputs, "GROUP BY", c.Position())
}

func (s *block) checkKey(e expr.Expr, pos int) error {
	if uses(e, windowBase, subqueryBase) {
		return sqlerr.At(pos, sqlerr.WindowingError, "window functions are not allowed in GROUP BY")
	}
	if usesAggregates(e) {
		return sqlerr.At(pos, sqlerr.GroupingError, "aggregate functions are not allowed in GROUP BY")
	}
	return nil
}

// usesAggregates tells whether e has results of aggregates or of window
// functions.
func usesAggregates(e expr.Expr) bool { return uses(e, aggregateBase, subqueryBase) }

// uses tells whether e has a column with an ordinal from lo to hi−1.
func uses(e expr.Expr, lo, hi int) bool {
	found := false
	expr.EachColumn(e, func(c *expr.Column) { found = found || c.Index >= lo && c.Index < hi })
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

// group puts the aggregation on top of the block, with the subqueries that its
// keys and arguments need below it.
func (s *block) group(keys []expr.Expr) error {
	placed, err := s.placeAll(keys)
	if err != nil {
		return err
	}
	s.aggs = mapAggs(s.aggs, func(e expr.Expr) expr.Expr {
		out, failed := s.place(e)
		if failed != nil {
			err = failed
			return e
		}
		return out
	})
	if err != nil {
		return err
	}
	g, err := s.aggregated(placed)
	if err != nil {
		return err
	}
	g.keys = keys // as they are written elsewhere in the block
	s.move, s.base, s.joined = g.move, s.node, map[*attachment][]attached{}
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
	case *keyColumn:
		return &expr.Column{Index: x.key, Name: x.String(), Type: x.DataType()}, nil
	case *expr.Column:
		switch {
		case x.Index >= windowBase:
			return x, nil
		case x.Index >= aggregateBase:
			return g.results[x.Index-aggregateBase], nil
		}
		if merged := g.mergedFrom(x); merged != nil {
			if out, err := g.move(merged); err == nil {
				return out, nil
			}
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

// mergedFrom is the expression over one side's column that gives a column merged
// by USING, or nil. The query may group by that side's column.
func (s *block) mergedFrom(c *expr.Column) expr.Expr {
	for _, k := range s.scope.columns {
		if k.index == c.Index && k.merged != nil {
			return k.merged
		}
	}
	return nil
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
