package planner

import (
	"slices"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// bindByName is UNION, INTERSECT or EXCEPT BY NAME, which pairs columns by
// their names: those of the left side come first, then the others of the right
// one. A column that a side lacks is NULL there.
func (b *binder) bindByName(op *ast.SetOp, outer *scope, ctes *cte) (relation, error) {
	left, err := b.bindBody(op.Left, outer, ctes, false)
	if err != nil {
		return relation{}, err
	}
	right, err := b.bindBody(op.Right, outer, ctes, false)
	if err != nil {
		return relation{}, err
	}
	all := slices.Clone(left.names)
	for _, name := range right.names {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if left, err = b.byName(left, all, op.Left.Position()); err != nil {
		return relation{}, err
	}
	if right, err = b.byName(right, all, op.Right.Position()); err != nil {
		return relation{}, err
	}
	parts, err := b.align(op.Op, []relation{left}, right, op.Right.Position())
	if err != nil {
		return relation{}, err
	}
	return b.combined(op, parts)
}

// byName is a relation with the columns all, in that order.
func (b *binder) byName(rel relation, all []string, pos int) (relation, error) {
	columns := columnsOf(rel.node)
	input := rel.node
	if p, ok := rel.node.(*logical.Project); ok { // untyped literals stay untyped
		columns, input = p.Exprs, p.Input
	}
	exprs := make([]expr.Expr, len(all))
	for i, name := range all {
		at := slices.Index(rel.names, name)
		switch {
		case at < 0:
			exprs[i] = &untyped{null: true, pos: pos}
		case slices.Contains(rel.names[at+1:], name):
			return rel, sqlerr.At(pos, sqlerr.AmbiguousColumn, "column name \"%s\" occurs more than once in an operand of a set operation BY NAME", name)
		default:
			exprs[i] = columns[at]
		}
	}
	return relation{logical.NewProject(input, exprs, all), all}, nil
}
