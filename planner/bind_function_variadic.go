package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqltype"
	"volley/udf"
)

// spreads tells whether a call gives the elements of the last parameter's array
// one by one.
func (f *Function) spreads(e *ast.Call) bool {
	return f.Variadic && !e.Variadic && len(e.Args) >= len(f.Params)
}

// variadicItem is the type of each argument for the last parameter.
func (f *Function) variadicItem() arrow.DataType {
	switch t := f.Params[len(f.Params)-1].Type; t {
	case udf.AnyArray:
		return udf.AnyElement
	case udf.CompatibleArray:
		return udf.Compatible
	default:
		return sqltype.ElementType(t)
	}
}

// variadicArray is the type of the array of arguments of some types.
func (x *exprBinder) variadicArray(types []arrow.DataType, declared arrow.DataType) arrow.DataType {
	if !udf.IsPolymorphic(declared) {
		return declared
	}
	elem, err := sqltype.CommonType(types)
	if err != nil || isUnknown(elem) {
		elem = sqltype.Text
	}
	return sqltype.ArrayOf(elem, 1)
}

// gather is the array of the arguments from n on.
func (x *exprBinder) gather(e *ast.Call, args []expr.Expr, n int, t arrow.DataType) (expr.Expr, error) {
	items := make([]expr.Expr, len(args)-n)
	for i := range items {
		var err error
		if items[i], err = x.coerceArg(args[n+i], sqltype.ElementType(t), e.Args[n+i].Value.Position()); err != nil {
			return nil, err
		}
	}
	return &expr.Call{Func: arrayConstructor, Args: items, Type: t, Pos: e.Position()}, nil
}
