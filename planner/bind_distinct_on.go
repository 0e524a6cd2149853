package planner

import (
	"slices"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// bindDistinctOn resolves DISTINCT ON (…), whose items are as those of ORDER
// BY. It gives the targets with hidden ones for expressions that are no output
// column, and the order with every one of the items in front: ORDER BY must
// begin with them, in any order, as far as it goes. s.distinctOn is their
// number.
func (s *block) bindDistinctOn(items []ast.Expr, targets []target, order []orderKey) ([]target, []orderKey, error) {
	o := &orderBinder{bind: s.outputs("DISTINCT ON").bind}
	for _, t := range targets {
		o.outputs, o.names = append(o.outputs, t.expr), append(o.names, t.name)
	}
	targets, order = s.hide(targets, order)
	on := make([]int, 0, len(items))
	for _, item := range items {
		i, e, err := o.item(item)
		if err != nil {
			return nil, nil, err
		}
		if i < 0 {
			if e, err = s.resolveUnknown(e, item.Position()); err != nil {
				return nil, nil, err
			}
			if i = slices.IndexFunc(targets, func(t target) bool { return expr.Equal(t.expr, e) }); i < 0 {
				i = len(targets)
				targets = append(targets, target{e, e.String(), item.Position()})
			}
		}
		if !slices.Contains(on, i) {
			on = append(on, i)
		}
	}
	order, err := distinctFirst(items, on, order)
	s.distinctOn = len(on)
	return targets, order, err
}

// hide makes targets of the sort keys that are none.
func (s *block) hide(targets []target, order []orderKey) ([]target, []orderKey) {
	for i, k := range order {
		if k.output >= 0 {
			continue
		}
		if order[i].output = slices.IndexFunc(targets, func(t target) bool { return expr.Equal(t.expr, k.Expr) }); order[i].output < 0 {
			order[i].output = len(targets)
			targets = append(targets, target{k.Expr, k.Expr.String(), k.pos})
		}
	}
	return targets, order
}

// distinctFirst is order with the outputs on as its first keys, one each.
func distinctFirst(items []ast.Expr, on []int, order []orderKey) ([]orderKey, error) {
	var first, rest []orderKey
	for _, k := range order {
		switch {
		case !slices.Contains(on, k.output):
			rest = append(rest, k)
		case slices.ContainsFunc(first, func(f orderKey) bool { return f.output == k.output }):
		case len(rest) > 0:
			return nil, orderMismatch(items)
		default:
			first = append(first, k)
		}
	}
	for _, i := range on {
		if slices.ContainsFunc(first, func(f orderKey) bool { return f.output == i }) {
			continue
		}
		if len(rest) > 0 {
			return nil, orderMismatch(items)
		}
		first = append(first, orderKey{SortKey: logical.SortKey{}, output: i, pos: items[0].Position()})
	}
	return append(first, rest...), nil
}

func orderMismatch(items []ast.Expr) error {
	return sqlerr.At(items[0].Position(), sqlerr.InvalidColumnReference, "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
}

// firstOf keeps the first row of each group of DISTINCT ON.
func (s *block) firstOf(n logical.Node, order []orderKey) logical.Node {
	return &logical.DistinctOn{Input: n, Keys: sorted(n, order).(*logical.Sort).Keys, Groups: s.distinctOn}
}

// setsAfterDistinctOn tells whether the select list's table functions are
// computed for the rows that DISTINCT ON keeps: as in PostgreSQL, where there is
// ORDER BY and no key has one.
func (s *block) setsAfterDistinctOn(exprs []expr.Expr, order []orderKey) bool {
	if s.distinctOn == 0 || !s.ordered || !hasSet(exprs) {
		return false
	}
	for _, k := range order {
		if hasSet(exprs[k.output : k.output+1]) {
			return false
		}
	}
	return true
}

// expandFirst is DISTINCT ON over the block's columns and the keys among exprs,
// and the select list over that.
func (s *block) expandFirst(list []expr.Expr, names []string, exprs []expr.Expr, order []orderKey) (relation, error) {
	columns := columnsOf(s.node)
	below := make([]string, len(columns), len(columns)+len(order))
	for i := range columns {
		below[i] = s.node.Schema().Field(i).Name
	}
	keys := slices.Clone(order)
	for i, k := range order {
		keys[i].output = len(columns)
		columns, below = append(columns, exprs[k.output]), append(below, exprs[k.output].String())
	}
	s.node = s.firstOf(logical.NewProject(s.node, columns, below), keys)
	if err := s.addSets(list); err != nil {
		return relation{}, err
	}
	return relation{logical.NewProject(s.node, list, names), names}, nil
}
