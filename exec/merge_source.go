package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// sortedSource is a sorted producer output whose keys are computed as it comes.
type sortedSource struct {
	open  func(ctx context.Context) (Operator, error)
	plain *arrow.Schema // of its records; nil: columns may be encoded
	op    Operator
	keys  sortKeys
	whole *wholeKeys
	done  bool
}

func (s *sortedSource) next(ctx context.Context) (arrow.Record, *rowkey.Keys, error) {
	if s.done {
		return nil, nil, io.EOF
	}
	if s.op == nil {
		var err error
		if s.op, err = s.open(ctx); err != nil {
			return nil, nil, err
		}
	}
	rec, err := s.op.Next(ctx)
	if err != nil {
		s.done = err == io.EOF
		return nil, nil, err
	}
	if s.plain != nil { // here, where dictionaries are those of one output
		if rec, err = kernel.Conform(rec, s.plain); err != nil {
			return nil, nil, err
		}
	}
	cols, err := evalAll(s.keys.exprs, eval.NewBatch(rec))
	if err != nil {
		return nil, nil, err
	}
	keys := &rowkey.Keys{}
	keys.AppendPrefixes(cols, s.keys.orders, int(rec.NumRows()), s.whole.most())
	return rec, keys, nil
}

func (s *sortedSource) close() error {
	if s.op == nil {
		return nil
	}
	return s.op.Close()
}

// mergeSource is an exchange source that merges sorted producer outputs.
type mergeSource struct {
	*merge  // nil: nothing was opened yet
	task    *task
	node    *physical.ExchangeSource
	keys    sortKeys
	counted *counted
	stats   *OperatorStats
	left    int64 // −1: all
}

func newMergeSource(t *task, n *physical.ExchangeSource, c *counted) (Operator, error) {
	keys, err := t.compileSortKeys(n.Merge)
	return &mergeSource{task: t, node: n, keys: keys, counted: c, stats: &c.stats, left: n.Limit}, err
}

// list finds the runs: each piece of an output is sorted.
func (s *mergeSource) list(ctx context.Context) error {
	pieces, err := s.task.pieces(ctx, s.node, s.stats)
	if err != nil {
		return err
	}
	var plain *arrow.Schema
	if !s.counted.encoded {
		plain = s.node.Out
	}
	whole := newWholeKeys(s.node.Merge, s.keys)
	runs := make([]runSource, len(pieces))
	for i, p := range pieces {
		runs[i] = &sortedSource{keys: s.keys, whole: whole, plain: plain, open: func(ctx context.Context) (Operator, error) {
			return s.task.open(ctx, p, s.stats)
		}}
	}
	s.merge = s.task.newMerge(s.node.Out, runs, whole)
	return nil
}

func (s *mergeSource) Schema() *arrow.Schema { return s.node.Out }

func (s *mergeSource) Next(ctx context.Context) (arrow.Record, error) {
	if s.left == 0 {
		return nil, io.EOF
	}
	if s.merge == nil {
		if err := s.list(ctx); err != nil {
			return nil, err
		}
	}
	rec, _, err := s.next(ctx)
	if err != nil {
		return nil, err
	}
	if s.left >= 0 {
		if rec.NumRows() > s.left {
			rec = sliceRecord(rec, 0, s.left)
		}
		s.left -= rec.NumRows()
	}
	return rec, nil
}

// Close closes what was opened.
func (s *mergeSource) Close() error {
	if s.merge == nil {
		return nil
	}
	return s.close()
}
