package exec

import (
	"bytes"
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// unique gives the first row of each run of equal keys of an ordered input.
type unique struct {
	input Operator
	keys  sortKeys
	last  []byte // key of the last row seen
	begun bool
	kept  kept
}

func newUnique(t *task, n *physical.Unique, input Operator) (Operator, error) {
	keys, err := t.compileSortKeys(n.Keys)
	return &unique{input: input, keys: keys}, err
}

func (u *unique) Schema() *arrow.Schema { return u.input.Schema() }

func (u *unique) Next(ctx context.Context) (arrow.Record, error) {
	for {
		rec, err := u.input.Next(ctx)
		if err != nil {
			return nil, err
		}
		keys, err := u.keys.of(rec)
		if err != nil {
			return nil, err
		}
		rows := make([]int32, 0, keys.Len())
		last, begun := u.last, u.begun
		for i := range keys.Len() {
			if k := keys.Key(i); !begun || !bytes.Equal(k, last) {
				rows = append(rows, int32(i))
				last, begun = k, true
			}
		}
		u.last, u.begun = append(u.last[:0], last...), begun
		u.kept = kept{rows: rows}
		switch len(rows) {
		case 0:
			continue
		case keys.Len():
			return rec, nil
		}
		return kernel.TakeRecord(rec, rows)
	}
}

func (u *unique) Close() error { return nil }

// of computes the normalised keys of a batch.
func (s *sortKeys) of(rec arrow.Record) (*rowkey.Keys, error) {
	cols, err := evalAll(s.exprs, eval.NewBatch(rec))
	if err != nil {
		return nil, err
	}
	keys := &rowkey.Keys{}
	keys.Append(cols, s.orders, int(rec.NumRows()))
	return keys, nil
}
