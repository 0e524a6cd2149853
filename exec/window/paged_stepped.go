package window

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
)

// steppedColumn is an aggregate over frames that begin with the partition, whose
// scans do not carry: rows are added as far as frames reach, and a result is made
// where one ends, for there may be as many values in it as there are rows.
type steppedColumn struct {
	seenPages
	agg   *Aggregate
	acc   udf.Accumulator // nil: no row was added
	added int32
}

// Finish implements Column.
func (c *steppedColumn) Finish() error { return c.finish() }

// Next implements Column. Ends of frames only move forward.
func (c *steppedColumn) Next(in *Input) (arrow.Array, error) {
	x := &input{Input: in, passed: c.passed}
	results := newGrowing(in)
	at, last := make([]int32, in.Layout.Rows()), int32(-1)
	for i := range at {
		if end := max(x.seen(in.Frames.hi[i]), 0); end != last {
			if err := c.addTo(end); err != nil {
				return nil, err
			}
			r, err := c.acc.Result(0, 1)
			if err != nil {
				return nil, err
			}
			if err := results.append(r); err != nil {
				return nil, err
			}
			last = end
		}
		at[i] = int32(results.chunks.Len() - 1)
	}
	return results.take(at)
}

// addTo adds the rows before row end.
func (c *steppedColumn) addTo(end int32) error {
	if c.acc == nil {
		var err error
		if c.acc, err = c.agg.New(); err != nil {
			return err
		}
		if err := c.agg.grown(c.acc, 1); err != nil {
			return err
		}
	}
	size := c.pages.size()
	for c.added < end {
		if err := c.agg.stopped(); err != nil {
			return err
		}
		number := c.added / size
		pg, err := c.pages.page(number)
		if err != nil {
			return err
		}
		hi := min(end, (number+1)*size)
		args := sliceArgs(pg.args, int(c.added-number*size), int(hi-number*size))
		if err := update(c.acc, make([]uint32, hi-c.added), 1, args); err != nil {
			return err
		}
		c.added = hi
	}
	return nil
}

// Bytes implements Column.
func (c *steppedColumn) Bytes() int64 {
	n := c.seenPages.Bytes()
	if c.acc != nil {
		n += c.acc.Bytes()
	}
	return n
}
