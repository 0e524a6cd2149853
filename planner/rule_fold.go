package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// foldConstants evaluates immutable expressions without columns, and shortens
// AND and OR with constant operands. An expression whose evaluation fails stays
// as it is: it may stand in a branch that is never taken. A function that gives
// NULL for a NULL argument is NULL where one is constant, whatever the others do.
func foldConstants(o *optimizer, n logical.Node) logical.Node {
	return logical.Transform(n, func(n logical.Node) logical.Node {
		return logical.MapExprs(n, o.fold)
	})
}

// fold replaces the largest constant parts of e.
func (o *optimizer) fold(e expr.Expr) expr.Expr {
	switch x := e.(type) {
	case *expr.Literal, *expr.Column, *expr.Param:
		return e
	case *expr.In:
		if arg := o.fold(x.Arg); arg != x.Arg {
			return &expr.In{Arg: arg, List: x.List, Negated: x.Negated}
		}
		return e
	}
	if o.p.Evaluator != nil && o.constant(e) {
		if v, err := o.p.Evaluator.Eval(o.ctx, e); err == nil && v.Len() == 1 {
			return &expr.Literal{Value: v}
		}
	}
	kids := e.Children()
	var out []expr.Expr
	for i, c := range kids {
		f := o.fold(c)
		if f != c && out == nil {
			out = append([]expr.Expr(nil), kids...)
		}
		if out != nil {
			out[i] = f
		}
	}
	if out != nil {
		e = e.WithChildren(out)
	}
	switch x := e.(type) {
	case *expr.Cast:
		// varchar and text are the same once the types of columns are known
		if !x.Pad && (x.VarcharLen == 0 || x.VarcharLen == anyLength) && sqltype.Equal(x.Type, x.Arg.DataType()) {
			return x.Arg
		}
	case *expr.Logic:
		return foldLogic(x)
	case *expr.Call:
		if f := o.function(x); f != nil && !f.NullCall && !f.User && slices.ContainsFunc(x.Args, isNull) {
			return nullOf(x.DataType())
		}
		return constantMembership(x)
	}
	return e
}

// constantMembership makes IN of x = ANY (array) and NOT IN of x <> ALL (array)
// where the array is constant: it is hashed, and prunes files.
func constantMembership(c *expr.Call) expr.Expr {
	if c.Func != udf.AnyPrefix+"=" && c.Func != udf.AllPrefix+"<>" {
		return c
	}
	l, ok := c.Args[1].(*expr.Literal)
	if !ok || l.Value.IsNull(0) {
		return c
	}
	elems := vector.Elements(l.Value).Values
	if elems.Len() == 0 || !sqltype.Equal(elems.DataType(), c.Args[0].DataType()) {
		return c
	}
	list := make([]expr.Expr, elems.Len())
	for i := range list {
		list[i] = &expr.Literal{Value: array.NewSlice(elems, int64(i), int64(i)+1)}
	}
	return &expr.In{Arg: c.Args[0], List: list, Negated: c.Func == udf.AllPrefix+"<>"}
}

// isNull tells whether e is the constant NULL.
func isNull(e expr.Expr) bool {
	l, ok := e.(*expr.Literal)
	return ok && l.Value.Len() == 1 && l.Value.IsNull(0)
}

// constant tells whether e has no columns or parameters and only immutable
// functions that are not the user's.
func (o *optimizer) constant(e expr.Expr) bool {
	ok := true
	expr.Walk(e, func(e expr.Expr) bool {
		switch x := e.(type) {
		case *expr.Column, *expr.Param:
			ok = false
		case *expr.Call:
			f := o.function(x)
			ok = ok && f != nil && !f.User && (f.Volatility == udf.Immutable || f.Session && f.Volatility == udf.Stable)
		}
		return ok
	})
	return ok
}

// foldLogic drops operands that do not matter, and stops at one that decides.
func foldLogic(l *expr.Logic) expr.Expr {
	args := make([]expr.Expr, 0, len(l.Args))
	for _, a := range l.Args {
		v, known := truth(a)
		if known && v == l.Or {
			if len(args) == 0 {
				return a
			}
			args = append(args, a) // what stands before may still fail
			break
		}
		if !known {
			args = append(args, a)
		}
	}
	switch len(args) {
	case 0:
		return boolLiteral(!l.Or)
	case 1:
		return args[0]
	case len(l.Args):
		return l
	}
	return &expr.Logic{Or: l.Or, Args: args}
}

// truth is the value of a boolean literal that is not NULL.
func truth(e expr.Expr) (value, known bool) {
	l, ok := e.(*expr.Literal)
	if !ok || l.Value.IsNull(0) {
		return false, false
	}
	b, ok := l.Value.(*array.Boolean)
	if !ok {
		return false, false
	}
	return b.Value(0), true
}
