package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/planner/physical"
	"volley/sqlerr"
)

// repeat gives each row as many times as an expression says, a batch at a time.
type repeat struct {
	task  *task
	input Operator
	count *eval.Program
	rows  int // of rec's width, in a batch

	rec    arrow.Record // nil: read the next one
	counts []int64      // copies of each row of rec still to give
	at     int          // row being given
	taken  []int32
}

func newRepeat(t *task, n *physical.Repeat, input Operator) (Operator, error) {
	if n.Count.DataType().ID() != arrow.INT64 {
		return nil, sqlerr.New(sqlerr.InternalError, "a row is repeated %s times", n.Count.DataType())
	}
	count, err := t.eval.Compile(n.Count)
	return &repeat{task: t, input: input, count: count}, err
}

func (r *repeat) Schema() *arrow.Schema { return r.input.Schema() }

func (r *repeat) Next(ctx context.Context) (arrow.Record, error) {
	for {
		if r.rec == nil {
			if err := r.read(ctx); err != nil {
				return nil, err
			}
		}
		r.taken = r.taken[:0]
		for r.at < len(r.counts) && len(r.taken) < r.rows {
			n := min(r.counts[r.at], int64(r.rows-len(r.taken)))
			for range n {
				r.taken = append(r.taken, int32(r.at))
			}
			if r.counts[r.at] -= n; r.counts[r.at] <= 0 {
				r.at++
			}
		}
		rec := r.rec
		if r.at == len(r.counts) {
			r.rec = nil
		}
		if len(r.taken) > 0 {
			return kernel.TakeRecord(rec, r.taken)
		}
	}
}

// read takes the next batch; what is NULL or negative becomes 0.
func (r *repeat) read(ctx context.Context) error {
	rec, err := r.input.Next(ctx)
	if err != nil {
		return err
	}
	counts, err := r.count.Array(eval.NewBatch(rec))
	if err != nil {
		return err
	}
	if counts, err = kernel.Decode(counts); err != nil {
		return err
	}
	r.counts = append(r.counts[:0], kernel.Values[int64](counts)...)
	for i := range r.counts {
		if r.counts[i] < 0 || counts.IsNull(i) {
			r.counts[i] = 0
		}
	}
	r.rec, r.at, r.rows = rec, 0, r.task.rowsOf(rowWidth(rec))
	return nil
}

func (r *repeat) Close() error {
	r.rec = nil
	return nil
}
