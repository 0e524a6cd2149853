package planner

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf/vector"
)

// bindVariadic is f(…, VARIADIC array): the array's elements are the arguments.
func (x *exprBinder) bindVariadic(e *ast.Call, name string) (expr.Expr, error) {
	args, err := x.bindArgs(e)
	if err != nil {
		return nil, err
	}
	last := len(args) - 1
	t := x.settled(args[last])
	if isUnknown(t) {
		if args[last], err = x.coerce(args[last], sqltype.ArrayOf(sqltype.Text, 1), sqltype.Implicit, e.Args[last].Value.Position()); err != nil {
			return nil, err
		}
		t = args[last].DataType()
	}
	if sqltype.Dimensions(t) == 0 {
		return nil, sqlerr.At(e.Args[last].Value.Position(), sqlerr.DatatypeMismatch, "VARIADIC argument must be an array")
	}
	pos := argPosition(e)
	if items, ok := elementsOf(args[last]); ok {
		all := append(args[:last:last], items...)
		return x.call(name, e.Position(), func(i int) int { return pos(min(i, last)) }, all...)
	}
	switch {
	case name == "concat" && last == 0:
		empty := &untyped{pos: e.Position()}
		return x.call("array_to_string", e.Position(), func(int) int { return e.Position() }, args[0], empty)
	case name == "concat_ws" && last == 1:
		return x.call("array_to_string", e.Position(), pos, args[1], args[0])
	}
	return nil, unsupported(e.Position(), "VARIADIC of an array that is not written out is")
}

// elementsOf are the elements of an array that is written out.
func elementsOf(e expr.Expr) ([]expr.Expr, bool) {
	switch e := e.(type) {
	case *expr.Call:
		if e.Func == arrayConstructor && sqltype.Dimensions(e.Type) == 1 {
			return e.Args, true
		}
	case *expr.Literal:
		if e.Value.IsNull(0) {
			return nil, false
		}
		elems := vector.Elements(e.Value).Values
		out := make([]expr.Expr, elems.Len())
		for i := range out {
			out[i] = &expr.Literal{Value: array.NewSlice(elems, int64(i), int64(i)+1)}
		}
		return out, true
	}
	return nil, false
}
