package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
)

// filter keeps the rows for which a predicate is true.
type filter struct {
	input     Operator
	predicate *eval.Program
}

func newFilter(t *task, n *physical.Filter, input Operator) (Operator, error) {
	p, err := t.eval.Compile(n.Predicate)
	return &filter{input: input, predicate: p}, err
}

func (f *filter) Schema() *arrow.Schema { return f.input.Schema() }

func (f *filter) Next(ctx context.Context) (arrow.Record, error) {
	rec, err := f.input.Next(ctx)
	if err != nil {
		return nil, err
	}
	return selectRows(f.predicate, rec)
}

func (f *filter) Close() error { return nil }

// selectRows is the rows of rec for which predicate is true, perhaps none.
func selectRows(predicate *eval.Program, rec arrow.Record) (arrow.Record, error) {
	rows, all, err := predicate.Selected(eval.NewBatch(rec))
	switch {
	case err != nil:
		return nil, err
	case all:
		return rec, nil
	case len(rows) == 0:
		return sliceRecord(rec, 0, 0), nil
	case int(rows[len(rows)-1]-rows[0]) == len(rows)-1: // one run of rows
		return sliceRecord(rec, int64(rows[0]), int64(rows[0])+int64(len(rows))), nil
	}
	return kernel.TakeRecord(rec, rows)
}
