package planner

import (
	"slices"

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

// eachGuarded calls visit for the columns of e in the order of evaluation, with
// what must be true of a row for the column to be needed: those arms of CASE,
// and operands of AND, OR and COALESCE, that the row reaches.
func eachGuarded(e expr.Expr, guards *guardChain, visit func(c *expr.Column, guards *guardChain)) {
	and := func(test expr.Expr) *guardChain { return &guardChain{test, guards} }
	switch e := e.(type) {
	case *expr.Column:
		visit(e, guards)
	case *expr.Literal, *expr.Param:
	case *expr.In:
		eachGuarded(e.Arg, guards, visit)
	case *expr.Case:
		for _, w := range e.Whens {
			eachGuarded(w.Cond, guards, visit)
			eachGuarded(w.Then, and(w.Cond), visit)
			guards = and(test("is not true", w.Cond))
		}
		eachGuarded(e.Else, guards, visit)
	case *expr.Coalesce:
		for _, a := range e.Args {
			eachGuarded(a, guards, visit)
			guards = and(test("is null", a))
		}
	case *expr.Logic:
		undecided := "is not false"
		if e.Or {
			undecided = "is not true"
		}
		for _, a := range e.Args {
			eachGuarded(a, guards, visit)
			guards = and(test(undecided, a))
		}
	default:
		for _, c := range e.Children() {
			eachGuarded(c, guards, visit)
		}
	}
}

// test is a predicate of one operand, such as IS NULL.
func test(name string, e expr.Expr) expr.Expr {
	return &expr.Call{Func: name, Args: []expr.Expr{e}, Type: sqltype.Bool, Pos: -1}
}

// harmless are functions that give a result for any arguments of their types.
var harmless = map[string]bool{
	"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true, "not": true,
	"is null": true, "is not null": true, "is distinct from": true, "is not distinct from": true,
	"is true": true, "is false": true, "is unknown": true,
	"is not true": true, "is not false": true, "is not unknown": true,
	"like": true, "length": true, "lower": true, "upper": true, "||": true,
}

// mayFail tells whether the evaluation of e can end in an error for some rows. A
// constant fails for all or for none, which is known before any row is read.
func mayFail(e expr.Expr) bool {
	if e == nil || !expr.HasColumns(e) {
		return false
	}
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		switch e := e.(type) {
		case *expr.Call:
			found = found || !harmless[e.Func] && expr.HasColumns(e)
		case *expr.Cast:
			found = found || !e.Try && (!sqltype.CanCast(e.Arg.DataType(), e.Type, sqltype.Implicit) || sqltype.IsFloat(e.Type))
		case *expr.In:
			found = found || mayFail(e.Arg)
			return false
		}
		return !found
	})
	return found
}
