package exec

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// Schema is that of the fragment's root node.
func (t *task) Schema() *arrow.Schema { return t.root.schema }

// Next gives the root's batches. A panic below it is an error XX000, with the
// stack as its detail, and ends the task.
func (t *task) Next(ctx context.Context) (rec arrow.Record, err error) {
	defer func() {
		if p := recover(); p != nil {
			rec, err = nil, panicError(p)
			t.root.err = err
		}
	}()
	return t.root.Next(ctx)
}

// Close closes all operators and removes their spill files. It may run after a
// panic, when operators are in any state.
func (t *task) Close() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicError(p)
		}
		err = errors.Join(err, t.spill.Close())
	}()
	return t.root.Close()
}

func panicError(p any) error {
	e := sqlerr.New(sqlerr.InternalError, "panic: %s", fmt.Sprint(p)).WithDetail("%s", debug.Stack())
	if err, ok := p.(error); ok {
		e.Cause = err
	}
	return e
}

// Stats are the counters of the operators that Build made, in pre-order.
func Stats(op Operator) []OperatorStats {
	t, ok := op.(*task)
	if !ok {
		return nil
	}
	out := make([]OperatorStats, len(t.all))
	for i, c := range t.all {
		out[i] = c.stats
	}
	return out
}
