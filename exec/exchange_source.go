package exec

import (
	"context"
	"io"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/physical"
)

// exchangeSource reads the outputs of a producer stage's tasks one after the
// other, in the order of the tasks, which keeps file order.
type exchangeSource struct {
	task    *task
	node    *physical.ExchangeSource
	pieces  *ahead // still to be read; nil until they are listed
	current Operator
	stats   *OperatorStats
}

// outputPiece is one partition, or physical.AllPartitions, of a producer task's
// output.
type outputPiece struct {
	source    physical.Source
	partition int
}

func newExchangeSource(t *task, n *physical.ExchangeSource, c *counted) (Operator, error) {
	if len(n.Merge) > 0 {
		return newMergeSource(t, n, c)
	}
	return &exchangeSource{task: t, node: n, stats: &c.stats}, nil
}

// pieces are what the task reads of a producer stage: each of its partitions of
// each task's output, one partition after the other.
func (t *task) pieces(ctx context.Context, n *physical.ExchangeSource, stats *OperatorStats) ([]outputPiece, error) {
	sources := t.frag.Sources[n.Stage]
	if l, ok := t.env.Exchange.(SourceLister); ok {
		start := time.Now()
		var err error
		sources, err = l.Sources(ctx, n.Stage)
		stats.WaitNanos += int64(time.Since(start))
		if err != nil {
			return nil, err
		}
	}
	first, end := t.frag.Partition, max(t.frag.PartitionEnd, t.frag.Partition+1)
	if n.Broadcast {
		first, end = physical.AllPartitions, physical.AllPartitions+1
	}
	out := make([]outputPiece, 0, len(sources)*(end-first))
	for p := first; p < end; p++ {
		for _, src := range sources {
			out = append(out, outputPiece{src, p})
		}
	}
	return out, nil
}

// ownsPartition tells whether the task reads a partition of its inputs.
func (t *task) ownsPartition(p int) bool {
	return p >= t.frag.Partition && p < max(t.frag.PartitionEnd, t.frag.Partition+1)
}

// open opens a piece; until it is there, the operator waits.
func (t *task) open(ctx context.Context, p outputPiece, stats *OperatorStats) (Operator, error) {
	start := time.Now()
	defer func() { stats.WaitNanos += int64(time.Since(start)) }()
	return t.env.Exchange.Open(ctx, p.source, p.partition)
}

func (s *exchangeSource) Schema() *arrow.Schema { return s.node.Out }

func (s *exchangeSource) Next(ctx context.Context) (arrow.Record, error) {
	for {
		if s.current == nil {
			if s.pieces == nil {
				pieces, err := s.task.pieces(ctx, s.node, s.stats)
				if err != nil {
					return nil, err
				}
				s.pieces = s.task.newAhead(ctx, pieces, s.stats)
			}
			if s.pieces.empty() {
				return nil, io.EOF
			}
			var err error
			if s.current, err = s.pieces.next(ctx); err != nil {
				return nil, err
			}
		}
		rec, err := s.current.Next(ctx)
		if err != io.EOF {
			return rec, err
		}
		err = s.current.Close()
		s.current = nil
		if err != nil {
			return nil, err
		}
	}
}

func (s *exchangeSource) Close() error {
	var err error
	if s.current != nil {
		err = s.current.Close()
		s.current = nil
	}
	if s.pieces != nil {
		if e := s.pieces.close(); err == nil {
			err = e
		}
	}
	return err
}
