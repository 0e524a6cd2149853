package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqltype"
)

// fieldsOf are the fields that an interval type keeps, 0 for all of them and for
// other types.
func fieldsOf(t ast.TypeName) sqltype.IntervalFields {
	if t.Fields == "" {
		return 0
	}
	fields, _ := sqltype.ParseFieldsOfInterval(t.Fields) // the parser has checked them
	return fields
}

// intervalLiteral reads a literal of an interval type of only some fields, whose
// last one is that of a number without a unit.
func (b *binder) intervalLiteral(u *untyped, fields sqltype.IntervalFields) (expr.Expr, error) {
	v, err := sqltype.ParseIntervalFields([]byte(u.text), fields, b.opts.Style.Interval)
	if err != nil {
		return nil, at(err, u.pos)
	}
	text := sqltype.AppendInterval(nil, v)
	a, err := sqltype.Scalar(sqltype.Interval, string(text))
	if err != nil {
		return nil, at(err, u.pos)
	}
	return &expr.Literal{Value: a}, nil
}

// cutToFields drops what an interval type of only some fields does not keep, and
// rounds to the precision of its seconds.
func (x *exprBinder) cutToFields(e expr.Expr, t ast.TypeName, fields sqltype.IntervalFields, pos int) (expr.Expr, error) {
	precision := int32(6)
	if len(t.Mods) > 0 {
		precision = t.Mods[0]
	}
	return x.call("typmod", pos, func(int) int { return pos }, e, int32Literal(precision), int32Literal(int32(fields)))
}
