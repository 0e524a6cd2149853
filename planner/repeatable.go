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
	o := &optimizer{p: p}
	return o.repeatable(b.Root)
}

func (o *optimizer) repeatable(n logical.Node) bool {
	ok := true
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		ok = ok && o.volatility(e) == udf.Immutable
		return e
	})
	if c, isCTE := n.(*logical.CTE); isCTE {
		ok = ok && o.repeatable(c.Shared.Plan)
	}
	for _, in := range n.Inputs() {
		ok = ok && o.repeatable(in)
	}
	return ok
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
