package exec

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/udf"
)

// counted wraps every operator: it keeps the operator's counters and the
// contract of Operator (no empty batches, a sticky end, a sticky error), checks
// for cancellation once a batch, and says in which file a failing row is.
type counted struct {
	op     Operator
	schema *arrow.Schema
	inputs []*counted
	stats  OperatorStats
	err    error // the end, or the error that ended it
	closed bool
}

var errClosed = sqlerr.New(sqlerr.InternalError, "the operator is closed")

func (c *counted) Schema() *arrow.Schema { return c.schema }

func (c *counted) Next(ctx context.Context) (arrow.Record, error) {
	switch {
	case c.closed:
		return nil, errClosed
	case c.err != nil:
		return nil, c.err
	}
	start := time.Now()
	rec, err := c.next(ctx)
	c.stats.Nanos += int64(time.Since(start))
	if err != nil {
		c.err = err
		return nil, err
	}
	c.stats.Rows += rec.NumRows()
	c.stats.Batches++
	return rec, nil
}

func (c *counted) next(ctx context.Context) (arrow.Record, error) {
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		rec, err := c.op.Next(ctx)
		switch {
		case err == io.EOF:
			return nil, io.EOF
		case err != nil:
			return nil, c.locate(err)
		case rec.NumRows() > 0:
			return kernel.Conform(rec, c.schema)
		}
	}
}

// locate turns the failure of a row of the input into its cause, with the file
// that the row is from when the input knows.
func (c *counted) locate(err error) error {
	row := (*udf.RowError)(nil)
	if !errors.As(err, &row) {
		return err
	}
	e := *sqlerr.Find(row.Err)
	if e.File == "" {
		e.File = c.fileOfInput()
	}
	return &e
}

// fileOfInput is the file of the rows the operator is looking at, or "".
func (c *counted) fileOfInput() string {
	if s, ok := c.op.(*scan); ok {
		return s.file()
	}
	if len(c.inputs) == 0 {
		return ""
	}
	return c.inputs[0].file()
}

// file is the file that the rows of the last batch are from, or "".
func (c *counted) file() string {
	switch c.op.(type) {
	case *scan, *filter, *project, *limit:
		return c.fileOfInput()
	}
	return ""
}

func (c *counted) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	err := c.op.Close()
	for _, in := range c.inputs {
		err = errors.Join(err, in.Close())
	}
	return err
}

// Schema is that of the fragment's root node.
func (t *task) Schema() *arrow.Schema { return t.root.schema }

// Next gives the root's batches.
func (t *task) Next(ctx context.Context) (arrow.Record, error) { return t.root.Next(ctx) }

// Close closes all operators and removes their spill files.
func (t *task) Close() error { return errors.Join(t.root.Close(), t.spill.Close()) }

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

// reservation is an operator's share of the query's memory.
type reservation struct {
	memory *Memory
	taken  int64
	stats  *OperatorStats
}

func (t *task) reserve(c *counted) reservation {
	return reservation{memory: t.env.Memory, stats: &c.stats}
}

// resize makes the reservation n bytes; on refusal it stays as it is.
func (r *reservation) resize(n int64) error {
	if n > r.taken {
		if err := r.memory.Reserve(n - r.taken); err != nil {
			return err
		}
	} else {
		r.memory.Release(r.taken - n)
	}
	r.taken = n
	r.stats.PeakBytes = max(r.stats.PeakBytes, n)
	return nil
}

// free gives everything back.
func (r *reservation) free() {
	r.memory.Release(r.taken)
	r.taken = 0
}
