package coordinator

import (
	"context"
	"strings"

	"volley/planner"
	"volley/planner/physical"
	"volley/sqlerr"
)

// execution is how a bound query is planned, so that it can be planned once more
// when a subquery has failed that perhaps no row needs (planner.Bound.Lazy).
type execution struct {
	bound *planner.Bound
	plan  func(ctx context.Context, b *planner.Bound) (*physical.Plan, error)
}

// first plans the query.
func (e *execution) first(ctx context.Context) (*physical.Plan, error) {
	plan, err := e.plan(ctx, e.bound)
	if err == nil {
		return plan, nil
	}
	if again, replanned := e.again(ctx, err); again != nil || replanned != nil {
		return again, replanned
	}
	return nil, err
}

// again plans the query so that its subqueries are evaluated only where a row
// needs them, after err has ended it before its first row; nil where that would be
// of no use. It does so once.
func (e *execution) again(ctx context.Context, err error) (*physical.Plan, error) {
	lazy := e.bound.Lazy
	if lazy == nil || !ofValues(err) {
		return nil, nil
	}
	bound, err := lazy(ctx)
	if err != nil {
		return nil, err
	}
	e.bound = bound
	return e.plan(ctx, bound)
}

// ofValues tells whether an error comes from the values that an expression was
// evaluated for.
func ofValues(err error) bool {
	switch code := sqlerr.Code(err); {
	case code == sqlerr.CardinalityViolation:
		return true
	default:
		class := code[:min(2, len(code))]
		return strings.Contains(" 22 38 39 54 ", " "+class+" ")
	}
}
