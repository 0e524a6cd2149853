package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
)

// bounded makes an operand that a comparison casts to a timestamp comparable where
// it is beyond their range: a date of the year 2,000,000 is later than any of them.
func bounded(op string, e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Cast)
	if !ok || c.Type.ID() != arrow.TIMESTAMP {
		return e
	}
	if id := c.Arg.DataType().ID(); id != arrow.DATE32 && id != arrow.TIMESTAMP {
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
