package planner

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/sqltype"
)

// guardChain is what must be true of a row for a part of an expression to be
// needed, the last condition first; nil: nothing. A long AND or OR adds one
// condition for each operand, so the chains share their ends.
type guardChain struct {
	test expr.Expr
	rest *guardChain
}

// list is the conditions in the order of evaluation, in a new slice.
func (g *guardChain) list() []expr.Expr {
	var out []expr.Expr
	for ; g != nil; g = g.rest {
		out = append(out, g.test)
	}
	slices.Reverse(out)
	return out
}

// mapGuarded is e with every column replaced by f's result. f is called in the order
// of evaluation, with what must be true of a row for the column to be needed: those
// arms of CASE, and operands of AND, OR and COALESCE, that the row reaches. These
// conditions are over what the operands before have become.
func mapGuarded(e expr.Expr, guards *guardChain, f func(c *expr.Column, guards *guardChain) expr.Expr) expr.Expr {
	switch e := e.(type) {
	case *expr.Column:
		return f(e, guards)
	case *expr.Literal, *expr.Param:
		return e
	case *expr.In: // its list may be long and never has columns
		if arg := mapGuarded(e.Arg, guards, f); arg != e.Arg {
			return &expr.In{Arg: arg, List: e.List, Negated: e.Negated}
		}
		return e
	}
	old := e.Children()
	kids := slices.Clone(old)
	and := func(test expr.Expr) *guardChain { return &guardChain{test, guards} }
	for i, kid := range kids {
		switch e := e.(type) {
		case *expr.Case:
			if i%2 == 0 || i == len(kids)-1 { // a condition, or ELSE
				kids[i] = mapGuarded(kid, guards, f)
				continue
			}
			kids[i] = mapGuarded(kid, and(kids[i-1]), f)
			guards = and(test("is not true", kids[i-1]))
		case *expr.Coalesce:
			kids[i] = mapGuarded(kid, guards, f)
			guards = and(test("is null", kids[i]))
		case *expr.Logic:
			undecided := "is not false"
			if e.Or {
				undecided = "is not true"
			}
			kids[i] = mapGuarded(kid, guards, f)
			guards = and(test(undecided, kids[i]))
		default:
			kids[i] = mapGuarded(kid, guards, f)
		}
	}
	if slices.Equal(old, kids) {
		return e
	}
	return e.WithChildren(kids)
}

// test is a predicate of one operand, such as IS NULL.
func test(name string, e expr.Expr) expr.Expr {
	return &expr.Call{Func: name, Args: []expr.Expr{e}, Type: sqltype.Bool, Pos: -1}
}

// fallibleCall tells whether a function fails for some arguments: its overload says
// so, but for some that are known not to with these operands.
func (p *Planner) fallibleCall(c *expr.Call) bool {
	switch c.Func {
	case "like": // a pattern must not end with its escape
		pattern, ok := c.Args[1].(*expr.Literal)
		if !ok || len(c.Args) > 2 {
			return true
		}
		text, ok := pattern.Value.(*array.String)
		return !ok || text.IsValid(0) && strings.HasSuffix(text.Value(0), `\`)
	case "||": // arrays must fit together
		return slices.ContainsFunc(c.Args, func(e expr.Expr) bool { return !sqltype.IsString(e.DataType()) })
	}
	f := p.overload(c)
	return f == nil || !f.Total
}

// fallibleCast tells whether a cast fails for some values of its argument.
func fallibleCast(c *expr.Cast) bool {
	return !c.Try && !c.Bounded && fallibleConversion(c.Arg.DataType(), c.Type)
}

// fallibleConversion tells whether some value of a type has no counterpart in another.
func fallibleConversion(from, to arrow.DataType) bool {
	if list, ok := from.(*arrow.ListType); ok {
		if other, ok := to.(*arrow.ListType); ok {
			return fallibleConversion(list.Elem(), other.Elem())
		}
	}
	switch d, ok := to.(*arrow.Decimal128Type); {
	case ok:
		digits := digitsBeforePoint(from)
		room := d.Precision - d.Scale
		if s, ok := from.(*arrow.Decimal128Type); ok && s.Scale > d.Scale {
			digits++ // 9.99 is 10.0
		}
		return digits == 0 || digits > room
	case sqltype.IsFloat(to):
		return digitsBeforePoint(from) == 0 && !sqltype.Equal(from, sqltype.Float32)
	case sqltype.Equal(from, to):
		return false
	case to.ID() == arrow.TIMESTAMP: // dates are of more years, and zones move times beyond the last
		return true
	case sqltype.IsOID(to), sqltype.IsReg(to): // which have 32 bits
		return sqltype.Equal(from, sqltype.Int64)
	}
	return !sqltype.CanCast(from, to, sqltype.Implicit)
}

// digitsBeforePoint is how many decimal digits numbers of a type have there, at
// most and at least 1; 0 for other types and numbers without a bound.
func digitsBeforePoint(t arrow.DataType) int32 {
	switch t := t.(type) {
	case *arrow.Int16Type, *arrow.Int32Type, *arrow.Int64Type:
		return integerDigits(t)
	case *arrow.Decimal128Type:
		return max(t.Precision-t.Scale, 1)
	}
	return 0
}

// mayFail tells whether the evaluation of e can end in an error for some rows. A
// constant fails for all or for none, which is known before any row is read.
func (p *Planner) mayFail(e expr.Expr) bool {
	if e == nil || !expr.HasColumns(e) {
		return false
	}
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		switch e := e.(type) {
		case *expr.Call:
			found = found || p.fallibleCall(e) && expr.HasColumns(e)
		case *expr.Cast:
			found = found || fallibleCast(e)
		case *expr.In:
			found = found || p.mayFail(e.Arg)
			return false
		}
		return !found
	})
	return found
}
