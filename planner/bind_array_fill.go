package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// arrayFill is the registry's function for one dimension.
const arrayFill = "array_fill"

// bindArrayFill is array_fill(value, sizes [, lower bounds]). The number of
// dimensions is part of the type, so sizes for several must be written out: each
// dimension is filled with the array of the ones after it.
func (x *exprBinder) bindArrayFill(e *ast.Call) (expr.Expr, error) {
	args, err := x.bindArgs(e)
	if err != nil {
		return nil, err
	}
	pos := argPosition(e)
	if len(args) < 2 || len(args) > 3 {
		return x.call(arrayFill, e.Position(), pos, args...)
	}
	if isUnknown(x.settled(args[0])) {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "could not determine polymorphic type because input has type unknown")
	}
	ints := arrow.ListOf(sqltype.Int32)
	for i := 1; i < len(args); i++ {
		if args[i], err = x.coerce(args[i], ints, sqltype.Implicit, pos(i)); err != nil {
			return nil, err
		}
	}
	if len(args) == 3 {
		if err := x.onlyOnes(args[2], pos(2)); err != nil {
			return nil, err
		}
	}
	sizes, ok := elementsOf(args[1])
	if !ok || len(sizes) < 2 {
		return x.call(arrayFill, e.Position(), pos, args[:2]...)
	}
	if len(sizes) > maxDimensions {
		return nil, tooManyDimensions(e.Position(), len(sizes))
	}
	out := args[0]
	for i := len(sizes) - 1; i >= 0; i-- {
		size := &expr.Call{Func: arrayConstructor, Args: sizes[i : i+1], Type: ints, Pos: pos(1)}
		if out, err = x.call(arrayFill, e.Position(), pos, out, size); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// onlyOnes refuses lower bounds other than 1.
func (x *exprBinder) onlyOnes(bounds expr.Expr, pos int) error {
	items, ok := elementsOf(bounds)
	for _, b := range items {
		v, constant := integerConstant(b)
		ok = ok && constant && v == 1
	}
	if !ok {
		return unsupported(pos, "an array whose lower bound is not 1 is")
	}
	return nil
}
