package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/sqltype"
)

// bounded makes an operand that a comparison casts to a timestamp, or to an array of
// them, comparable where it is beyond their range: a date of the year 2,000,000 is later
// than any of them.
func bounded(op string, e expr.Expr) expr.Expr {
	if list, ok := e.(*expr.Call); ok && list.Func == arrayConstructor {
		made := *list
		made.Args = make([]expr.Expr, len(list.Args))
		for i, a := range list.Args {
			made.Args[i] = bounded(op, a)
		}
		return &made
	}
	c, ok := e.(*expr.Cast)
	if !ok || sqltype.ElementType(c.Type).ID() != arrow.TIMESTAMP {
		return e
	}
	if id := sqltype.ElementType(c.Arg.DataType()).ID(); id != arrow.DATE32 && id != arrow.TIMESTAMP {
		return e
	}
	switch op {
	case "=", "<>", "!=", "<", "<=", ">", ">=", "is distinct from", "is not distinct from":
		b := *c
		b.Bounded = true
		return &b
	}
	return e
}
