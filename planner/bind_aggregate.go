package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// bindAggregate adds the call to the block's aggregates and gives a column that
// stands for its result until the block is grouped (see block).
func (x *exprBinder) bindAggregate(e *ast.Call, name string) (expr.Expr, error) {
	switch {
	case x.inAggregate:
		alone := *x // what is wrong with the call itself comes first
		alone.inAggregate, alone.before = false, false
		if _, err := alone.bindAggregate(e, name); err != nil {
			return nil, err
		}
		return nil, sqlerr.At(e.Position(), sqlerr.GroupingError, "aggregate function calls cannot be nested")
	case x.constant:
		return nil, sqlerr.At(e.Position(), sqlerr.GroupingError, "aggregate functions are not allowed in %s", x.clause)
	case len(e.WithinGroup) > 0:
		return x.bindOrderedSet(e, name)
	case x.p.Registry.IsOrderedSet(name):
		if len(e.Args) == 0 && x.p.Registry.IsWindow(name) {
			return nil, sqlerr.At(e.Position(), sqlerr.WrongObjectType, "window function %s requires an OVER clause", name)
		}
		return nil, x.withoutWithinGroup(e, name)
	case e.Star && len(e.Args) > 0, len(e.Args) == 0 && !e.Star:
		return nil, sqlerr.At(e.Position(), sqlerr.WrongObjectType, "%s(*) must be used to call a parameterless aggregate function", name)
	}
	inner := *x
	inner.inAggregate, inner.before, inner.windows = true, true, false
	args, err := inner.bindArgs(e)
	if err != nil {
		return nil, err
	}
	if !e.Distinct { // which compares values
		args = inner.charArgs(name, args)
	}
	call, err := x.aggregateCall(name, e.Position(), args, argPosition(e))
	if err != nil {
		return nil, err
	}
	call.Distinct = e.Distinct
	if call.Filter, err = inner.bindFilter(e.Filter); err != nil {
		return nil, err
	}
	if call.OrderBy, err = inner.bindSortKeys(e.OrderBy); err != nil {
		return nil, err
	}
	for i, k := range call.OrderBy {
		if call.Distinct && !contains(call.Args, k.Expr) {
			return nil, sqlerr.At(e.OrderBy[i].Expr.Position(), sqlerr.InvalidColumnReference,
				"in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list")
		}
	}
	if call.Distinct && call.Ordered && len(call.OrderBy) == 0 {
		for _, a := range call.Args { // PostgreSQL finds duplicates by sorting
			call.OrderBy = append(call.OrderBy, logical.SortKey{Expr: a})
		}
	}
	return x.aggregateOf(call)
}

// aggregateCall resolves an aggregate over bound arguments.
func (b *binder) aggregateCall(name string, pos int, args []expr.Expr, argPos func(int) int) (logical.AggCall, error) {
	types := make([]arrow.DataType, len(args))
	for i, a := range args {
		types[i] = b.settled(a)
	}
	r, err := b.p.Registry.ResolveAggregate(name, types)
	if err != nil {
		return logical.AggCall{}, at(err, pos)
	}
	for i := range args {
		if args[i], err = b.coerceArg(args[i], r.Args[i], argPos(i)); err != nil {
			return logical.AggCall{}, err
		}
	}
	call := logical.AggCall{
		Func: name, Args: args, Type: r.Returns, Pos: pos,
		NoPartial: r.Func.NoPartial, Ordered: r.Func.Ordered,
	}
	if r.Func.State != nil {
		call.State = r.Func.State(r.Args)
	}
	return call, nil
}

// sortKey applies PostgreSQL's default place of NULLs: last when ascending.
func sortKey(e expr.Expr, item ast.SortItem) logical.SortKey {
	desc := item.Desc || item.Using == ">"
	nullsFirst := desc
	if item.NullsFirst != nil {
		nullsFirst = *item.NullsFirst
	}
	return logical.SortKey{Expr: e, Desc: desc, NullsFirst: nullsFirst}
}
