package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/physical"
	"volley/udf/vector"
)

// sample keeps rows by the hash of their number in the input, so that the
// choice does not depend on how the input is cut into batches.
type sample struct {
	input     Operator
	threshold uint64
	seed      uint64
	block     uint64 // rows that share their fate
	next      uint64 // number of the next row
	kept      kept
}

func newSample(t *task, n *physical.Sample, input Operator) (Operator, error) {
	s := &sample{input: input, threshold: uint64(n.Threshold), seed: uint64(n.Seed), block: 1}
	if n.PerTask {
		s.seed ^= vector.Chance(uint64(t.frag.Task.Task)+1, s.seed)
	}
	if n.System {
		s.block = physical.SampleBlock
	}
	return s, nil
}

func (s *sample) Schema() *arrow.Schema { return s.input.Schema() }

func (s *sample) Next(ctx context.Context) (arrow.Record, error) {
	for {
		rec, err := s.input.Next(ctx)
		if err != nil {
			return nil, err
		}
		n := int(rec.NumRows())
		rows := make([]int32, 0, n)
		for i := range n {
			if vector.Chance((s.next+uint64(i))/s.block, s.seed)>>32 < s.threshold {
				rows = append(rows, int32(i))
			}
		}
		s.next += uint64(n)
		s.kept = kept{rows: rows}
		switch len(rows) {
		case 0:
			continue
		case n:
			return rec, nil
		}
		return kernel.TakeRecord(rec, rows)
	}
}

func (s *sample) Close() error { return nil }
