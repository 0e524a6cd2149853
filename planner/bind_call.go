package planner

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindCall binds a function call: a construct of its own (COALESCE, NULLIF,
// GREATEST, LEAST), an aggregate, or a scalar function of the registry.
func (x *exprBinder) bindCall(e *ast.Call) (expr.Expr, error) {
	name := e.Name.Parts[len(e.Name.Parts)-1]
	if len(e.Name.Parts) > 1 && e.Name.Parts[0] != "pg_catalog" {
		name = strings.Join(e.Name.Parts, ".")
	}
	if out, err := x.bindUserCall(e, name); out != nil || err != nil {
		return out, err
	}
	for _, a := range e.Args {
		if a.Name != "" {
			var err error
			if e, err = x.positional(e, name); err != nil {
				return nil, err
			}
			break
		}
	}
	if e.Variadic && e.Over != nil {
		return nil, unsupported(e.Position(), "VARIADIC is")
	}
	if e.Variadic {
		return x.bindVariadic(e, name)
	}
	if e.Over != nil {
		return x.bindWindow(e, name)
	}
	switch name {
	case "coalesce":
		return x.bindCoalesce(e)
	case "nullif":
		return x.bindNullIf(e)
	case arrayFill:
		return x.bindArrayFill(e)
	case "greatest", "least":
		return x.bindExtreme(e, name)
	case groupingCall:
		return x.bindGrouping(e)
	}
	if q, inverse := quantileCall(e, name); q != nil {
		e, name = q, inverse
	}
	if x.p.Registry.IsAggregate(name) {
		return x.bindAggregate(e, name)
	}
	if x.p.Registry.IsTable(name) {
		return x.bindSetCall(e, name)
	}
	if x.p.Registry.IsWindow(name) && !x.p.Registry.IsScalar(name) {
		return nil, sqlerr.At(e.Position(), sqlerr.WrongObjectType, "window function %s requires an OVER clause", name)
	}
	if x.p.Registry.IsScalar(name) { // others do not exist, whatever they are called with
		if err := onlyAggregates(e, name); err != nil {
			return nil, err
		}
	}
	args, err := x.bindArgs(e)
	if err != nil {
		return nil, err
	}
	if name == typeOf && len(args) == 1 {
		return x.bindTypeOf(e, args[0])
	}
	if len(args) == 1 && !x.hasOverload(name, x.settled(args[0])) {
		if out, err := x.castByName(e, name, args[0]); out != nil || err != nil {
			return out, err
		}
	}
	return x.call(name, e.Position(), argPosition(e), args...)
}

// hasOverload tells whether a function takes an argument of just that type: then
// it is meant, and not the type of its name.
func (x *exprBinder) hasOverload(name string, arg arrow.DataType) bool {
	if !x.p.Registry.IsScalar(name) {
		return false
	}
	_, err := x.p.Registry.FindScalar(name, []arrow.DataType{arg})
	return err == nil
}

// castByName is a call such as float8(x) or date('…'): of no function, but of a
// type to which the argument can be cast. Nil when it is none.
func (x *exprBinder) castByName(e *ast.Call, name string, arg expr.Expr) (expr.Expr, error) {
	t, err := sqltype.Resolve(name, nil, 0)
	if err != nil || !sqltype.CanCast(x.settled(arg), t, sqltype.Explicit) {
		return nil, nil //nolint:nilerr // it is no type's name
	}
	return x.coerce(arg, t, sqltype.Explicit, e.Position())
}

// onlyAggregates refuses the parts of a call that a plain function cannot have.
func onlyAggregates(e *ast.Call, name string) error {
	what := ""
	switch {
	case e.Star:
		return sqlerr.At(e.Position(), sqlerr.WrongObjectType, "%s(*) specified, but %s is not an aggregate function", name, name)
	case e.Distinct:
		what = "DISTINCT"
	case len(e.OrderBy) > 0:
		what = "ORDER BY"
	case len(e.WithinGroup) > 0:
		what = "WITHIN GROUP"
	case e.Filter != nil:
		what = "FILTER"
	default:
		return nil
	}
	return sqlerr.At(e.Position(), sqlerr.WrongObjectType, "%s specified, but %s is not an aggregate function", what, name)
}

func (x *exprBinder) bindArgs(e *ast.Call) ([]expr.Expr, error) {
	out := make([]expr.Expr, len(e.Args))
	for i, a := range e.Args {
		var err error
		if out[i], err = x.bind(a.Value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func argPosition(e *ast.Call) func(int) int {
	return func(i int) int { return e.Args[i].Value.Position() }
}

func (x *exprBinder) bindCoalesce(e *ast.Call) (expr.Expr, error) {
	args, err := x.within("COALESCE").bindArgs(e)
	if err != nil {
		return nil, err
	}
	t, err := x.unify("COALESCE", args, argPosition(e))
	if err != nil {
		return nil, err
	}
	return &expr.Coalesce{Args: args, Type: t}, nil
}

// bindExtreme is GREATEST or LEAST, a variadic function of one type.
func (x *exprBinder) bindExtreme(e *ast.Call, name string) (expr.Expr, error) {
	args, err := x.bindArgs(e)
	if err != nil {
		return nil, err
	}
	if _, err := x.unify(strings.ToUpper(name), args, argPosition(e)); err != nil {
		return nil, err
	}
	return x.call(name, e.Position(), argPosition(e), args...)
}

// comparedAs is the type of which a value of type t is when it is compared with one of type
// other: PostgreSQL has no operator for an integer and a numeric. An integer beside a float
// stays one, so that no zero gets a sign.
func comparedAs(t, other arrow.DataType) arrow.DataType {
	if sqltype.IsInteger(t) && sqltype.IsDecimal(other) {
		return sqltype.Numeric
	}
	return t
}

// bindNullIf is CASE WHEN a = b THEN NULL ELSE a END, where a is as = compares it.
func (x *exprBinder) bindNullIf(e *ast.Call) (expr.Expr, error) {
	if len(e.Args) != 2 {
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "NULLIF takes two arguments")
	}
	args, err := x.bindArgs(e)
	if err != nil {
		return nil, err
	}
	pos := argPosition(e)
	first := args[0]
	equal, err := x.binary("=", e.Position(), args[0], args[1], pos(0), pos(1))
	if err != nil {
		return nil, err
	}
	if isUnknown(first.DataType()) {
		first = equal.(*expr.Call).Args[0]
	} else if first, err = x.coerce(first, comparedAs(first.DataType(), x.settled(args[1])), sqltype.Implicit, pos(0)); err != nil {
		return nil, err
	}
	t := first.DataType()
	return &expr.Case{Whens: []expr.When{{Cond: equal, Then: nullOf(t)}}, Else: first, Type: t}, nil
}
