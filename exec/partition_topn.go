package exec

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// partitionTopN drops rows that come after the first ones of their partition. It
// holds no rows, only the heads of partitions: a row whose word is greater than all
// of its partition's has that many rows before it. It gives up where nearly all rows
// pass, or where memory is refused.
type partitionTopN struct {
	task  *task
	node  *physical.PartitionTopN
	input Operator
	keys  []*eval.Program
	order sortKeys

	heads  *partitionHeads // nil: all rows pass
	pool   *headsPool      // nil: the heads are this task's alone
	groups []uint32
	words  []uint64
	kept   []int32
	in     int64 // rows of this trial
	out    int64
	trials int
}

// After so many rows, and again after as many, it is looked whether nearly all have
// passed; not the first time, when most partitions are still short of rows.
const partitionTrial = 1 << 20

func newPartitionTopN(t *task, n *physical.PartitionTopN, c *counted) (Operator, error) {
	if err := allKeyable(n.Keys); err != nil {
		return nil, err
	}
	p := &partitionTopN{task: t, node: n, input: c.inputs[0]}
	var err error
	if p.keys, err = t.eval.CompileAll(n.Keys); err != nil {
		return nil, err
	}
	if p.order, err = t.compileSortKeys(n.Order[:min(len(n.Order), 1)]); err != nil {
		return nil, err
	}
	if t.env.Shared != nil && len(n.Order) > 0 {
		p.pool = t.pooledHeads(slices.Index(t.all, c))
		p.heads = p.pool.take(t.frag.Task.Task)
	}
	if p.heads == nil {
		p.heads = &partitionHeads{partitions: rowkey.NewTable(dataTypes(n.Keys)), first: int(n.Count), tasks: []int{t.frag.Task.Task}}
		p.heads.mem = reservation{memory: t.env.Memory, stats: &c.stats}
	}
	p.heads.mem.stats = &c.stats
	return p, err
}

func (p *partitionTopN) Schema() *arrow.Schema { return p.input.Schema() }

func (p *partitionTopN) Next(ctx context.Context) (arrow.Record, error) {
	rec, err := p.input.Next(ctx)
	if err != nil || p.heads == nil {
		return rec, err
	}
	if err := p.choose(rec); err != nil {
		return nil, err
	}
	if p.heads == nil {
		return rec, nil
	}
	n := rec.NumRows()
	if p.in, p.out = p.in+n, p.out+int64(len(p.kept)); p.in >= partitionTrial {
		if p.trials++; p.trials > 1 && p.out > p.in/8*7 {
			p.giveUp()
		}
		p.in, p.out = 0, 0
	}
	if len(p.kept) == int(n) {
		return rec, nil
	}
	return kernel.TakeRecord(rec, p.kept)
}

// choose finds the rows of a batch to be kept.
func (p *partitionTopN) choose(rec arrow.Record) error {
	n := int(rec.NumRows())
	b := eval.NewBatch(rec)
	keys, err := evalAll(p.keys, b)
	if err != nil {
		return err
	}
	order, err := evalAll(p.order.exprs, b)
	if err != nil {
		return err
	}
	p.groups = slices.Grow(p.groups[:0], n)[:n]
	if len(order) == 0 {
		if p.heads.assign(keys, n, p.groups, 1, 0) {
			p.kept = p.heads.count(p.groups, p.kept[:0])
			return nil
		}
	} else if p.heads.assign(keys, n, p.groups, p.heads.first, ^uint64(0)) {
		p.words = slices.Grow(p.words[:0], n)[:n]
		rowkey.FirstWords(order[0], p.order.orders[0], p.words)
		p.kept = p.heads.pass(p.groups, p.words, p.kept[:0])
		return nil
	}
	p.giveUp()
	return nil
}

// giveUp lets all rows pass from now on.
func (p *partitionTopN) giveUp() {
	if p.heads != nil {
		p.heads.mem.free()
	}
	p.heads, p.groups, p.words = nil, nil, nil
}

// Close leaves the heads to other tasks of the query.
func (p *partitionTopN) Close() error {
	if p.heads != nil && p.pool != nil {
		p.heads.mem.stats = &OperatorStats{}
		p.pool.give(p.heads)
		p.heads = nil
	}
	p.giveUp()
	return nil
}
