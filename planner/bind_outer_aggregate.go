package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// aggregateOf adds an aggregate to the block that it is of and gives its
// result: the innermost block that its arguments have columns of, or the block
// it stands in when they have none.
func (x *exprBinder) aggregateOf(call logical.AggCall) (expr.Expr, error) {
	f, err := x.ownerOf(call)
	if err != nil {
		return nil, err
	}
	kind := "aggregate functions"
	if call.Func == groupingCall {
		kind = "grouping operations"
	}
	if f == nil {
		if x.block == nil || x.before {
			return nil, sqlerr.At(call.Pos, sqlerr.GroupingError, "%s are not allowed in %s", kind, x.clause)
		}
		return x.block.aggregate(call), nil
	}
	owner := f.around
	switch {
	case owner == nil:
		return nil, sqlerr.At(call.Pos, sqlerr.GroupingError, "%s are not allowed in FROM clause of their own query level", kind)
	case owner.inAggregate:
		return nil, sqlerr.At(call.Pos, sqlerr.GroupingError, "aggregate function calls cannot be nested")
	case owner.before, owner.block == nil:
		return nil, sqlerr.At(call.Pos, sqlerr.GroupingError, "%s are not allowed in %s", kind, owner.clause)
	}
	moved := x.movedSubqueries(call, f)
	own := mapAggs([]logical.AggCall{call}, func(e expr.Expr) expr.Expr { return f.above(e, moved) })[0]
	result, err := owner.aggregateOf(own)
	if err != nil {
		return nil, err
	}
	return f.refer(result, call.Func), nil
}

// ownerOf is the frame of the block that an aggregate is of, nil for the one it
// stands in. Direct arguments do not count, but may not have columns of a block
// further in.
func (x *exprBinder) ownerOf(call logical.AggCall) (*frame, error) {
	args, direct := x.columnsUsed(), x.columnsUsed()
	eachDirect(call, direct.add, args.add)
	if args.own || len(args.outer) == 0 {
		return nil, nil
	}
	lower := direct.first
	for sc := x.scope.parent; sc != nil; sc = sc.parent {
		if sc.params != nil {
			return nil, nil // parameters of functions are constants to the body
		}
		if sc.frame == nil {
			continue
		}
		for _, id := range sc.frame.ids {
			if !args.outer[id] {
				continue
			}
			if lower != nil {
				return nil, sqlerr.At(x.written(lower, call.Pos), sqlerr.GroupingError,
					"outer-level aggregate cannot contain a lower-level variable in its direct arguments")
			}
			return sc.frame, nil
		}
		for i, id := range sc.frame.ids {
			if c, ok := sc.frame.exprs[i].(*expr.Column); ok && direct.outer[id] {
				lower = c
			}
		}
	}
	return nil, nil
}

// columnsUsed are the columns that expressions of a block depend on: own ones
// of the block, of which first is one, and outer ones.
type columnsUsed struct {
	block *block
	own   bool
	first *expr.Column
	outer map[int]bool
}

func (x *exprBinder) columnsUsed() *columnsUsed {
	return &columnsUsed{block: x.block, outer: map[int]bool{}}
}

func (u *columnsUsed) add(c *expr.Column) {
	switch {
	case c.Index >= outerBase:
		u.outer[c.Index] = true
		return
	case isSubquery(c):
		a := u.block.slots[c.Index-subqueryBase].of
		eachOuter(a.node, func(c *expr.Column) { u.outer[c.Index] = true })
		for _, e := range append(a.frame.exprs[:len(a.frame.exprs):len(a.frame.exprs)], a.keys...) {
			expr.EachColumn(e, u.add)
		}
		return
	}
	u.own, u.first = true, c
}

// written is where a column of this block, or one around it, stands.
func (x *exprBinder) written(c *expr.Column, otherwise int) int {
	if x.block != nil {
		if pos, ok := x.block.seen[c]; ok {
			return pos
		}
	}
	return otherwise
}

// movedSubqueries adds the subqueries in the arguments of an aggregate, which is
// of the block of f, to that block, and gives the columns that stand for their
// results there by those that do so here.
func (x *exprBinder) movedSubqueries(call logical.AggCall, f *frame) map[int]expr.Expr {
	moved := map[int]expr.Expr{}
	var move func(es []expr.Expr) []expr.Expr
	visit := func(c *expr.Column) {
		if !isSubquery(c) || moved[c.Index] != nil {
			return
		}
		a := *x.block.slots[c.Index-subqueryBase].of
		from := subqueryBase + a.slot
		around := *f
		around.ids, around.exprs = slices.Concat(f.ids, a.frame.ids), slices.Concat(f.exprs, move(a.frame.exprs))
		around.compact(a.node)
		a.frame, a.keys = &around, move(a.keys)
		for i, r := range f.around.block.add(&a) {
			moved[from+i] = r
		}
	}
	move = func(es []expr.Expr) []expr.Expr {
		out := make([]expr.Expr, len(es))
		for i, e := range es {
			expr.EachColumn(e, visit)
			out[i] = f.above(e, moved)
		}
		return out
	}
	mapAggs([]logical.AggCall{call}, func(e expr.Expr) expr.Expr {
		expr.EachColumn(e, visit)
		return e
	})
	return moved
}

// above is an expression of a subquery's block, without columns of that block,
// in the block around it. moved are results of subqueries by those they had.
func (f *frame) above(e expr.Expr, moved map[int]expr.Expr) expr.Expr {
	return f.replace(expr.MapColumns(e, func(c *expr.Column) expr.Expr {
		if m := moved[c.Index]; m != nil {
			return m
		}
		return c
	}), f.exprs, 0)
}

// eachOuter calls g for the outer columns in a plan.
func eachOuter(n logical.Node, g func(*expr.Column)) {
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		expr.EachColumn(e, func(c *expr.Column) {
			if c.Index >= outerBase {
				g(c)
			}
		})
		return e
	})
	for _, c := range readFrom(n) {
		eachOuter(c, g)
	}
}
