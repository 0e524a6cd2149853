package planner

import (
	"volley/planner/expr"
	"volley/sqlerr"
)

// checkFullJoin refuses, as PostgreSQL does, a FULL JOIN whose condition has no
// equality between the sides, unless it is constant.
func checkFullJoin(on expr.Expr, width, pos int) error {
	constant := true
	for _, c := range expr.Conjuncts(on) {
		constant = constant && !expr.HasColumns(c)
		if isEqualityOfSides(c, width) {
			return nil
		}
	}
	if constant {
		return nil
	}
	return sqlerr.At(pos, sqlerr.FeatureNotSupported, "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions")
}

func isEqualityOfSides(e expr.Expr, width int) bool {
	c, ok := e.(*expr.Call)
	if !ok || c.Func != "=" || len(c.Args) != 2 {
		return false
	}
	al, ar := sides(c.Args[0], width)
	bl, br := sides(c.Args[1], width)
	return al != ar && bl != br && al == br
}
