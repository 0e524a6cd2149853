package planner

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqltype"
	"volley/udf/vector"
)

// typeOf is PostgreSQL's pg_typeof, and typeOfDeclared that of a text whose SQL
// type is another one: it takes the type's name too.
const (
	typeOf         = "pg_typeof"
	typeOfDeclared = "pg_typeof declared"
)

// bindTypeOf is pg_typeof(arg). The types of varchar, char and of literals
// without a type are known here only.
func (x *exprBinder) bindTypeOf(e *ast.Call, arg expr.Expr) (expr.Expr, error) {
	name := ""
	switch t := x.settled(arg); {
	case isUnknown(t):
		if _, literal := arg.(*untyped); literal {
			name = "unknown"
		}
	case sqltype.IsString(t):
		name = x.charOf(arg).typeName()
	case sqltype.Dimensions(t) > 0 && sqltype.IsString(sqltype.ElementType(t)):
		if c, ok := arg.(*expr.Cast); ok && c.VarcharLen > 0 {
			name = lengthOf(&expr.Cast{Type: sqltype.Text, VarcharLen: c.VarcharLen, Pad: c.Pad}, nil).typeName() + "[]"
		}
	}
	if name == "" {
		return x.call(typeOf, e.Position(), argPosition(e), arg)
	}
	arg, err := x.resolveUnknown(arg, e.Position())
	if err != nil {
		return nil, err
	}
	offsets := []int32{0, int32(len(name))}
	literal := &expr.Literal{Value: vector.FromBinary(sqltype.Text, offsets, []byte(name), vector.Validity{}).(*array.String)}
	return x.call(typeOfDeclared, e.Position(), func(int) int { return e.Position() }, arg, literal)
}
