package planner

import (
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// bindSpread binds an item of the select list with COLUMNS(…) in it: one item
// for each column of theirs. Several must have as many columns each. ok is
// false for an item without any.
func (x *exprBinder) bindSpread(item ast.SelectItem) (out []target, ok bool, err error) {
	var stars []*ast.Star
	findColumns(item.Expr, &stars)
	if len(stars) == 0 {
		return nil, false, nil
	}
	lists := make([][]target, len(stars))
	for i, star := range stars {
		if lists[i], err = x.bindStar(star); err != nil {
			return nil, true, err
		}
		if len(lists[i]) != len(lists[0]) {
			return nil, true, sqlerr.At(star.Position(), sqlerr.SyntaxError, "every COLUMNS in an expression must give the same number of columns")
		}
	}
	if len(lists[0]) == 0 {
		return nil, true, sqlerr.At(stars[0].Position(), sqlerr.UndefinedColumn, "no columns match COLUMNS")
	}
	each := *x
	for n := range lists[0] {
		each.spread = map[*ast.Star]target{}
		for i, star := range stars {
			each.spread[star] = lists[i][n]
		}
		e, err := each.bind(item.Expr)
		if err != nil {
			return nil, true, err
		}
		out = append(out, target{e, spreadName(item, lists[0][n].name), item.Expr.Position()})
	}
	return out, true, nil
}

// findColumns collects the COLUMNS(…) in an expression.
func findColumns(e ast.Expr, out *[]*ast.Star) {
	if s, ok := e.(*ast.Star); ok && s.Columns {
		*out = append(*out, s)
		return
	}
	ast.EachOperand(e, func(e ast.Expr) { findColumns(e, out) }, nil)
}

// spreadName is the name of an item for one of the columns: f(column) of a
// function call, else the column's.
func spreadName(item ast.SelectItem, column string) string {
	if item.Alias != "" {
		return item.Alias
	}
	call, ok := item.Expr.(*ast.Call)
	if !ok || len(call.Args) == 0 {
		return column
	}
	return strings.Join(call.Name.Parts, ".") + "(" + column + ")"
}
