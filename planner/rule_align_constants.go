package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// alignConstants gives the constant of a comparison the column's own type where
// it has the same value there: smallint_column::integer = 5 is compared as
// smallint, numeric(10,2) > 1 as numeric(10,2). That is faster per row and lets
// readers prune by the comparison.
func alignConstants(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		return logical.MapExprs(n, func(e expr.Expr) expr.Expr { return expr.Transform(e, alignComparison) })
	})
}

func alignComparison(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Call)
	if !ok || len(c.Args) != 2 || flipped[c.Func] == "" {
		return e
	}
	for side := range 2 {
		l, ok := c.Args[1-side].(*expr.Literal)
		if !ok || l.Value.IsNull(0) {
			continue
		}
		if col, value := aligned(c.Args[side], l); col != nil {
			out := *c
			out.Args = []expr.Expr{col, value}
			if side == 1 {
				out.Args = []expr.Expr{value, col}
			}
			return &out
		}
	}
	return e
}

// aligned gives the column below e's widening cast, if any, and l in its type;
// nil when nothing is to be gained or the value is not one of that type.
func aligned(e expr.Expr, l *expr.Literal) (expr.Expr, expr.Expr) {
	if cast, ok := e.(*expr.Cast); ok {
		if !sqltype.IsInteger(cast.Arg.DataType()) || !sqltype.IsInteger(cast.Type) {
			return nil, nil
		}
		e = cast.Arg
	}
	col, ok := e.(*expr.Column)
	if !ok || sqltype.Equal(col.Type, l.DataType()) {
		return nil, nil
	}
	integers := sqltype.IsInteger(col.Type) && sqltype.IsInteger(l.DataType())
	if !integers && !decimalFits(l.DataType(), col.Type) {
		return nil, nil
	}
	if n, ok := sqltype.IntegerValue(l.Value, 0); ok && integers {
		if v := sqltype.IntegerScalar(col.Type, n); v != nil {
			return col, &expr.Literal{Value: v}
		}
		return nil, nil
	}
	text := sqltype.NewTextEncoder(l.DataType(), sqltype.TextOptions{})(nil, l.Value, 0)
	v, err := sqltype.Scalar(col.Type, string(text))
	if err != nil {
		return nil, nil
	}
	return col, &expr.Literal{Value: v}
}

// decimalFits tells whether a decimal constant keeps all its digits after the
// point in a decimal column; those before it are checked by value.
func decimalFits(from, to arrow.DataType) bool {
	f, ok1 := from.(*arrow.Decimal128Type)
	t, ok2 := to.(*arrow.Decimal128Type)
	return ok1 && ok2 && f.Scale <= t.Scale
}
