package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// aggregateOf adds an aggregate to the block that it is of and gives its
// result: the innermost block that its arguments have columns of, or the block
// it stands in when they have none.
func (x *exprBinder) aggregateOf(call logical.AggCall) (expr.Expr, error) {
	if err := x.refuseOuterSubquery(call); err != nil {
		return nil, err
	}
	f := x.ownerOf(call)
	if f == nil {
		if x.block == nil || x.before {
			return nil, sqlerr.At(call.Pos, sqlerr.GroupingError, "aggregate functions are not allowed in %s", x.clause)
		}
		return x.block.aggregate(call), nil
	}
	owner := f.around
	switch {
	case owner == nil:
		return nil, sqlerr.At(call.Pos, sqlerr.GroupingError, "aggregate functions are not allowed in FROM clause of their own query level")
	case owner.inAggregate:
		return nil, sqlerr.At(call.Pos, sqlerr.GroupingError, "aggregate function calls cannot be nested")
	case owner.before:
		return nil, sqlerr.At(call.Pos, sqlerr.GroupingError, "aggregate functions are not allowed in %s", owner.clause)
	}
	own := mapAggs([]logical.AggCall{call}, func(e expr.Expr) expr.Expr { return f.replace(e, f.exprs, 0) })[0]
	result, err := owner.aggregateOf(own)
	if err != nil {
		return nil, err
	}
	return f.refer(result, call.Func), nil
}

// ownerOf is the frame of the block that an aggregate is of, nil for the one it
// stands in.
func (x *exprBinder) ownerOf(call logical.AggCall) *frame {
	own := false
	outer := map[int]bool{}
	mapAggs([]logical.AggCall{call}, func(e expr.Expr) expr.Expr {
		expr.EachColumn(e, func(c *expr.Column) {
			if c.Index < outerBase {
				own = true
			} else {
				outer[c.Index] = true
			}
		})
		return e
	})
	if own || len(outer) == 0 {
		return nil
	}
	for sc := x.scope.parent; sc != nil; sc = sc.parent {
		if sc.params != nil {
			return nil // parameters of functions are constants to the body
		}
		if sc.frame == nil {
			continue
		}
		for _, id := range sc.frame.ids {
			if outer[id] {
				return sc.frame
			}
		}
	}
	return nil
}

// refuseOuterSubquery gives the error of an aggregate whose arguments have
// nothing of its block but subqueries that refer to blocks further out only:
// it would belong to one of these.
func (x *exprBinder) refuseOuterSubquery(call logical.AggCall) error {
	own, further := false, false
	mapAggs([]logical.AggCall{call}, func(e expr.Expr) expr.Expr {
		expr.EachColumn(e, func(c *expr.Column) {
			if !isSubquery(c) {
				own = true
				return
			}
			a := x.block.slots[c.Index-subqueryBase].of
			own = own || len(a.frame.ids) > 0 || len(a.keys) > 0
			further = further || refersOut(a.node)
		})
		return e
	})
	if !own && further {
		return unsupported(call.Pos, "an aggregate of a subquery over columns of the query around is")
	}
	return nil
}
