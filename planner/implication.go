package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/sqltype"
)

// Implies tells whether a condition holds for every row for which another, given, holds, as
// far as their forms show it: by the rules of predicate_implied_by (predtest.c). Constants
// are folded before they are compared.
func (p *Planner) Implies(given, wanted expr.Expr) bool {
	i := &implication{optimizer{p: p}}
	return i.holds(i.fold(given), i.fold(wanted))
}

// implication proves conditions of one another.
type implication struct{ optimizer }

// holds takes conditions apart until both are single ones.
func (i *implication) holds(given, wanted expr.Expr) bool {
	follows := func(e expr.Expr) bool { return i.holds(given, e) }
	proves := func(e expr.Expr) bool { return i.holds(e, wanted) }
	if w, ok := wanted.(*expr.Logic); ok && !w.Or {
		return every(w.Args, follows)
	}
	if list := alternatives(given); list != nil {
		return every(list, proves)
	}
	if g, ok := given.(*expr.Logic); ok { // AND
		return slices.ContainsFunc(g.Args, proves) || slices.ContainsFunc(alternatives(wanted), follows)
	}
	return i.simple(given, wanted) || slices.ContainsFunc(alternatives(wanted), follows)
}

func every(list []expr.Expr, f func(expr.Expr) bool) bool {
	return !slices.ContainsFunc(list, func(e expr.Expr) bool { return !f(e) })
}

// alternatives are the operands of OR, and x IN (a, b) as x = a OR x = b; nil for others.
func alternatives(e expr.Expr) []expr.Expr {
	switch x := e.(type) {
	case *expr.Logic:
		if x.Or {
			return x.Args
		}
	case *expr.In:
		if x.Negated {
			return nil
		}
		out := make([]expr.Expr, len(x.List))
		for i, v := range x.List {
			out[i] = &expr.Call{Func: "=", Args: []expr.Expr{x.Arg, v}, Type: sqltype.Bool}
		}
		return out
	}
	return nil
}

// simple tells whether one single condition implies another.
func (i *implication) simple(given, wanted expr.Expr) bool {
	if expr.Equal(given, wanted) {
		return true
	}
	w, ok := wanted.(*expr.Call)
	if !ok {
		return false
	}
	if w.Func == "is not null" {
		return refusesNull(given, w.Args[0])
	}
	a, ok1 := comparison(given)
	b, ok2 := comparison(wanted)
	if !ok1 || !ok2 || !expr.Equal(a.left, b.left) {
		return false
	}
	test := implied[[2]string{a.op, b.op}]
	return test != "" && i.isTrue(&expr.Call{Func: test, Args: []expr.Expr{a.right, b.right}, Type: sqltype.Bool})
}

// compared is a comparison with a constant.
type compared struct {
	op    string
	left  expr.Expr
	right *expr.Literal
}

// comparison reads x op constant, in either order.
func comparison(e expr.Expr) (c compared, ok bool) {
	call, _ := e.(*expr.Call)
	if call == nil || len(call.Args) != 2 || commuted[call.Func] == "" {
		return c, false
	}
	if v, ok := call.Args[1].(*expr.Literal); ok {
		return compared{call.Func, call.Args[0], v}, true
	}
	v, ok := call.Args[0].(*expr.Literal)
	return compared{commuted[call.Func], call.Args[1], v}, ok
}

// commuted are the comparisons with their operands exchanged.
var commuted = map[string]string{"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// implied has, for x op a and x op b, what must be true of a and b for the former to imply
// the latter.
var implied = map[[2]string]string{
	{"<", "<"}: "<=", {"<", "<="}: "<=", {"<", "<>"}: "<=",
	{"<=", "<"}: "<", {"<=", "<="}: "<=", {"<=", "<>"}: "<",
	{"=", "<"}: "<", {"=", "<="}: "<=", {"=", "="}: "=", {"=", ">="}: ">=", {"=", ">"}: ">", {"=", "<>"}: "<>",
	{">=", ">"}: ">", {">=", ">="}: ">=", {">=", "<>"}: ">",
	{">", ">"}: ">=", {">", ">="}: ">=", {">", "<>"}: ">=",
	{"<>", "<>"}: "=",
}

// isTrue tells whether a constant condition is true.
func (i *implication) isTrue(e *expr.Call) bool {
	if !sqltype.Equal(e.Args[0].DataType(), e.Args[1].DataType()) {
		return false
	}
	l, _ := i.fold(e).(*expr.Literal)
	if l == nil {
		return false
	}
	b, _ := l.Value.(*array.Boolean)
	return b != nil && b.IsValid(0) && b.Value(0)
}

// refusesNull tells whether a condition is not true where x is NULL: it is x, or compares it.
func refusesNull(e, x expr.Expr) bool {
	if expr.Equal(e, x) {
		return true
	}
	switch e := e.(type) {
	case *expr.Cast:
		return refusesNull(e.Arg, x)
	case *expr.In:
		return refusesNull(e.Arg, x)
	case *expr.Call:
		switch e.Func {
		case "=", "<>", "<", "<=", ">", ">=", "not", "like", "not like", "ilike", "not ilike", "~", "~*", "!~", "!~*", "+", "-", "*", "/", "%", "||":
			return slices.ContainsFunc(e.Args, func(a expr.Expr) bool { return refusesNull(a, x) })
		}
	}
	return false
}
