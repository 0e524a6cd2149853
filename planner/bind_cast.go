package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
)

func (x *exprBinder) bindCast(e *ast.Cast) (expr.Expr, error) {
	t, err := x.resolveType(e.Type, e.Position())
	if err != nil {
		return nil, err
	}
	var arg expr.Expr
	if a, ok := e.Arg.(*ast.Array); ok && sqltype.Dimensions(t) > 0 && !e.Try {
		arg, err = x.bindArray(a, t)
	} else {
		arg, err = x.bind(e.Arg)
	}
	if err != nil {
		return nil, err
	}
	if d := sqltype.Dimensions(arg.DataType()); d > 0 && sqltype.Dimensions(t) > 0 {
		t = sqltype.ArrayOf(sqltype.ElementType(t), d) // a cast keeps the dimensions
	}
	if e.Try {
		return x.tryCast(e, arg, t)
	}
	var out expr.Expr
	if u, ok := arg.(*untyped); ok && !u.null && fieldsOf(e.Type) != 0 && sqltype.Dimensions(t) == 0 {
		out, err = x.intervalLiteral(u, fieldsOf(e.Type))
	} else if p, ok := arg.(*expr.Param); ok && isUnknown(p.Type) {
		out, err = x.coerce(x.decide(p, written(t)), t, sqltype.Explicit, e.Position())
	} else {
		out, err = x.coerce(arg, t, sqltype.Explicit, e.Position())
	}
	if err != nil {
		return nil, err
	}
	out = x.asText(out, arg, e.Type, e.Position())
	if c, ok := out.(*expr.Cast); ok && out == arg && len(e.Type.Mods) > 0 && sqltype.IsString(sqltype.ElementType(c.Type)) {
		out = &expr.Cast{Arg: c, Type: c.Type, Pos: e.Position()} // the inner cast may be a grouping key
	}
	return x.modified(out, e.Type, e.Position())
}

// modified applies the modifiers of a type that are no part of the Arrow type:
// the length of varchar(n) and char(n), the precision of temporal types, and
// that of numeric where Decimal128 is too narrow.
func (x *exprBinder) modified(e expr.Expr, t ast.TypeName, pos int) (expr.Expr, error) {
	if fields := fieldsOf(t); fields != 0 && t.Array == 0 {
		return x.cutToFields(e, t, fields, pos)
	}
	if t.Array > 0 || len(t.Mods) == 0 {
		return cutToLength(e, t, pos), nil
	}
	mods := t.Mods
	switch t.Name {
	case "time", "timetz", "timestamp", "timestamptz", "interval":
	case "numeric", "decimal", "dec":
		if !sqltype.IsUnconstrainedNumeric(e.DataType()) {
			return e, nil
		}
		if len(mods) == 1 {
			mods = []int32{mods[0], 0}
		}
	default:
		return cutToLength(e, t, pos), nil
	}
	args := []expr.Expr{e}
	for _, m := range mods {
		args = append(args, int32Literal(m))
	}
	return x.call("typmod", pos, func(int) int { return pos }, args...)
}

// tryCast keeps the conversion for run time, where a failure gives NULL.
func (x *exprBinder) tryCast(e *ast.Cast, arg expr.Expr, t arrow.DataType) (expr.Expr, error) {
	arg, err := x.resolveUnknown(arg, e.Position())
	if err != nil {
		return nil, err
	}
	from := arg.DataType()
	if sqltype.Equal(from, t) {
		return arg, nil
	}
	if !sqltype.CanCast(from, t, sqltype.Explicit) {
		return nil, sqlerr.At(e.Position(), sqlerr.CannotCoerce, "cannot cast type %s to %s", typeName(from), typeName(t))
	}
	return &expr.Cast{Arg: arg, Type: t, Try: true, Pos: e.Position()}, nil
}

// cutToLength applies the length of varchar(n), char(n) and types of bits, which
// is no part of the type.
func cutToLength(e expr.Expr, t ast.TypeName, pos int) expr.Expr {
	n, pad := int32(0), false
	elem := sqltype.ElementType(e.DataType())
	if sqltype.IsBits(elem) {
		return cutBits(e, elem, t.Mods, pos)
	}
	switch t.Name {
	case "varchar", "character varying":
		if n = anyLength; len(t.Mods) > 0 {
			n = t.Mods[0]
		}
	case "bpchar", "char", "character":
		n, pad = 1, true
		if len(t.Mods) > 0 {
			n = t.Mods[0]
		} else if t.Name == "bpchar" {
			return e
		}
	default:
		return e
	}
	if c, ok := e.(*expr.Cast); ok && !c.Try && c.VarcharLen == 0 {
		cut := *c
		cut.VarcharLen, cut.Pad = n, pad
		return &cut
	}
	return &expr.Cast{Arg: e, Type: sqltype.ArrayOf(sqltype.Text, sqltype.Dimensions(e.DataType())), VarcharLen: n, Pad: pad, Pos: pos}
}

// cutBits applies the length of bit(n) and bit varying(n). An integer has one
// where the type does not say it.
func cutBits(e expr.Expr, elem arrow.DataType, mods []int32, pos int) expr.Expr {
	c, ok := e.(*expr.Cast)
	n := int32(0)
	if len(mods) > 0 {
		n = mods[0]
	} else if ok && sqltype.IsInteger(sqltype.ElementType(c.Arg.DataType())) {
		n = 1
	}
	switch {
	case n == 0:
		return e
	case ok && !c.Try && c.VarcharLen == 0:
		cut := *c
		cut.VarcharLen = n
		return &cut
	}
	return &expr.Cast{Arg: e, Type: sqltype.ArrayOf(elem, sqltype.Dimensions(e.DataType())), VarcharLen: n, Pos: pos}
}

// coerceArg is coerce for an operand or argument.
func (b *binder) coerceArg(e expr.Expr, t arrow.DataType, pos int) (expr.Expr, error) {
	if t == nil || isUnknown(t) {
		return b.resolveUnknown(e, pos)
	}
	return b.coerce(e, t, sqltype.Implicit, pos)
}
