package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/sqltype"
)

// untyped is a quoted literal or NULL whose type the context has not decided
// yet. It lives only inside the binder: coerce turns it into an expr.Literal.
type untyped struct {
	*expr.Literal // always nil: makes it an expr.Expr
	text          string
	null          bool
	pos           int
}

// DataType is Unknown.
func (u *untyped) DataType() arrow.DataType { return sqltype.Unknown }

// Children is nil.
func (u *untyped) Children() []expr.Expr { return nil }

// WithChildren is u itself.
func (u *untyped) WithChildren([]expr.Expr) expr.Expr { return u }

// String is the literal as in SQL.
func (u *untyped) String() string {
	if u.null {
		return "NULL"
	}
	return "'" + u.text + "'"
}

func isUnknown(t arrow.DataType) bool { return t.ID() == arrow.NULL }

// typeName is how messages name a type: without precision and scale.
func typeName(t arrow.DataType) string {
	if sqltype.IsDecimal(sqltype.ElementType(t)) {
		t = sqltype.ArrayOf(sqltype.Numeric, sqltype.Dimensions(t))
	}
	return sqltype.Name(t)
}
