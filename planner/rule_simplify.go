package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// simplifyExpressions writes conditions in the form that the other rules know:
//
//	NOT (a < b)                          a >= b
//	NOT (a AND b)                        NOT a OR NOT b, and so on downwards
//	CASE with a constant condition       what is left of it
//	COALESCE with a constant             what comes before it, and it
//	a AND a                              a
//	b = true                             b
//
// Where only what is true counts, which is in a filter and in the condition of an
// inner join, NULL is false, "b IS TRUE" is b as well, and CASE WHEN b THEN c ELSE false END is
// "b AND c" if c cannot fail: the parts of an AND go separate ways.
func simplifyExpressions(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		n = logical.MapExprs(n, o.simplify)
		switch x := n.(type) {
		case *logical.Filter:
			return &logical.Filter{Input: x.Input, Predicate: expr.And(o.conditions(x.Predicate))}
		case *logical.Join:
			if x.On != nil && (x.Kind == logical.Inner || x.Kind == logical.Semi) {
				c := *x
				c.On = expr.And(o.conditions(x.On))
				return &c
			}
		}
		return n
	})
}

// simplify is e with every part simplified.
func (o *optimizer) simplify(e expr.Expr) expr.Expr { return expr.Transform(e, o.simpler) }

// simpler is an expression whose operands are simple, as a simple one.
func (o *optimizer) simpler(e expr.Expr) expr.Expr {
	switch e := e.(type) {
	case *expr.Call:
		if e.Func == "not" {
			return notOf(e.Args[0])
		}
		return boolComparison(e)
	case *expr.Logic:
		return o.withoutRepeats(e)
	case *expr.Case:
		return reachableArms(e)
	case *expr.Coalesce:
		return untilConstant(e)
	}
	return e
}

// opposite are the functions that give true where the other gives false, and NULL
// where it gives NULL. Values of all types are totally ordered, NaN included.
var opposite = map[string]string{
	"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
	"is null": "is not null", "is not null": "is null",
	"is distinct from": "is not distinct from", "is not distinct from": "is distinct from",
	"is true": "is not true", "is not true": "is true", "is false": "is not false",
	"is not false": "is false", "is unknown": "is not unknown", "is not unknown": "is unknown",
}

// notOf is NOT e, with the NOT as far down as it goes.
func notOf(e expr.Expr) expr.Expr {
	switch e := e.(type) {
	case *expr.Literal:
		if v, known := truth(e); known {
			return boolLiteral(!v)
		}
		return e // NULL
	case *expr.In:
		return &expr.In{Arg: e.Arg, List: e.List, Negated: !e.Negated}
	case *expr.Logic:
		args := make([]expr.Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = notOf(a)
		}
		return &expr.Logic{Or: !e.Or, Args: args}
	case *expr.Call:
		if e.Func == "not" {
			return e.Args[0]
		}
		if f, ok := opposite[e.Func]; ok {
			c := *e
			c.Func = f
			return &c
		}
	}
	return test("not", e)
}

// boolComparison is b for b = true, and NOT b for b = false.
func boolComparison(c *expr.Call) expr.Expr {
	if c.Func != "=" && c.Func != "<>" || len(c.Args) != 2 {
		return c
	}
	for i, a := range c.Args {
		if v, known := truth(a); known {
			if v == (c.Func == "=") {
				return c.Args[1-i]
			}
			return notOf(c.Args[1-i])
		}
	}
	return c
}

// withoutRepeats is an AND or OR whose operands of the same kind are its own and
// stand there once. A volatile one may be another value each time.
func (o *optimizer) withoutRepeats(l *expr.Logic) expr.Expr {
	var parts []expr.Expr
	for _, a := range l.Args {
		if inner, ok := a.(*expr.Logic); ok && inner.Or == l.Or {
			parts = append(parts, inner.Args...)
		} else {
			parts = append(parts, a)
		}
	}
	if len(parts) > maxAlternatives || o.stopped() {
		return l
	}
	var args []expr.Expr
	for _, p := range parts {
		if !among(args, p) || o.volatility(p) == udf.Volatile {
			args = append(args, p)
		}
	}
	if len(args) == 1 {
		return args[0]
	}
	return o.foldLogic(&expr.Logic{Or: l.Or, Args: args})
}

// reachableArms is a CASE without the arms that no row reaches.
func reachableArms(c *expr.Case) expr.Expr {
	whens := make([]expr.When, 0, len(c.Whens))
	last := c.Else
	for _, w := range c.Whens {
		if v, known := truth(w.Cond); known && v {
			last = w.Then
			break
		} else if known || isNull(w.Cond) {
			continue
		}
		whens = append(whens, w)
	}
	switch {
	case len(whens) == 0:
		return last
	case len(whens) == len(c.Whens):
		return c
	}
	return &expr.Case{Whens: whens, Else: last, Type: c.Type}
}

// untilConstant is a COALESCE without NULLs and without what is never reached.
func untilConstant(c *expr.Coalesce) expr.Expr {
	var args []expr.Expr
	for _, a := range c.Args {
		if isNull(a) {
			continue
		}
		args = append(args, a)
		if _, constant := a.(*expr.Literal); constant {
			break
		}
	}
	switch len(args) {
	case 0:
		return nullOf(c.Type)
	case 1:
		return args[0]
	case len(c.Args):
		return c
	}
	return &expr.Coalesce{Args: args, Type: c.Type}
}

// conditions are the conjuncts of a predicate of which only true counts.
func (o *optimizer) conditions(pred expr.Expr) []expr.Expr {
	var out []expr.Expr
	for _, c := range expr.Conjuncts(pred) {
		switch x := c.(type) {
		case *expr.Call:
			if x.Func == "is true" && !o.p.mayFail(x) { // an AND evaluates what follows a NULL, a filter does not
				out = append(out, o.conditions(x.Args[0])...)
				continue
			}
		case *expr.Case:
			if o.isConjunction(x) {
				out = append(append(out, o.conditions(x.Whens[0].Cond)...), o.conditions(x.Whens[0].Then)...)
				continue
			}
		case *expr.Logic, *expr.Literal:
			c = o.whereTrue(c)
		}
		out = append(out, c)
	}
	return out
}

// whereTrue is as true as e, where NULL is as good as false.
func (o *optimizer) whereTrue(e expr.Expr) expr.Expr {
	l, ok := e.(*expr.Logic)
	if !ok {
		if isNull(e) {
			return boolLiteral(false)
		}
		return e
	}
	args := make([]expr.Expr, len(l.Args))
	for i, a := range l.Args {
		args[i] = o.whereTrue(a)
	}
	out := o.foldLogic(&expr.Logic{Or: l.Or, Args: args})
	if o.neverTrue(out) {
		return boolLiteral(false)
	}
	return out
}

// isConjunction tells whether a CASE demands its condition and its result, which
// may be tested apart. A condition that is just a column is left alone: it may say
// for which rows a subquery is evaluated (guardedBy).
func (o *optimizer) isConjunction(c *expr.Case) bool {
	if v, known := truth(c.Else); len(c.Whens) != 1 || !isNull(c.Else) && (!known || v) {
		return false
	}
	w := c.Whens[0]
	return !isLeaf(w.Cond) && !o.p.mayFail(w.Then) && o.volatility(c) != udf.Volatile
}
