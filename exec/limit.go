package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
)

// limit skips rows, then gives a number of rows and pulls no more.
type limit struct {
	input Operator
	skip  int64
	left  int64 // −1: all
	kept  kept
}

func (l *limit) Schema() *arrow.Schema { return l.input.Schema() }

func (l *limit) Next(ctx context.Context) (arrow.Record, error) {
	for {
		if l.left == 0 {
			return nil, io.EOF
		}
		rec, err := l.input.Next(ctx)
		if err != nil {
			return nil, err
		}
		n := rec.NumRows()
		if n <= l.skip {
			l.skip -= n
			continue
		}
		lo, hi := l.skip, n
		l.skip = 0
		l.kept.lo = int(lo)
		if l.left >= 0 {
			hi = min(hi, lo+l.left)
			l.left -= hi - lo
		}
		if lo == 0 && hi == n {
			return rec, nil
		}
		return sliceRecord(rec, lo, hi), nil
	}
}

func (l *limit) Close() error { return nil }
