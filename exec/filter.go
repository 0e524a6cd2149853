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
	rows, all, err := predicate.Selected(eval.NewBatch(rec))
	switch {
	case err != nil:
		return nil, kept{}, err
	case all:
		return rec, kept{}, nil
	case len(rows) == 0:
		return sliceRecord(rec, 0, 0), kept{}, nil
	case int(rows[len(rows)-1]-rows[0]) == len(rows)-1: // one run of rows
		lo := int64(rows[0])
		return sliceRecord(rec, lo, lo+int64(len(rows))), kept{lo: int(lo)}, nil
	}
	out, err := kernel.TakeRecord(rec, rows)
	return out, kept{rows: rows}, err
}
