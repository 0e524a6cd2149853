package exec

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
	"volley/sqlerr"
)

// counted wraps every operator: it keeps the operator's counters and the
// contract of Operator (no empty batches, a sticky end, a sticky error), checks
// for cancellation once a batch, and says in which file a failing row is.
type counted struct {
	op     Operator
	node   physical.Node
	schema *arrow.Schema
	inputs []*counted
	// encoded: the operator above takes dictionary-encoded columns.
	encoded bool
	slices  *slicer // nil: the operator above takes whole batches
	stats   OperatorStats
	calls   []*eval.CallStats // of users' functions in its expressions
	err     error             // the end, or the error that ended it
	closed  bool
}

var errClosed = sqlerr.New(sqlerr.InternalError, "the operator is closed")

func (c *counted) Schema() *arrow.Schema { return c.schema }

func (c *counted) Next(ctx context.Context) (arrow.Record, error) {
	switch {
	case c.closed:
		return nil, errClosed
	case c.slices != nil:
		return c.slices.next(ctx, c.batch)
	}
	return c.batch(ctx)
}

// batch gives the operator's next batch.
func (c *counted) batch(ctx context.Context) (arrow.Record, error) {
	if c.err != nil {
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
			return nil, c.locate(ctx, err)
		case rec.NumRows() > 0 && c.encoded:
			return rec, nil
		case rec.NumRows() > 0:
			return kernel.Conform(rec, c.schema)
		}
	}
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

// takesEncoded tells whether an operator takes columns that are dictionary-encoded
// where its input's schema has plain ones.
func takesEncoded(n physical.Node) bool {
	switch n.(type) {
	case *physical.Filter, *physical.Project, *physical.Aggregate, *physical.KeyFilter, *physical.Join,
		*physical.Limit, *physical.Union, *physical.Sample:
		return true
	}
	return false
}
