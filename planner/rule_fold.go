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
// NULL for a NULL argument is NULL where one is constant, whatever columns the
// others have.
func foldConstants(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		return logical.MapExprs(n, o.fold)
	})
}

// fold replaces the largest constant parts of e.
func (o *optimizer) fold(e expr.Expr) expr.Expr {
	out, constant := o.foldParts(e)
	if constant {
		return o.evaluated(out)
	}
	return out
}

// foldParts folds the constant parts of e. If all of e is constant, it is given
// back as it is: what is around it may be constant too, and is evaluated at once.
func (o *optimizer) foldParts(e expr.Expr) (out expr.Expr, constant bool) {
	switch x := e.(type) {
	case *expr.Literal:
		return e, true
	case *expr.Column, *expr.Param:
		return e, false
	case *expr.In:
		arg, constant := o.foldParts(x.Arg)
		if arg == x.Arg {
			return e, constant && o.evaluable(e)
		}
		return &expr.In{Arg: arg, List: x.List, Negated: x.Negated}, false
	}
	kids := e.Children()
	var few [8]bool
	constants := few[:0] // which operands are
	constant = o.evaluable(e)
	var folded []expr.Expr
	for i, c := range kids {
		f, ok := o.foldParts(c)
		constants, constant = append(constants, ok), constant && ok
		folded = replaced(folded, kids, i, f)
	}
	if constant {
		return e, true
	}
	for i, c := range kids {
		if constants[i] {
			folded = replaced(folded, kids, i, o.evaluated(c))
		}
	}
	if folded != nil {
		e = e.WithChildren(folded)
	}
	return o.simplified(e), false
}

// replaced is out, a copy of kids or nil for kids themselves, with e as the i-th.
func replaced(out, kids []expr.Expr, i int, e expr.Expr) []expr.Expr {
	if out == nil && e == kids[i] {
		return nil
	}
	if out == nil {
		out = append(out, kids...)
	}
	out[i] = e
	return out
}

// evaluated is the value of a constant expression. Where that fails it is the
// expression with the parts evaluated that do not.
func (o *optimizer) evaluated(e expr.Expr) expr.Expr {
	if l, ok := e.(*expr.Literal); ok {
		return l
	}
	if v := o.value(e); v != nil {
		return v
	}
	kids := e.Children()
	var folded []expr.Expr
	for i, c := range kids {
		folded = replaced(folded, kids, i, o.evaluatedUp(c))
	}
	if folded != nil {
		e = e.WithChildren(folded)
	}
	return o.simplified(e)
}

// evaluatedUp is evaluated, but from the leaves up, which looks at every part
// once however many of them fail.
func (o *optimizer) evaluatedUp(e expr.Expr) expr.Expr {
	kids := e.Children()
	if len(kids) == 0 {
		return e
	}
	literals := true
	var folded []expr.Expr
	for i, c := range kids {
		f := o.evaluatedUp(c)
		_, ok := f.(*expr.Literal)
		literals, folded = literals && ok, replaced(folded, kids, i, f)
	}
	if folded != nil {
		e = e.WithChildren(folded)
	}
	if literals {
		if v := o.value(e); v != nil {
			return v
		}
	}
	return o.simplified(e)
}

// value evaluates a constant expression; nil when that fails.
func (o *optimizer) value(e expr.Expr) expr.Expr {
	if v, err := o.p.Evaluator.Eval(o.ctx, e); err == nil && v.Len() == 1 {
		return &expr.Literal{Value: v}
	}
	return nil
}

// evaluable tells whether a node is constant if its operands are.
func (o *optimizer) evaluable(e expr.Expr) bool {
	if o.p.Evaluator == nil {
		return false
	}
	if c, ok := e.(*expr.Cast); ok && readsClock(c) {
		return !o.generic
	}
	c, ok := e.(*expr.Call)
	if !ok {
		return true
	}
	f := o.function(c)
	return f != nil && (f.Volatility == udf.Immutable || f.Session && f.Volatility == udf.Stable && !o.generic && !o.changesSession())
}

// simplified is a node whose operands are folded.
func (o *optimizer) simplified(e expr.Expr) expr.Expr {
	switch x := e.(type) {
	case *expr.Cast:
		// varchar and text are the same once the types of columns are known
		if !x.Pad && (x.VarcharLen == 0 || x.VarcharLen == anyLength) && sqltype.Equal(x.Type, x.Arg.DataType()) {
			return x.Arg
		}
	case *expr.Logic:
		return o.foldLogic(x)
	case *expr.Call:
		if !slices.ContainsFunc(x.Args, isNull) {
			return constantMembership(x)
		}
		if f := o.function(x); f != nil && !f.NullCall && !slices.ContainsFunc(x.Args, o.fails) {
			return nullOf(x.DataType())
		}
		return constantMembership(x)
	}
	return e
}

// fails tells whether a part of e that is evaluated in any case is a constant
// whose evaluation fails: else it would be a literal by now.
func (o *optimizer) fails(e expr.Expr) bool {
	found := false
	expr.Walk(e, func(e expr.Expr) bool {
		switch e.(type) {
		case *expr.Call, *expr.Cast:
			kids := e.Children()
			found = found || len(kids) > 0 && o.evaluable(e) && !slices.ContainsFunc(kids, notLiteral)
		case *expr.Case, *expr.Coalesce, *expr.Logic:
			return false
		}
		return !found
	})
	return found
}

func notLiteral(e expr.Expr) bool {
	_, ok := e.(*expr.Literal)
	return !ok
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

// foldLogic drops operands that do not matter: all but one that decides, as long
// as no constant fails before it.
func (o *optimizer) foldLogic(l *expr.Logic) expr.Expr {
	args := make([]expr.Expr, 0, len(l.Args))
	for _, a := range l.Args {
		v, known := truth(a)
		if known && v == l.Or {
			if !slices.ContainsFunc(args, o.fails) {
				return a
			}
			args = append(args, a)
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
