package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// alignConstants compares what stands below a cast with constants of its own type:
//
//	smallint_column::integer = 5                  smallint_column = 5
//	integer_column::numeric > 1.5                 integer_column > 1
//	date_column::timestamp <= timestamp '… 12:00' date_column <= date '…'
//	timestamp_column::date = date '…'             from that midnight to the next
//
// That is faster per row and lets readers prune by the comparison. What no value
// can be is false, and NULL for NULL. A cast that depends on the session's time
// zone is left, and so is one that may round or fail.
func alignConstants(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		return logical.MapExprs(n, func(e expr.Expr) expr.Expr { return expr.Transform(e, aligned) })
	})
}

// aligned is a comparison with constants without the cast; e itself where none is to go.
func aligned(e expr.Expr) expr.Expr {
	switch e := e.(type) {
	case *expr.Call:
		if len(e.Args) == 2 && flipped[e.Func] != "" {
			return alignedComparison(e)
		}
	case *expr.In:
		return alignedSet(e)
	}
	return e
}

func alignedComparison(c *expr.Call) expr.Expr {
	op, arg, other := c.Func, c.Args[0], c.Args[1]
	if !notLiteral(arg) {
		op, arg, other = flipped[op], other, arg
	}
	l, ok := other.(*expr.Literal)
	if !ok || l.Value.Len() != 1 || l.Value.IsNull(0) {
		return c
	}
	from, to := belowCast(arg, l.DataType())
	if from == nil {
		return c
	}
	if p := preimageOf(from.DataType(), to, l.Value); p != nil {
		if e := p.compared(op, from); e != nil {
			return e
		}
	}
	return c
}

// belowCast is what can be compared with constants of type t without its cast, and
// the cast's type; nil where there is none. Numerics of different scales are
// compared without one.
func belowCast(e expr.Expr, t arrow.DataType) (from expr.Expr, to arrow.DataType) {
	comparable := func(u arrow.DataType) bool {
		return sqltype.Equal(t, u) || sqltype.IsDecimal(t) && sqltype.IsDecimal(u)
	}
	switch e := e.(type) {
	case *expr.Cast:
		if comparable(e.Type) && !sqltype.Equal(e.Arg.DataType(), t) && !refusesDates(e) {
			return e.Arg, e.Type
		}
	case *expr.Column:
		if sqltype.IsDecimal(e.Type) && comparable(e.Type) && !sqltype.Equal(e.Type, t) {
			return e, e.Type
		}
	}
	return nil, nil
}

// refusesDates tells whether a cast fails for the dates beyond the range of
// timestamps. One that was not written, but is a comparison's, does not.
func refusesDates(c *expr.Cast) bool {
	return c.Arg.DataType().ID() == arrow.DATE32 && !c.Bounded
}

// alignedSet leaves out the members of a set that no value below the cast becomes.
func alignedSet(in *expr.In) expr.Expr {
	cast, ok := in.Arg.(*expr.Cast)
	if !ok || len(in.List) == 0 || refusesDates(cast) {
		return in
	}
	from := cast.Arg.DataType()
	list := make([]expr.Expr, 0, len(in.List))
	for _, item := range in.List {
		l, ok := item.(*expr.Literal)
		if !ok || l.Value.Len() != 1 || !sqltype.Equal(l.DataType(), cast.Type) {
			return in
		}
		if l.Value.IsNull(0) {
			list = append(list, nullOf(from))
			continue
		}
		p := preimageOf(from, cast.Type, l.Value)
		switch {
		case p == nil || p.exact == nil && p.less != p.upTo:
			return in
		case p.exact != nil:
			list = append(list, &expr.Literal{Value: p.exact})
		}
	}
	switch {
	case len(list) > 0:
		return &expr.In{Arg: cast.Arg, List: list, Negated: in.Negated}
	case in.Negated:
		return alwaysOf(cast.Arg)
	}
	return neverOf(cast.Arg)
}
