package planner

import (
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

// The registry's names of arrays and jsonb with other parts.
const (
	assignedElement = "[]="
	assignedSlice   = "[:]="
	assignedJSON    = "jsonb[]="
)

// partChain is the subscripts of a part, the innermost one last; 42804 for one of a column,
// of type t, that has no such part.
func partChain(column string, t arrow.DataType, part ast.Expr) (chain []*ast.Subscript, sliced bool, err error) {
	var field *ast.Field
	for {
		switch e := part.(type) {
		case *ast.Subscript:
			chain, sliced, part = append(chain, e), sliced || e.Slice, e.Arg
			continue
		case *ast.Field:
			chain, sliced, field, part = nil, false, e, e.Arg // what is below it counts
			continue
		}
		break
	}
	dims := sqltype.Dimensions(t)
	if field != nil && len(chain) > 0 && dims > 0 {
		t = sqltype.ElementType(t)
	}
	switch {
	case len(chain) > 0 && dims == 0 && !sqltype.Equal(t, sqltype.JSONB):
		return nil, false, sqlerr.New(sqlerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting", typeName(t))
	case field != nil && t.ID() == arrow.STRUCT:
		return nil, false, sqlerr.At(field.Position(), sqlerr.FeatureNotSupported, "assignment to a field of a column is not supported")
	case field != nil:
		return nil, false, sqlerr.New(sqlerr.DatatypeMismatch, "cannot assign to field \"%s\" of column \"%s\" because its type %s is not a composite type",
			field.Name, column, typeName(t))
	case dims == 0 && sliced:
		return nil, false, sqlerr.New(sqlerr.DatatypeMismatch, "jsonb subscript does not support slices")
	case len(chain) > maxDimensions && dims > 0:
		return nil, false, tooManyDimensions(chain[0].Position(), len(chain))
	}
	return chain, sliced, nil
}

// PartType is the type of a part, as in ast.Target, of a column of type t; a slice has that
// of the column.
func PartType(column string, t arrow.DataType, part ast.Expr) (arrow.DataType, error) {
	_, sliced, err := partChain(column, t, part)
	if err == nil && !sliced && sqltype.Dimensions(t) > 0 {
		t = sqltype.ElementType(t)
	}
	return t, err
}

// bindAssignPart binds a column's value of which a part has got another one.
func (x *exprBinder) bindAssignPart(e *ast.AssignPart) (expr.Expr, error) {
	base, err := x.bind(e.Base)
	if err != nil {
		return nil, err
	}
	t := base.DataType()
	chain, sliced, err := partChain(e.Column, t, e.Part)
	if err != nil {
		return nil, err
	}
	value, err := x.bind(e.Value)
	if err != nil {
		return nil, err
	}
	part, dims := t, sqltype.Dimensions(t)
	if dims > 0 {
		part = sqltype.ElementType(t)
	}
	if given := value.DataType(); sliced && isUnknown(given) {
		part = t
	} else if sliced {
		part = sqltype.ArrayOf(part, max(sqltype.Dimensions(given), 1)) // its elements count, in their order
	}
	if value, err = x.assignedPart(e, value, part); err != nil {
		return nil, err
	}
	call := &expr.Call{Func: assignedElement, Args: []expr.Expr{base, value}, Type: t, Pos: e.Position()}
	if dims == 0 {
		texts, number, err := x.jsonPath(chain)
		call.Func, call.Args = assignedJSON, append(call.Args, texts, boolLiteral(number))
		return call, err
	}
	if sliced {
		call.Func = assignedSlice
	}
	for _, s := range slices.Backward(chain) {
		low, high := s.Low, s.High
		if sliced && !s.Slice {
			low, high = nil, s.Low
		}
		missing := int32(math.MinInt32)
		if sliced && !s.Slice {
			missing = 1
		}
		lo, err := x.bindBound(low, missing)
		if err != nil {
			return nil, err
		}
		call.Args = append(call.Args, lo)
		if !sliced {
			continue
		}
		hi, err := x.bindBound(high, math.MaxInt32)
		if err != nil {
			return nil, err
		}
		call.Args = append(call.Args, hi)
	}
	return call, nil
}

// assignedPart converts a value to the type of the part that it becomes.
func (x *exprBinder) assignedPart(e *ast.AssignPart, value expr.Expr, part arrow.DataType) (expr.Expr, error) {
	out, err := x.coerce(value, part, sqltype.Assignment, e.Value.Position())
	if mismatch := sqlerr.Find(err); err != nil && mismatch.Code == sqlerr.DatatypeMismatch {
		mismatch.Message = fmt.Sprintf("subscripted assignment to \"%s\" requires type %s but expression is of type %s",
			e.Column, typeName(part), typeName(x.settled(value)))
	}
	return out, err
}
