package exec

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/physical"
	"volley/sqlerr"
)

// Schema is that of the fragment's root node.
func (t *task) Schema() *arrow.Schema { return t.root.schema }

// Next gives the root's batches. A panic below it is an error XX000 and ends
// the task.
func (t *task) Next(ctx context.Context) (rec arrow.Record, err error) {
	defer func() {
		if p := recover(); p != nil {
			rec, err = nil, panicError(t.env, t.frag.Task, p)
			t.root.err = err
		}
	}()
	if t.eval.Context.Done == nil { // before anything else of the task runs
		t.eval.Context.Done = ctx.Done()
	}
	return t.root.Next(ctx)
}

// Close closes all operators and removes their spill files. It may run after a
// panic, when operators are in any state.
func (t *task) Close() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicError(t.env, t.frag.Task, p)
		}
		err = errors.Join(err, t.spill.Close())
		t.memory.Close()
	}()
	if t.root == nil { // its operators could not be built
		return nil
	}
	return errors.Join(t.root.Close(), t.closeSpools())
}

// canceled is the error of a task whose statement was cancelled; nil: it was not.
// It is for operators in the middle of a long computation, which have no context.
func (t *task) canceled() error {
	select {
	case <-t.eval.Context.Done:
		return sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
	default:
		return nil
	}
}

// panicError is the error of a task that panicked; the log gets the stack.
func panicError(env *Env, task physical.TaskID, p any) error {
	log := env.Log
	if log == nil {
		log = slog.Default()
	}
	log.Error("panic in a task", "query", task.Query, "task", task.String(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	return sqlerr.Panic(p)
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
		out[i].Name = c.node.String() // only now: few ask
		for _, f := range c.calls {
			out[i].Functions = append(out[i].Functions, *f)
		}
	}
	return out
}
