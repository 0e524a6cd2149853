package coordinator

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/coordinator/sched"
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

// heldRows is how many rows of a query that may be planned once more are held
// back, so that it can be while they are not given.
const heldRows = 4096

// beginning gives a query's records, the first ones of them held back if hold.
type beginning struct {
	hold  bool
	given bool // a record
	held  []arrow.Record
	err   error // after held
}

func (b *beginning) next(ctx context.Context, q *sched.Query) (arrow.Record, error) {
	if b.hold {
		b.hold = false
		for rows := int64(0); rows < heldRows && b.err == nil; {
			var rec arrow.Record
			if rec, b.err = q.Next(ctx); b.err == nil {
				b.held, rows = append(b.held, rec), rows+rec.NumRows()
			}
		}
		if b.err != nil && !errors.Is(b.err, io.EOF) {
			return nil, b.err
		}
	}
	if len(b.held) == 0 && b.err != nil {
		return nil, b.err
	}
	b.given = true
	if len(b.held) == 0 {
		return q.Next(ctx)
	}
	rec := b.held[0]
	b.held = b.held[1:]
	return rec, nil
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
