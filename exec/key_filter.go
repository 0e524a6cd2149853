package exec

import (
	"context"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/physical"
)

// keyFilter gives the rows of its input whose keys are in a set, which the tasks
// of a query on one process make once of the rows of another stage. It gives up
// where the set would be too large or keeps nearly all rows.
type keyFilter struct {
	task  *task
	node  *physical.KeyFilter
	input *counted
	from  Operator
	stats *OperatorStats

	set      *keySet // nil: all rows pass
	trial    keyTrial
	early    *valueFilter // by which readers may leave out the rows; nil: none
	opened   bool
	selected []int32
}

const (
	// maxKeyBytes is how much the keys of a filter may weigh.
	maxKeyBytes = 64 << 20
	// After so many rows a filter that has let more than 3 of 4 pass gives up.
	keyFilterTrial = 4 * defaultBatchRows
)

func newKeyFilter(t *task, n *physical.KeyFilter, c *counted) *keyFilter {
	return &keyFilter{task: t, node: n, input: c.inputs[0], from: c.inputs[1], stats: &c.stats}
}

func (f *keyFilter) Schema() *arrow.Schema { return f.input.Schema() }

func (f *keyFilter) Next(ctx context.Context) (arrow.Record, error) {
	if !f.opened {
		f.opened = true
		var err error
		if f.set, err = f.shared(ctx); err != nil {
			return nil, err
		}
		if s, ok := f.input.op.(*scan); ok && f.set != nil {
			if f.node.Early {
				f.early = s.filterBy(f.set, f.node.Keys[0])
			}
			s.narrow(f.set.predicates(s.spec.Projection[f.node.Keys[0]], f.early != nil))
		}
	}
	rec, err := f.input.Next(ctx)
	if err != nil || f.set == nil || f.early != nil && f.early.taken {
		return rec, err
	}
	keys := make([]arrow.Array, len(f.node.Keys))
	for i, k := range f.node.Keys {
		if keys[i], err = kernel.Decode(rec.Column(k)); err != nil {
			return nil, err
		}
	}
	n := int(rec.NumRows())
	f.selected = f.set.find(keys, n, f.selected[:0])
	if !f.trial.pays(n, len(f.selected)) {
		f.set = nil
	}
	if len(f.selected) == n {
		return rec, nil
	}
	return kernel.TakeRecord(rec, f.selected)
}

// shared is the set of all tasks of the query on this process.
func (f *keyFilter) shared(ctx context.Context) (*keySet, error) {
	src, ok := f.node.From.(*physical.ExchangeSource)
	if !ok || f.task.env.Shared == nil {
		return f.build(ctx)
	}
	v, err := f.task.env.Shared.getFor(ctx, fmt.Sprintf("keys %v of stage %d", f.node.FromKeys, src.Stage), func() (any, error) {
		return f.build(ctx)
	})
	if err != nil {
		return nil, err
	}
	return v.(*keySet), nil
}

// build reads the keys; nil where they are too large. What a set takes is the
// query's until it ends.
func (f *keyFilter) build(ctx context.Context) (*keySet, error) {
	m := reservation{memory: f.task.env.Memory, stats: f.stats}
	set := newKeySet(f.node)
	var bytes int64
	for {
		rec, err := f.from.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			m.free()
			return nil, err
		}
		size, err := set.add(rec)
		if err != nil {
			m.free()
			return nil, err
		}
		bytes += size
		if fits := m.resize(bytes) == nil; !fits || bytes > maxKeyBytes {
			m.free()
			return nil, nil
		}
	}
	if set.finish(func(n int64) bool { return m.resize(bytes+n) == nil }); set.refused {
		m.free()
		return nil, nil
	}
	return set, m.resize(set.bytes())
}

func (f *keyFilter) Close() error {
	f.set = nil
	return nil
}
