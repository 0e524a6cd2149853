package planner

import (
	"reflect"
	"slices"

	"volley/parser/ast"
	"volley/planner/logical"
)

// boundBefore finds a subquery of the block that is written like e, so that it
// is evaluated once, and means the same in GROUP BY and in the select list.
func (x *exprBinder) boundBefore(e ast.Expr) *attachment {
	if x.block == nil {
		return nil
	}
	for _, s := range x.block.slots {
		switch {
		case s.of.syntax == nil || s.column > 0:
		case s.of.syntax == e:
			return s.of
		case sameSyntax(reflect.ValueOf(s.of.syntax), reflect.ValueOf(e)) && !x.volatilePlan(s.of.node) && !slices.ContainsFunc(s.of.keys, x.volatile):
			return s.of
		}
	}
	return nil
}

// volatilePlan tells whether computing a plan again may give other rows.
func (b *binder) volatilePlan(n logical.Node) bool {
	return (&sharing{optimizer: &optimizer{ctx: b.ctx, p: b.p}}).volatile(n)
}

var position0 = reflect.TypeOf(ast.Pos(0))

// sameSyntax tells whether two parts of syntax trees differ in positions only.
func sameSyntax(a, b reflect.Value) bool {
	if a.Kind() != b.Kind() || a.IsValid() && a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return sameSyntax(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameSyntax(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if a.Type().Field(i).Type != position0 && !sameSyntax(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}
