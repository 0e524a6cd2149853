package planner

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// likeOperators are the operators behind LIKE and its kin, by the names the
// registry has for them; those with ! are negations.
var likeOperators = map[string]string{"~~": "like", "~~*": "ilike", "!~~": "like", "!~~*": "ilike"}

// bindQuantified is x op ANY|ALL (array or subquery).
func (x *exprBinder) bindQuantified(e *ast.Quantified) (expr.Expr, error) {
	if e.Query != nil {
		return x.bindQuantifiedQuery(e)
	}
	left, err := x.bind(e.Left)
	if err != nil {
		return nil, err
	}
	right, err := x.bind(e.Array)
	if err != nil {
		return nil, err
	}
	return x.quantified(e, left, right)
}

func (x *exprBinder) quantified(e *ast.Quantified, left, right expr.Expr) (expr.Expr, error) {
	op, all := e.Op, e.All
	negated := false
	if like, ok := likeOperators[op]; ok {
		negated = strings.HasPrefix(op, "!")
		op = like
		all = all != negated // NOT LIKE ALL is NOT (LIKE ANY)
	}
	lt, rt := x.settled(left), x.settled(right)
	elem := sqltype.Unknown
	if !isUnknown(rt) {
		if sqltype.Dimensions(rt) == 0 {
			return nil, sqlerr.At(e.Array.Position(), sqlerr.WrongObjectType, "op ANY/ALL (array) requires array on right side")
		}
		elem = sqltype.ElementType(rt)
	}
	r, err := x.p.Registry.ResolveScalar(op, []arrow.DataType{lt, elem})
	if err != nil {
		return nil, at(err, e.Position())
	}
	if !sqltype.Equal(r.Returns, sqltype.Bool) {
		return nil, sqlerr.At(e.Position(), sqlerr.WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean")
	}
	if left, err = x.coerceArg(left, r.Args[0], e.Left.Position()); err != nil {
		return nil, err
	}
	want := sqltype.ArrayOf(r.Args[1], max(sqltype.Dimensions(rt), 1))
	if right, err = x.coerce(right, want, sqltype.Implicit, e.Array.Position()); err != nil {
		return nil, err
	}
	left, right = bounded(op, left), bounded(op, right)
	prefix := udf.AnyPrefix
	if all {
		prefix = udf.AllPrefix
	}
	out := expr.Expr(&expr.Call{Func: prefix + op, Args: []expr.Expr{left, right}, Type: sqltype.Bool, Pos: e.Position()})
	if list := membership(prefix+op, left, right); list != nil {
		out = list
	}
	if negated {
		return x.not(out, e.Position())
	}
	return out, nil
}

// membership is IN or NOT IN for = ANY and <> ALL of an array of constants.
func membership(name string, left, right expr.Expr) expr.Expr {
	c, ok := right.(*expr.Call)
	if !ok || c.Func != arrayConstructor || name != udf.AnyPrefix+"=" && name != udf.AllPrefix+"<>" {
		return nil
	}
	for _, a := range c.Args {
		switch a.(type) {
		case *expr.Literal, *expr.Param:
		default:
			return nil
		}
		if !sqltype.Equal(a.DataType(), left.DataType()) {
			return nil
		}
	}
	return &expr.In{Arg: left, List: c.Args, Negated: strings.HasPrefix(name, udf.AllPrefix)}
}
