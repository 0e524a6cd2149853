package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// bindVariadic is f(…, VARIADIC array): the array's elements are the arguments.
func (x *exprBinder) bindVariadic(e *ast.Call, name string) (expr.Expr, error) {
	switch name {
	case "coalesce", "nullif", "greatest", "least", groupingCall:
		return nil, sqlerr.At(e.Args[len(e.Args)-1].Value.Position(), sqlerr.SyntaxError, "syntax error at or near \"variadic\"")
	}
	args, err := x.bindArgs(e)
	if err != nil {
		return nil, err
	}
	last := len(args) - 1
	pos := argPosition(e)
	literal := isUnknown(x.settled(args[last]))
	if x.p.Registry.IsScalar(name) && !x.p.Registry.IsVariadic(name) || x.p.Registry.IsAggregate(name) || x.p.Registry.IsTable(name) {
		_, err := x.p.Registry.ResolveScalar(udf.VariadicPrefix+name, x.settledTypes(args))
		return nil, at(err, e.Position())
	}
	if literal && x.p.Registry.IsVariadicAny(name) {
		return nil, sqlerr.At(pos(last), sqlerr.DatatypeMismatch, "VARIADIC argument must be an array")
	}
	if literal {
		if args[last], err = x.coerce(args[last], sqltype.ArrayOf(sqltype.Text, 1), sqltype.Implicit, pos(last)); err != nil {
			return nil, err
		}
	}
	if sqltype.Dimensions(args[last].DataType()) == 0 && x.p.Registry.IsScalar(name) {
		return nil, sqlerr.At(pos(last), sqlerr.DatatypeMismatch, "VARIADIC argument must be an array")
	}
	if items, ok := elementsOf(args[last]); ok {
		all := append(args[:last:last], items...)
		return x.call(name, e.Position(), func(i int) int { return pos(min(i, last)) }, all...)
	}
	return x.call(udf.VariadicPrefix+name, e.Position(), pos, args...)
}

// elementsOf are the elements of an array constructor of one dimension.
func elementsOf(e expr.Expr) ([]expr.Expr, bool) {
	c, ok := e.(*expr.Call)
	if !ok || c.Func != arrayConstructor || sqltype.Dimensions(c.Type) != 1 {
		return nil, false
	}
	return c.Args, true
}
