package exec

import (
	"bytes"
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/physical"
)

// limitTies skips rows, gives a number of rows, and then those that are equal
// in the keys, by which its input is ordered, to the last one.
type limitTies struct {
	input Operator
	keys  sortKeys
	skip  int64
	left  int64
	last  []byte // key of the last row within the limit, valid when left is 0
	ended bool
}

func newLimitTies(t *task, n *physical.Limit, input Operator) (Operator, error) {
	keys, err := t.compileSortKeys(n.Ties)
	return &limitTies{input: input, keys: keys, skip: n.Offset, left: n.Count, ended: n.Count == 0}, err
}

func (l *limitTies) Schema() *arrow.Schema { return l.input.Schema() }

func (l *limitTies) Next(ctx context.Context) (arrow.Record, error) {
	for !l.ended {
		rec, err := l.input.Next(ctx)
		if err != nil {
			return nil, err
		}
		n := rec.NumRows()
		if n <= l.skip {
			l.skip -= n
			continue
		}
		lo := l.skip
		l.skip = 0
		if n-lo < l.left {
			l.left -= n - lo
			return sliceRecord(rec, lo, n), nil
		}
		keys, err := l.keys.of(rec)
		if err != nil {
			return nil, err
		}
		hi := lo
		if l.left > 0 {
			hi += l.left
			l.left = 0
			l.last = bytes.Clone(keys.Key(int(hi - 1)))
		}
		for hi < n && bytes.Equal(keys.Key(int(hi)), l.last) {
			hi++
		}
		l.ended = hi < n
		if hi > lo {
			return sliceRecord(rec, lo, hi), nil
		}
	}
	return nil, io.EOF
}

func (l *limitTies) Close() error { return nil }
