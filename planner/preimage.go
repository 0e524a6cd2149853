package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/sqltype"
)

// preimage says where the values s of a type lie whose cast to another one is
// compared with a constant k. Casts are monotone, so each side of k is a range:
//
//	s::T < k   is  s less.op less.value
//	s::T <= k  is  s upTo.op upTo.value
//	s::T = k   is  s = exact; where that is nil, what lies between the two
type preimage struct {
	less, upTo upperEnd
	exact      arrow.Array
}

// upperEnd ends a range of values; nothing lies below the one without a value.
type upperEnd struct {
	op    string // "<" or "<="
	value arrow.Array
}

// exactly is where one value alone becomes k.
func exactly(v arrow.Array) *preimage {
	return &preimage{less: upperEnd{"<", v}, upTo: upperEnd{"<=", v}, exact: v}
}

// above is where k lies behind floor and before the next value; nil is before all.
func above(floor arrow.Array) *preimage {
	b := upperEnd{"<=", floor}
	return &preimage{less: b, upTo: b}
}

// compared is e op k, of which p is the preimage; nil when e would have to be
// evaluated twice for it and is no column.
func (p *preimage) compared(op string, e expr.Expr) expr.Expr {
	switch op {
	case "<":
		return p.less.below(e)
	case "<=":
		return p.upTo.below(e)
	case ">=":
		return p.less.notBelow(e)
	case ">":
		return p.upTo.notBelow(e)
	}
	_, column := e.(*expr.Column)
	switch {
	case p.exact != nil:
		return same(op, e, &expr.Literal{Value: p.exact})
	case p.less == p.upTo && op == "=":
		return neverOf(e)
	case p.less == p.upTo:
		return alwaysOf(e)
	case !column:
		return nil
	case op == "=":
		return &expr.Logic{Args: []expr.Expr{p.less.notBelow(e), p.upTo.below(e)}}
	}
	return &expr.Logic{Or: true, Args: []expr.Expr{p.less.below(e), p.upTo.notBelow(e)}}
}

// below and notBelow say that e is among the values that b is the end of, or not.
func (b upperEnd) below(e expr.Expr) expr.Expr {
	if b.value == nil {
		return neverOf(e)
	}
	return same(b.op, e, &expr.Literal{Value: b.value})
}

func (b upperEnd) notBelow(e expr.Expr) expr.Expr {
	if b.value == nil {
		return alwaysOf(e)
	}
	return same(opposite[b.op], e, &expr.Literal{Value: b.value})
}

// neverOf is false, and NULL where e is.
func neverOf(e expr.Expr) expr.Expr {
	return &expr.Logic{Args: []expr.Expr{test("is null", e), nullOf(sqltype.Bool)}}
}

// alwaysOf is true, and NULL where e is.
func alwaysOf(e expr.Expr) expr.Expr {
	return &expr.Logic{Or: true, Args: []expr.Expr{test("is not null", e), nullOf(sqltype.Bool)}}
}
