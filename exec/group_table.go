package exec

import (
	"context"
	"errors"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
	"volley/udf"
)

// groupTable holds groups: their numbers by key, the key values of their first
// rows, and the state of every aggregate.
type groupTable struct {
	table  *rowkey.Table
	keys   []*kernel.Chunks
	aggs   []*aggCall
	n      int      // groups
	groups []uint32 // scratch: the group of each row of the batch
	tally  *tally   // nil: not nothing but count(*) by one key
	counts udf.RowCounts
}

func newGroupTable(t *task, n *physical.Aggregate) (*groupTable, error) {
	types := dataTypes(n.Keys)
	g := &groupTable{table: rowkey.NewTable(types)}
	if tallies(n) {
		g.tally = &tally{}
	}
	for i := range n.Keys {
		g.keys = append(g.keys, kernel.NewChunks(n.Out.Field(i).Type))
	}
	for i := range n.Aggs {
		call, err := newAggCall(t, &n.Aggs[i], n.Mode)
		if err != nil {
			return nil, err
		}
		g.aggs = append(g.aggs, call)
	}
	g.shareStates(t.eval)
	g.shareRanked(t.eval, len(n.Keys))
	return g, nil
}

func (g *groupTable) len() int { return g.n }

func (g *groupTable) scratch(n int) []uint32 {
	if cap(g.groups) < n {
		g.groups = make([]uint32, n)
	}
	return g.groups[:n]
}

// add groups the rows of b by keys and gives them to the aggregates.
func (g *groupTable) add(keys []arrow.Array, b *eval.Batch) error {
	if done, err := g.tally.count(keys, g); done || err != nil {
		return err
	}
	groups := g.scratch(b.Len())
	fresh := g.table.Assign(keys, b.Len(), groups)
	if err := g.addKeys(keys, fresh, b.Len()); err != nil {
		return err
	}
	g.n = g.table.Len()
	g.tally.learn(keys, groups)
	return g.update(groups, b)
}

func (g *groupTable) update(groups []uint32, b *eval.Batch) error {
	g.counts.Begin(groups)
	for _, a := range g.aggs {
		if a.source != nil || a.ranked != nil && !a.ranked.gives(a) {
			continue
		}
		if err := a.add(groups, g.n, b); err != nil {
			return err
		}
	}
	return nil
}

// addKeys keeps the key values of the rows at which groups appeared.
func (g *groupTable) addKeys(keys []arrow.Array, fresh []int32, n int) error {
	if len(fresh) == 0 {
		return nil
	}
	if len(fresh) == n {
		fresh = nil
	}
	for i, k := range keys {
		if err := g.addKey(i, k, fresh); err != nil {
			return err
		}
	}
	return nil
}

// addKey keeps the given rows of key column i; nil stands for all.
func (g *groupTable) addKey(i int, k arrow.Array, rows []int32) error {
	if !kernel.Encoded(k.DataType()) {
		return g.keys[i].AppendRows(k, rows)
	}
	var err error
	if rows != nil {
		if k, err = kernel.Take(k, rows); err != nil {
			return err
		}
	}
	if k, err = kernel.Decode(k); err != nil { // not to keep whole dictionaries
		return err
	}
	return g.keys[i].Append(k)
}

// reset makes g an empty table again, for about n groups, whose keys are spread
// widely (rowkey.Table.Reset).
func (g *groupTable) reset(n int) error {
	g.table.Reset(n)
	g.n = 0
	for i, k := range g.keys {
		g.keys[i] = kernel.NewChunks(k.Type())
		g.keys[i].Reserve(n)
	}
	return g.renew()
}

// ensureOne makes the one group of an aggregation without keys, which exists
// even without rows.
func (g *groupTable) ensureOne() { g.n = max(g.n, 1) }

// waiting tells whether an aggregate keeps its rows until all are there.
func (g *groupTable) waiting() bool {
	for _, a := range g.aggs {
		if a.sorted != nil || a.ranked != nil {
			return true
		}
	}
	return false
}

// receiving is what aggregates will hold of the rows that wait for their order, at most.
func (g *groupTable) receiving() (bytes int64) {
	for _, a := range g.aggs {
		if a.sorted != nil && !a.presized {
			bytes += a.sorted.argBytes()
		}
	}
	return bytes
}

// step is how many groups to give at once: fewer where their rows, which come
// from disk, are many.
func (g *groupTable) step(rows int) int {
	most := 0
	for _, a := range g.aggs {
		if a.sorted != nil && a.sorted.spilled != nil {
			most = max(most, a.sorted.spilled.rows)
		}
	}
	if most <= g.n {
		return rows
	}
	return max(1, int(int64(rows)*int64(g.n)/int64(most)))
}

// merging tells whether an aggregate's rows come from disk.
func (g *groupTable) merging() bool {
	for _, a := range g.aggs {
		if a.sorted != nil && a.sorted.spilled != nil {
			return true
		}
	}
	return false
}

// close removes what is on disk.
func (g *groupTable) close() error {
	if g == nil {
		return nil
	}
	var err error
	for _, a := range g.aggs {
		if a.sorted != nil && a.sorted.spilled != nil {
			err = errors.Join(err, a.sorted.spilled.close())
		}
	}
	return err
}

// finish is called once after the last row.
func (g *groupTable) finish(ctx context.Context) error {
	for _, a := range g.aggs {
		if a.source != nil {
			continue
		}
		if err := a.finish(ctx, g.n); err != nil {
			return err
		}
	}
	return nil
}

// output is the key columns, then the results or the states, of groups lo to
// hi−1.
func (g *groupTable) output(ctx context.Context, lo, hi int, states bool) ([]arrow.Array, error) {
	var cols []arrow.Array
	for _, k := range g.keys {
		c, err := k.Slice(lo, hi)
		if err != nil {
			return nil, err
		}
		cols = append(cols, c)
	}
	for _, a := range g.aggs {
		if states {
			s, err := a.acc.State(lo, hi)
			if err != nil {
				return nil, err
			}
			cols = append(cols, s...)
			continue
		}
		if a.sorted != nil && a.sorted.spilled != nil {
			r, err := a.merging(ctx, lo, hi)
			if err != nil {
				return nil, err
			}
			cols = append(cols, r)
			continue
		}
		r, err := a.acc.Result(lo, hi)
		if err != nil {
			return nil, placedAt(err, a.call.Pos)
		}
		cols = append(cols, r)
	}
	return cols, nil
}

// bytes is the memory held, approximately.
func (g *groupTable) bytes() int64 {
	n := g.table.Bytes()
	for _, k := range g.keys {
		n += k.Bytes()
	}
	for _, a := range g.aggs {
		n += a.bytes()
	}
	return n
}

// width is how many bytes a group takes in the mean.
func (g *groupTable) width() int64 { return g.bytes() / int64(max(g.len(), 1)) }
