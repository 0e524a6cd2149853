package planner

import (
	"math"

	"volley/catalog/statistics"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// confined is to how many values the filters below confine x, an expression over
// n's rows: those of a set that it must be in. +Inf: they do not.
func (e *estimator) confined(x expr.Expr, n logical.Node) float64 {
	most := math.Inf(1)
	filtersOf(x, n, func(pred, x expr.Expr) {
		switch p := pred.(type) {
		case *expr.In:
			if !p.Negated && expr.Equal(p.Arg, x) {
				most = min(most, float64(len(p.List)))
			}
		case *expr.Call:
			if p.Func == "=" && (expr.Equal(p.Args[0], x) && !expr.HasColumns(p.Args[1]) || expr.Equal(p.Args[1], x) && !expr.HasColumns(p.Args[0])) {
				most = 1
			}
		}
	})
	return most
}

// narrowedSpan is the range of x, of a table's values between lo and hi, that the
// filters below leave.
func (e *estimator) narrowedSpan(x expr.Expr, n logical.Node, lo, hi float64) float64 {
	filtersOf(x, n, func(pred, x expr.Expr) {
		c, ok := pred.(*expr.Call)
		if !ok || len(c.Args) != 2 || flipped[c.Func] == "" {
			return
		}
		op, arg, other := c.Func, c.Args[0], c.Args[1]
		if !notLiteral(arg) {
			op, arg, other = flipped[op], other, arg
		}
		l, ok := other.(*expr.Literal)
		if !ok || !expr.Equal(arg, x) || !sqltype.Equal(l.DataType(), x.DataType()) {
			return
		}
		p, ok := statistics.PointOf(l.Value, 0)
		switch {
		case !ok:
		case op == "<" || op == "<=":
			hi = min(hi, p.Real())
		case op == ">" || op == ">=":
			lo = max(lo, p.Real())
		case op == "=":
			lo, hi = p.Real(), p.Real()
		}
	})
	return max(hi-lo, 0)
}

// filtersOf calls visit for the conjuncts of the filters below n that concern x,
// an expression over n's rows, with x over theirs.
func filtersOf(x expr.Expr, n logical.Node, visit func(pred, x expr.Expr)) {
	each := func(pred expr.Expr) {
		for _, c := range expr.Conjuncts(pred) {
			visit(c, x)
		}
	}
	below := func(width int) bool { // only of the first columns
		all := true
		expr.EachColumn(x, func(c *expr.Column) { all = all && c.Index < width })
		return all
	}
	switch n := n.(type) {
	case *logical.Scan:
		each(n.Filter)
	case *logical.Filter:
		each(n.Predicate)
		filtersOf(x, n.Input, visit)
	case *logical.Sort:
		filtersOf(x, n.Input, visit)
	case *logical.Limit:
		filtersOf(x, n.Input, visit)
	case *logical.Project:
		if below(len(n.Exprs)) {
			filtersOf(overExprs(x, n.Exprs), n.Input, visit)
		}
	case *logical.Aggregate:
		if below(len(n.Keys)) {
			filtersOf(overExprs(x, n.Keys), n.Input, visit)
		}
	case *logical.Join:
		width := n.Left.Schema().NumFields()
		if below(width) {
			filtersOf(x, n.Left, visit)
			return
		}
		all := n.Kind != logical.Mark
		expr.EachColumn(x, func(c *expr.Column) { all = all && c.Index >= width && c.Index < outerBase })
		if all {
			filtersOf(shift(x, -width), n.Right, visit)
		}
	}
}
