package planner

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
)

// constantCount is the value of a LIMIT or OFFSET that is a literal; ok is
// false for anything else, and for NULL and none at all.
func constantCount(e expr.Expr) (n int64, ok bool) {
	l, isLiteral := e.(*expr.Literal)
	if !isLiteral || l.Value.IsNull(0) {
		return 0, false
	}
	v, isInt := l.Value.(*array.Int64)
	if !isInt {
		return 0, false
	}
	return v.Value(0), true
}
