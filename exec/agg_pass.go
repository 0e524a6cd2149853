package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/expr"
	"volley/planner/physical"
	"volley/udf"
)

const (
	passBatches = 32      // batches that are put in order together
	passBytes   = 8 << 20 // or as many as have so many bytes
	// passPartitions is the number of partitions up to which the rows of such
	// batches are many enough for a piece for each part of each partition.
	passPartitions = 8
)

// rowPass turns the rows of a Partial aggregation that grouping does not reduce
// into states, each of its own. Where these go to an exchange by their keys, rows
// of many batches are put together into the order of its partitions, and inside of
// a partition into that of the parts in which its consumer groups them (aggCut):
// both find them in pieces that they need not copy. Rows of one key stay in their
// order.
type rowPass struct {
	groups *groupTable
	count  int             // partitions of the exchange, 0: the order is not changed
	cols   [][]arrow.Array // by column, its held pieces
	rows   int             // held
	bytes  int64           // held
	bucket []uint16        // of each held row
	hashes []uint64        // scratch
	place  []int32         // scratch
	out    *orderedRows    // what ordered gave last
}

func newRowPass(a *aggregate) (*rowPass, error) {
	g, err := newGroupTable(a.task, a.node)
	if err != nil {
		return nil, err
	}
	p := &rowPass{groups: g, out: &a.task.ordered}
	if out := a.task.frag.Output; out.Kind == physical.Hash && out.Nulls == physical.NullsHashed && out.Count > 1 && out.Count <= passPartitions &&
		a.task.frag.Root == physical.Node(a.node) && firstColumns(out.Keys, len(a.keys)) {
		p.count = out.Count
	}
	return p, nil
}

// firstColumns tells whether keys are columns 0 to n−1, in that order.
func firstColumns(keys []expr.Expr, n int) bool {
	if len(keys) != n {
		return false
	}
	for i, k := range keys {
		if c, ok := k.(*expr.Column); !ok || c.Index != i {
			return false
		}
	}
	return n > 0
}

// passThrough gives states of rows.
func (a *aggregate) passThrough(ctx context.Context) (arrow.Record, error) {
	if a.pass == nil {
		var err error
		if a.pass, err = newRowPass(a); err != nil {
			return nil, err
		}
	}
	p := a.pass
	for {
		rec, err := a.input.Next(ctx)
		if err == io.EOF && p.rows > 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		b := eval.NewBatch(rec)
		keys, err := evalAll(a.keys, b)
		if err != nil {
			return nil, err
		}
		cols, err := p.groups.rowStates(keys, b)
		if err != nil {
			return nil, err
		}
		if p.count == 0 {
			return kernel.Record(a.node.Out, cols, b.Len()), nil
		}
		p.hold(cols, len(keys), b.Len())
		if p.rows >= passBatches*a.task.rows || p.bytes >= passBytes || a.mem.resize(2*p.bytes) != nil {
			break
		}
	}
	rec, err := p.ordered(a.node.Out)
	a.mem.free()
	return rec, err
}

// hold keeps n rows until there are enough to put them in order.
func (p *rowPass) hold(cols []arrow.Array, keys, n int) {
	if p.cols == nil {
		p.cols = make([][]arrow.Array, len(cols))
	}
	for i, c := range cols {
		p.cols[i] = append(p.cols[i], c)
		p.bytes += kernel.Bytes(c)
	}
	if cap(p.hashes) < n {
		p.hashes = make([]uint64, n)
	}
	hashes := p.hashes[:n]
	rowkey.Hash(cols[:keys], n, hashes)
	for _, h := range hashes {
		p.bucket = append(p.bucket, uint16(rowkey.Partition(h, p.count)*cutFanout+cutPart(h)))
	}
	p.rows += n
}

// ordered gives all held rows in the order of their buckets.
func (p *rowPass) ordered(schema *arrow.Schema) (arrow.Record, error) {
	var next [passPartitions * cutFanout]int32
	for _, b := range p.bucket {
		next[b]++
	}
	sum := int32(0)
	for b, n := range next {
		next[b] = sum
		sum += n
	}
	if cap(p.place) < p.rows {
		p.place = make([]int32, p.rows)
	}
	place := p.place[:p.rows]
	for i, b := range p.bucket {
		place[i] = next[b]
		next[b]++
	}
	ends := make([]int, p.count)
	for at := range ends {
		ends[at] = int(next[(at+1)*cutFanout-1])
	}
	cols := make([]arrow.Array, len(p.cols))
	at := len(p.groups.keys)
	for i := range cols[:at] {
		var err error
		if cols[i], err = kernel.Scatter(p.cols[i], place); err != nil {
			return nil, err
		}
	}
	for _, call := range p.groups.aggs {
		same := call.sameStates(p.rows)
		for i := range call.states {
			var err error
			if same != nil {
				cols[at] = same[i]
			} else if cols[at], err = kernel.Scatter(p.cols[at], place); err != nil {
				return nil, err
			}
			at++
		}
	}
	n := p.rows
	for i := range p.cols {
		clear(p.cols[i])
		p.cols[i] = p.cols[i][:0]
	}
	p.bucket, p.rows, p.bytes = p.bucket[:0], 0, 0
	rec := kernel.Record(schema, cols, n)
	*p.out = orderedRows{rec, ends}
	return rec, nil
}

// rowStates are the keys and states of the rows of b, each a group of its own.
func (g *groupTable) rowStates(keys []arrow.Array, b *eval.Batch) ([]arrow.Array, error) {
	n := b.Len()
	cols := make([]arrow.Array, len(keys))
	for i, k := range keys {
		var err error
		if cols[i], err = kernel.Decode(k); err != nil {
			return nil, err
		}
	}
	groups := g.scratch(n)
	for i := range groups {
		groups[i] = uint32(i)
	}
	if err := g.renew(); err != nil {
		return nil, err
	}
	g.counts.Begin(groups)
	for _, a := range g.aggs {
		if a.source == nil && a.sameStates(n) == nil {
			if err := a.add(groups, n, b); err != nil {
				return nil, err
			}
		}
	}
	for _, a := range g.aggs {
		states := a.sameStates(n)
		if states == nil {
			var err error
			if states, err = a.acc.State(0, n); err != nil {
				return nil, err
			}
		}
		cols = append(cols, states...)
	}
	return cols, nil
}

// sameStates are the states of n rows, each a group of its own, if they are the
// same for every row; otherwise nil.
func (a *aggCall) sameStates(n int) []arrow.Array {
	if acc, ok := a.acc.(udf.RowCounter); ok && len(a.args) == 0 && a.filter == nil {
		return acc.RowStates(n)
	}
	return nil
}
