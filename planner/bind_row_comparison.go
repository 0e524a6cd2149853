package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
)

// rowsOf gives the operands of a comparison of rows: of two rows, or of a row
// with a subquery to its right.
func rowsOf(e *ast.Binary) ([2]ast.Expr, bool) {
	_, l := e.Left.(*ast.Row)
	_, r := e.Right.(*ast.Row)
	sides := [2]ast.Expr{e.Left, e.Right}
	return sides, l && (r || isScalarSubquery(e.Right))
}

func isScalarSubquery(e ast.Expr) bool {
	s, ok := e.(*ast.Subquery)
	return ok && s.Kind == ast.Scalar
}

// bindRowComparison compares (a, b, …) with (c, d, …).
func (x *exprBinder) bindRowComparison(e *ast.Binary, sides [2]ast.Expr) (expr.Expr, error) {
	var rows [2][]expr.Expr
	for i, side := range sides {
		var err error
		if rows[i], err = x.bindRow(side); err != nil {
			return nil, err
		}
	}
	switch l, r := len(rows[0]), len(rows[1]); {
	case l == r:
	case isScalarSubquery(sides[1]) && r > l:
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "subquery has too many columns")
	case isScalarSubquery(sides[1]):
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "subquery has too few columns")
	default:
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "unequal number of entries in row expressions")
	}
	return x.compareRows(e.Op, e.Position(), rows[0], rows[1])
}

// compareRows compares rows of one length by PostgreSQL's rules: = and <> by all
// elements, the others by the first that differ.
func (x *exprBinder) compareRows(op string, pos int, l, r []expr.Expr) (expr.Expr, error) {
	if len(l) == 0 {
		return nil, unsupported(pos, "cannot compare rows of zero length: it is")
	}
	pair := func(op string, i int) (expr.Expr, error) { return x.binary(op, pos, l[i], r[i], pos, pos) }
	switch op {
	case "=", "<>":
		args := make([]expr.Expr, len(l))
		for i := range args {
			var err error
			if args[i], err = pair(op, i); err != nil {
				return nil, err
			}
		}
		return connect(op == "<>", args), nil
	case "<", "<=", ">", ">=":
		out, err := pair(op, len(l)-1)
		for i := len(l) - 2; i >= 0 && err == nil; i-- {
			out, err = lexicographic(op[:1], out, i, pair)
		}
		return out, err
	}
	return nil, unsupported(pos, "operator %s between rows is", op)
}

// lexicographic is a < b OR a = b AND rest.
func lexicographic(op string, rest expr.Expr, i int, pair func(string, int) (expr.Expr, error)) (expr.Expr, error) {
	strict, err := pair(op, i)
	if err != nil {
		return nil, err
	}
	equal, err := pair("=", i)
	if err != nil {
		return nil, err
	}
	return connect(true, []expr.Expr{strict, connect(false, []expr.Expr{equal, rest})}), nil
}
