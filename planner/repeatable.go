package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
	"volley/udf"
)

// Repeatable tells whether a query's plan is the same whenever it is made: none of
// its functions depends on the time or the session, which planning may evaluate.
func (p *Planner) Repeatable(b *Bound) bool {
	return (&optimizer{p: p}).most(b.Root) == udf.Immutable
}

// Volatile tells whether a query calls volatile functions, which may have effects.
func (p *Planner) Volatile(b *Bound) bool {
	return (&optimizer{p: p}).most(b.Root) == udf.Volatile
}

// ExprVolatility is how constant an expression is: as its most volatile part.
func (p *Planner) ExprVolatility(e expr.Expr) udf.Volatility { return (&optimizer{p: p}).volatility(e) }

// most is the volatility of a query: that of its most volatile expression.
func (o *optimizer) most(n logical.Node) udf.Volatility {
	most := udf.Immutable
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		most = max(most, o.volatility(e))
		return e
	})
	if c, isCTE := n.(*logical.CTE); isCTE {
		most = max(most, o.most(c.Shared.Plan))
	}
	for _, in := range n.Inputs() {
		most = max(most, o.most(in))
	}
	return most
}

// readsClock tells whether a cast may read words that stand for a moment: 'now', or
// 'today'.
func readsClock(c *expr.Cast) bool {
	return ofText(c.Arg.DataType()) && ofTime(c.Type)
}

// ofText tells whether values of a type are text or have it in them.
func ofText(t arrow.DataType) bool {
	return sqltype.IsString(t) || slices.ContainsFunc(parts(t), ofText)
}

// ofTime tells whether values of a type are dates or times or have them in them.
func ofTime(t arrow.DataType) bool {
	return sqltype.IsTemporal(t) && !sqltype.Equal(t, sqltype.Interval) || slices.ContainsFunc(parts(t), ofTime)
}

// parts are the types of a list's elements or of a row's fields.
func parts(t arrow.DataType) (types []arrow.DataType) {
	if nested, ok := t.(arrow.NestedType); ok {
		for _, f := range nested.Fields() {
			types = append(types, f.Type)
		}
	}
	return types
}

// changesSession tells whether the query calls a function that changes a setting of
// the session: then what it reads of the session is not known beforehand.
func (o *optimizer) changesSession() bool {
	if o.changing == nil {
		found := o.root != nil && callsOf(o.root, "set_config")
		o.changing = &found
	}
	return *o.changing
}

// ofSession tells whether e calls a function of the session, of that volatility at least,
// for its rows: with columns, or each time anew.
func (p *Planner) ofSession(e expr.Expr, least udf.Volatility) (is bool) {
	expr.Walk(e, func(e expr.Expr) bool {
		if call, ok := e.(*expr.Call); ok && !is {
			f := p.overload(call)
			is = f != nil && f.Session && f.Volatility >= least && (f.Volatility == udf.Volatile || expr.HasColumns(call))
		}
		return !is
	})
	return is
}

// callsOf tells whether a plan calls a function.
func callsOf(n logical.Node, function string) (found bool) {
	var look func(e expr.Expr)
	look = func(e expr.Expr) {
		if c, ok := e.(*expr.Call); ok && c.Func == function {
			found = true
		}
		for _, k := range e.Children() {
			look(k)
		}
	}
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		look(e)
		return e
	})
	if c, isCTE := n.(*logical.CTE); isCTE {
		found = found || callsOf(c.Shared.Plan, function)
	}
	for _, in := range n.Inputs() {
		found = found || callsOf(in, function)
	}
	return found
}
