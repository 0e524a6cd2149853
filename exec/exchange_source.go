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
	sources []physical.Source
	current Operator
	stats   *OperatorStats
}

func newExchangeSource(t *task, n *physical.ExchangeSource, c *counted) (Operator, error) {
	s := &exchangeSource{task: t, node: n, sources: t.frag.Sources[n.Stage], stats: &c.stats}
	if len(n.Merge) > 0 {
		return newMergeSource(t, n, s.sources, s.stats)
	}
	return s, nil
}

// openSource opens one producer task's output; until it is there, the operator
// waits.
func (t *task) openSource(ctx context.Context, src physical.Source, n *physical.ExchangeSource, stats *OperatorStats) (Operator, error) {
	start := time.Now()
	defer func() { stats.WaitNanos += int64(time.Since(start)) }()
	return t.env.Exchange.Open(ctx, src, t.partition(n))
}

// partition is the one to read of every producer's output.
func (t *task) partition(n *physical.ExchangeSource) int {
	if n.Broadcast {
		return 0
	}
	return t.frag.Partition
}

func (s *exchangeSource) Schema() *arrow.Schema { return s.node.Out }

func (s *exchangeSource) Next(ctx context.Context) (arrow.Record, error) {
	for {
		if s.current == nil {
			if len(s.sources) == 0 {
				return nil, io.EOF
			}
			var err error
			if s.current, err = s.task.openSource(ctx, s.sources[0], s.node, s.stats); err != nil {
				return nil, err
			}
			s.sources = s.sources[1:]
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
	if s.current == nil {
		return nil
	}
	c := s.current
	s.current = nil
	return c.Close()
}
