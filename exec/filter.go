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
	kept      kept
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
	rec, f.kept, err = selectRows(f.predicate, rec)
	return rec, err
}

func (f *filter) Close() error { return nil }

// selectRows is the rows of rec for which predicate is true, perhaps none.
func selectRows(predicate *eval.Program, rec arrow.Record) (arrow.Record, kept, error) {
	passed, err := predicate.Passed(eval.NewBatch(rec))
	if err != nil {
		return nil, kept{}, err
	}
	n := passed.Count()
	switch first := passed.Nth(0); {
	case n == int(rec.NumRows()):
		return rec, kept{}, nil
	case n == 0:
		return sliceRecord(rec, 0, 0), kept{}, nil
	case passed.Nth(n-1)-first == n-1: // one run of rows
		return sliceRecord(rec, int64(first), int64(first+n)), kept{lo: first}, nil
	}
	out, err := kernel.SelectRecord(rec, passed)
	return out, kept{passed: passed}, err
}
