package planner

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// The registry's names of ARRAY[…], a[i] and a[lo:hi].
const (
	arrayConstructor = "array[]"
	arraySubscript   = "[]"
	arraySlice       = "[:]"
)

// bindArray binds ARRAY[…]. target is the array type of a cast right around it,
// to which the elements are then converted one by one, or nil.
func (x *exprBinder) bindArray(e *ast.Array, target arrow.DataType) (expr.Expr, error) {
	if len(e.Items) == 0 {
		if target == nil {
			return nil, sqlerr.At(e.Position(), "42P18", "cannot determine type of empty array").
				WithHint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
		}
		return &expr.Literal{Value: emptyArray(target)}, nil
	}
	items := make([]expr.Expr, len(e.Items))
	for i, item := range e.Items {
		var err error
		if inner, ok := item.(*ast.Array); ok {
			items[i], err = x.bindArray(inner, target)
		} else {
			items[i], err = x.bind(item)
		}
		if err != nil {
			return nil, err
		}
	}
	pos := func(i int) int { return e.Items[i].Position() }
	t, err := x.elementType(items, target, pos)
	if err != nil {
		return nil, err
	}
	ctx := sqltype.Implicit
	if target != nil {
		ctx = sqltype.Explicit
	}
	for i, item := range items {
		if items[i], err = x.coerce(item, t, ctx, pos(i)); err != nil {
			return nil, err
		}
	}
	if list := arrow.ListOf(t); sqltype.Dimensions(list) > maxDimensions {
		return nil, tooManyDimensions(e.Position(), sqltype.Dimensions(list))
	}
	return &expr.Call{Func: arrayConstructor, Args: items, Type: arrow.ListOf(t), Pos: e.Position()}, nil
}

// elementType is the type of an array constructor's items: that of the target's
// elements, or the items' common one.
func (x *exprBinder) elementType(items []expr.Expr, target arrow.DataType, pos func(int) int) (arrow.DataType, error) {
	types := make([]arrow.DataType, len(items))
	dims := 0
	for i, item := range items {
		types[i] = x.settled(item)
		dims = max(dims, sqltype.Dimensions(types[i]))
	}
	if target != nil {
		return sqltype.ArrayOf(sqltype.ElementType(target), dims), nil
	}
	t, err := x.commonType("ARRAY", items, types)
	if err != nil {
		return nil, at(err, pos(mismatched(types)))
	}
	return t, nil
}

// maxDimensions is PostgreSQL's MAXDIM.
const maxDimensions = 6

func tooManyDimensions(pos, n int) error {
	return sqlerr.At(pos, sqlerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", n, maxDimensions)
}

// emptyArray is an array literal without elements.
func emptyArray(t arrow.DataType) arrow.Array {
	b := array.NewListBuilder(allocator, t.(*arrow.ListType).Elem())
	b.Append(true)
	return b.NewArray()
}

// bindSubscript binds a[i], a[lo:hi] and chains of them, which count together:
// one slice among them makes slices of all.
func (x *exprBinder) bindSubscript(e *ast.Subscript) (expr.Expr, error) {
	var chain []*ast.Subscript // innermost last
	base := ast.Expr(e)
	slices := false
	for s, ok := e, true; ok; s, ok = base.(*ast.Subscript) {
		chain = append(chain, s)
		slices = slices || s.Slice
		base = s.Arg
	}
	if len(chain) > maxDimensions {
		return nil, tooManyDimensions(e.Position(), len(chain))
	}
	arg, err := x.bind(base)
	if err != nil {
		return nil, err
	}
	t := x.settled(arg)
	dims := sqltype.Dimensions(t)
	if dims == 0 {
		if sqltype.Equal(t, sqltype.JSONB) && !slices {
			return x.subscriptJSON(arg, chain)
		}
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", typeName(t))
	}
	if slices {
		return x.sliceArray(e, arg, chain)
	}
	for i := len(chain) - 1; i >= 0; i-- {
		index, err := x.bindBound(chain[i].Low, 0)
		if err != nil {
			return nil, err
		}
		switch {
		case len(chain) != dims: // not an element: NULL, whatever the subscripts
			continue
		default:
			arg, err = x.call(arraySubscript, chain[i].Position(), func(int) int { return chain[i].Position() }, arg, index)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(chain) != dims {
		return nullOf(sqltype.ElementType(t)), nil
	}
	return arg, nil
}

// sliceArray is a[lo:hi]…; a subscript without colon means [1:i].
func (x *exprBinder) sliceArray(e *ast.Subscript, arg expr.Expr, chain []*ast.Subscript) (expr.Expr, error) {
	args := []expr.Expr{arg}
	for i := len(chain) - 1; i >= 0; i-- {
		low, high := chain[i].Low, chain[i].High
		if !chain[i].Slice {
			low, high = nil, chain[i].Low
		}
		lo, err := x.bindBound(low, 1)
		if err != nil {
			return nil, err
		}
		hi, err := x.bindBound(high, math.MaxInt32)
		if err != nil {
			return nil, err
		}
		args = append(args, lo, hi)
	}
	return x.call(arraySlice, e.Position(), func(int) int { return e.Position() }, args...)
}

// bindBound is a subscript as an integer; missing is its value when it is left
// out.
func (x *exprBinder) bindBound(e ast.Expr, missing int32) (expr.Expr, error) {
	if e == nil {
		b := array.NewInt32Builder(allocator)
		b.Append(missing)
		return &expr.Literal{Value: b.NewArray()}, nil
	}
	out, err := x.bind(e)
	if err != nil {
		return nil, err
	}
	t := x.settled(out)
	if !isUnknown(t) && !sqltype.CanCast(t, sqltype.Int32, sqltype.Assignment) {
		return nil, sqlerr.At(e.Position(), sqlerr.DatatypeMismatch, "array subscript must have type integer")
	}
	return x.coerce(out, sqltype.Int32, sqltype.Assignment, e.Position())
}
