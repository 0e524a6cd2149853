package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// windowBase numbers the results of window functions until the block's windows
// are placed (see block).
const windowBase = aggregateBase + 1<<23

// windowing is the state of a block's window functions.
type windowing struct {
	sel   *ast.Select          // whose WINDOW clause it is
	named map[string]*overSpec // of that clause, bound on first use
	calls []windowCall
}

// windowCall is a window function and the window it is over.
type windowCall struct {
	logical.WindowCall
	over *overSpec
}

// overSpec is a bound window definition.
type overSpec struct {
	partition []expr.Expr
	order     []logical.SortKey
	frame     expr.Frame
	framed    bool // a frame was written
}

// bindWindow adds a window function to the block and gives a column that stands
// for its result until the block's windows are placed.
func (x *exprBinder) bindWindow(e *ast.Call, name string) (expr.Expr, error) {
	if err := x.allowWindow(e.Position()); err != nil {
		return nil, err
	}
	if err := x.p.windowable(e, name); err != nil {
		return nil, err
	}
	inner := *x
	inner.inWindow, inner.windows = true, false
	args, err := inner.bindArgs(e)
	if err != nil {
		return nil, err
	}
	call, err := inner.windowFunction(e, name, args)
	if err != nil {
		return nil, err
	}
	filter := inner
	filter.inWindow, filter.before = false, true
	if call.Filter, err = filter.bindFilter(e.Filter); err != nil {
		return nil, err
	}
	over, err := x.block.over(e.Over)
	if err != nil {
		return nil, err
	}
	call.Frame = over.frame
	return x.block.window(windowCall{call, over}), nil
}

// allowWindow refuses a window function where none may stand.
func (x *exprBinder) allowWindow(pos int) error {
	switch {
	case x.inAggregate:
		return sqlerr.At(pos, sqlerr.GroupingError, "aggregate function calls cannot contain window function calls")
	case x.constant:
		return sqlerr.At(pos, sqlerr.WindowingError, "window functions are not allowed in window definitions")
	case x.inWindow:
		return sqlerr.At(pos, sqlerr.WindowingError, "window function calls cannot be nested")
	case x.block == nil || !x.windows:
		return sqlerr.At(pos, sqlerr.WindowingError, "window functions are not allowed in %s", x.clause)
	}
	return nil
}

// windowable refuses what a window function's call cannot have.
func (p *Planner) windowable(e *ast.Call, name string) error {
	pos := e.Position()
	aggregate := p.Registry.IsAggregate(name)
	switch {
	case !aggregate && !p.Registry.IsWindow(name):
		if p.Registry.IsScalar(name) || p.Registry.IsTable(name) {
			return sqlerr.At(pos, sqlerr.WrongObjectType, "OVER specified, but %s is not a window function nor an aggregate function", name)
		}
	case p.Registry.IsWindow(name):
		switch {
		case e.Star:
			return sqlerr.At(pos, sqlerr.UndefinedFunction, "function %s() does not exist", name)
		case len(e.WithinGroup) > 0:
			return sqlerr.At(pos, sqlerr.WrongObjectType, "window function %s cannot have WITHIN GROUP", name)
		case e.Distinct:
			return sqlerr.At(pos, sqlerr.FeatureNotSupported, "DISTINCT is not implemented for window functions")
		case len(e.OrderBy) > 0:
			return sqlerr.At(pos, sqlerr.FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions")
		case e.Filter != nil:
			return sqlerr.At(pos, sqlerr.FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions")
		case e.IgnoreNulls:
			return unsupported(pos, "IGNORE NULLS is")
		}
		return nil
	case len(e.WithinGroup) > 0 || p.Registry.IsOrderedSet(name):
		if len(e.WithinGroup) == 0 {
			return nil // refused when its arguments are known
		}
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "OVER is not supported for ordered-set aggregate %s", name)
	case e.Star && len(e.Args) > 0, len(e.Args) == 0 && !e.Star:
		return sqlerr.At(pos, sqlerr.WrongObjectType, "%s(*) must be used to call a parameterless aggregate function", name)
	}
	switch {
	case e.Distinct:
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "DISTINCT is not implemented for window functions")
	case len(e.OrderBy) > 0:
		return sqlerr.At(pos, sqlerr.FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions")
	}
	return nil
}

// windowFunction resolves a window function or an aggregate over bound arguments.
func (x *exprBinder) windowFunction(e *ast.Call, name string, args []expr.Expr) (logical.WindowCall, error) {
	call := logical.WindowCall{Func: name, Args: args, Pos: e.Position()}
	pos := argPosition(e)
	if !x.p.Registry.IsWindow(name) {
		if x.p.Registry.IsOrderedSet(name) {
			return call, x.withoutWithinGroup(e, name)
		}
		agg, err := x.aggregateCall(name, e.Position(), args, pos)
		call.Aggregate, call.Args, call.Type = true, agg.Args, agg.Type
		return call, err
	}
	r, err := x.p.Registry.ResolveWindow(name, x.settledTypes(args))
	if err != nil {
		return call, at(err, e.Position())
	}
	for i := range args {
		if args[i], err = x.coerceArg(args[i], r.Args[i], pos(i)); err != nil {
			return call, err
		}
	}
	call.Type = r.Returns
	return call, nil
}

// window gives the column that stands for a call's result; equal calls are
// computed once.
func (s *block) window(call windowCall) expr.Expr {
	index := -1
	for i, c := range s.windows.calls {
		if sameWindowCall(c, call) {
			index = i
			break
		}
	}
	if index < 0 {
		index = len(s.windows.calls)
		s.windows.calls = append(s.windows.calls, call)
	}
	return &expr.Column{Index: windowBase + index, Name: call.String(), Type: call.Type}
}

func sameWindowCall(a, b windowCall) bool {
	if a.Func != b.Func || !equalExprs(a.Args, b.Args) || !a.Frame.Equal(b.Frame) || !a.over.sameOrder(b.over) || (a.Filter == nil) != (b.Filter == nil) {
		return false
	}
	return a.Filter == nil || expr.Equal(a.Filter, b.Filter)
}

// sameOrder tells whether two windows have the same partitions and order.
func (o *overSpec) sameOrder(p *overSpec) bool {
	return equalExprs(o.partition, p.partition) && equalKeys(o.order, p.order)
}

func equalExprs(a, b []expr.Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !expr.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalKeys(a, b []logical.SortKey) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Desc != b[i].Desc || a[i].NullsFirst != b[i].NullsFirst || !expr.Equal(a[i].Expr, b[i].Expr) {
			return false
		}
	}
	return true
}
