package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
)

// expand gives each batch once for every set of expressions.
type expand struct {
	input  Operator
	sets   [][]*eval.Program
	schema *arrow.Schema
	batch  *eval.Batch // nil: read the next one
	next   int         // set to give of batch
}

func newExpand(t *task, n *physical.Expand, input Operator) (Operator, error) {
	e := &expand{input: input, sets: make([][]*eval.Program, len(n.Sets)), schema: n.Out}
	for i, s := range n.Sets {
		var err error
		if e.sets[i], err = t.eval.CompileAll(s); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *expand) Schema() *arrow.Schema { return e.schema }

func (e *expand) Next(ctx context.Context) (arrow.Record, error) {
	if e.batch == nil || e.next == len(e.sets) {
		rec, err := e.input.Next(ctx)
		if err != nil {
			return nil, err
		}
		e.batch, e.next = eval.NewBatch(rec), 0
	}
	cols, err := evalAll(e.sets[e.next], e.batch)
	if err != nil {
		return nil, err
	}
	e.next++
	return kernel.Record(e.schema, cols, e.batch.Len()), nil
}

func (e *expand) Close() error {
	e.batch = nil
	return nil
}
