package exec

import (
	"context"
	"io"

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
}

func newExchangeSource(t *task, n *physical.ExchangeSource) (Operator, error) {
	s := &exchangeSource{task: t, node: n, sources: t.frag.Sources[n.Stage]}
	if len(n.Merge) > 0 {
		return newMergeSource(t, n, s.sources)
	}
	return s, nil
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
			if s.current, err = s.task.env.Exchange.Open(ctx, s.sources[0], s.task.partition(s.node)); err != nil {
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
