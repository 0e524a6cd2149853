package exec

import (
	"context"
	"io"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// A Final aggregation of one partition of several that has seen cutGroups
// groups, and has more groups than cutRatio of its rows, goes on in parts.
var cutGroups = 1 << 15 // a variable for tests

// cutPieces is the number of a part's rows from which they are worth a piece.
var cutPieces = 64 // a variable for tests

const (
	cutRatio  = 0.5
	cutFanout = 256
	cutRows   = 1 << 15 // rows that are cut at once
)

// aggCut aggregates many groups in parts, one after the other, so that the table
// of a part stays in the processor's cache: in a large table each row waits for
// memory. States wait, cut by bits of their keys' hash, until all are there.
type aggCut struct {
	task   *task
	merger *physical.Aggregate // Final, over the columns of schema
	schema *arrow.Schema       // keys, then states
	whole  []arrow.Record      // not cut yet
	rows   int                 // in whole
	parts  [cutFanout][]arrow.Record
	sizes  [cutFanout]int64 // bytes
	bytes  int64
	hashes []uint64
	part16 []uint16

	part   int         // next to merge
	groups *groupTable // of one part after the other
	at     int         // next group to give
	ratio  float64     // of groups to rows in the parts so far
}

// cuttable tells whether the aggregation had better go on in parts.
func (a *aggregate) cuttable() bool {
	n := a.node
	return a.spill == nil && n.Mode == physical.Final && n.Partitions > 1 && len(n.Always) == 0 &&
		a.groups.len() >= cutGroups && float64(a.groups.len()) > cutRatio*float64(a.read) && a.groups.spillable()
}

// beginCut hands the groups made so far to parts.
func (a *aggregate) beginCut() error {
	c := &aggCut{task: a.task}
	c.merger, c.schema = stateMerger(a)
	g := a.groups
	var err error
	if a.groups, err = newGroupTable(a.task, a.node); err != nil {
		return err
	}
	step := a.task.rowsOf(g.width())
	for lo := 0; lo < g.len(); lo += step {
		hi := min(lo+step, g.len())
		cols, err := g.output(context.Background(), lo, hi, true)
		if err == nil {
			err = c.add(cols, hi-lo)
		}
		if err != nil {
			return err
		}
	}
	a.cut = c
	return nil
}

// addCut hands a batch of states on.
func (a *aggregate) addCut(keys []arrow.Array, b *eval.Batch) error {
	cols := append([]arrow.Array(nil), keys...)
	for _, call := range a.groups.aggs {
		states, err := call.stateColumns(b)
		if err != nil {
			return err
		}
		cols = append(cols, states...)
	}
	for i := range cols {
		var err error
		if cols[i], err = kernel.Decode(cols[i]); err != nil {
			return err
		}
	}
	if err := a.cut.add(cols, b.Len()); err != nil {
		return err
	}
	if err := a.mem.resize(a.cut.bytes); err != nil {
		return a.spillCut(err)
	}
	return nil
}

// spillCut goes on on disk after memory was refused by cause.
func (a *aggregate) spillCut(cause error) error {
	if !a.task.spill.Usable() {
		return cause
	}
	c := a.cut
	a.cut, a.spill = nil, newAggSpill(a)
	for _, rec := range c.whole {
		if err := a.spill.writeStates(rec); err != nil {
			return err
		}
	}
	for at := range c.parts {
		for _, rec := range c.parts[at] {
			if err := a.spill.writeStates(rec); err != nil {
				return err
			}
		}
		c.parts[at] = nil
	}
	return a.mem.resize(0)
}

// finishCut makes sure that there is room to merge every part.
func (a *aggregate) finishCut() error {
	if err := a.cut.flush(); err != nil {
		return err
	}
	largest := int64(0)
	for _, n := range a.cut.sizes {
		largest = max(largest, n)
	}
	return a.mem.resize(a.cut.bytes + 4*largest) // one in a single array, and its table
}

// add takes rows of states.
func (c *aggCut) add(cols []arrow.Array, n int) error {
	rec := kernel.Record(c.schema, cols, n)
	if ends, ok := c.inOrder(rec); ok {
		if err := c.flush(); err != nil { // rows of one key stay in their order
			return err
		}
		c.hand(rec, ends)
		return nil
	}
	c.whole = append(c.whole, rec)
	c.rows += n
	c.bytes += kernel.RecordBytes(rec)
	if c.rows < cutRows {
		return nil
	}
	return c.flush()
}

// flush cuts the rows that are not yet.
func (c *aggCut) flush() error {
	if c.rows == 0 {
		return nil
	}
	rec, err := kernel.ConcatRecords(c.schema, c.whole)
	if err != nil {
		return err
	}
	for _, r := range c.whole {
		c.bytes -= kernel.RecordBytes(r)
	}
	n := int(rec.NumRows())
	clear(c.whole)
	c.whole, c.rows = c.whole[:0], 0
	order, ends := cutOrder(c.partsOf(rec.Columns()[:len(c.merger.Keys)], n))
	if rec, err = kernel.TakeRecord(rec, order); err != nil {
		return err
	}
	c.hand(rec, ends)
	return nil
}

// hand gives the parts their rows of rec, which are in the parts' order.
func (c *aggCut) hand(rec arrow.Record, ends *[cutFanout]int) {
	lo := 0
	for at, hi := range ends {
		if hi > lo {
			piece := rec.NewSlice(int64(lo), int64(hi))
			c.parts[at] = append(c.parts[at], piece)
			size := kernel.RecordBytes(piece)
			c.sizes[at] += size
			c.bytes += size
		}
		lo = hi
	}
}

// inOrder tells whether rec has enough rows, and these are in the order of the
// parts already (rowPass); ends is where each part ends.
func (c *aggCut) inOrder(rec arrow.Record) (ends *[cutFanout]int, ok bool) {
	n := int(rec.NumRows())
	if n < cutPieces*cutFanout {
		return nil, false
	}
	keys := rec.Columns()[:len(c.merger.Keys)]
	if some := min(n, cutFanout); !slices.IsSorted(c.partsOf(sliceAll(keys, some), some)) { // soon said
		return nil, false
	}
	ends = new([cutFanout]int)
	last := uint16(0)
	for i, at := range c.partsOf(keys, n) {
		if at < last {
			return nil, false
		}
		last = at
		ends[at] = i + 1
	}
	for at := 1; at < cutFanout; at++ {
		ends[at] = max(ends[at], ends[at-1])
	}
	return ends, true
}

// sliceAll is the first n rows of each column.
func sliceAll(cols []arrow.Array, n int) []arrow.Array {
	out := make([]arrow.Array, len(cols))
	for i, c := range cols {
		out[i] = kernel.Slice(c, 0, n)
	}
	return out
}

// partsOf gives the part of each of n rows; the result is valid until the next
// call.
func (c *aggCut) partsOf(keys []arrow.Array, n int) []uint16 {
	if cap(c.hashes) < n {
		c.hashes, c.part16 = make([]uint64, n), make([]uint16, n)
	}
	hashes, parts := c.hashes[:n], c.part16[:n]
	rowkey.Hash(keys, n, hashes)
	for i, h := range hashes {
		parts[i] = uint16(cutPart(h))
	}
	return parts
}

// cutPart is the part for a hash. Its bits are others than those that choose the
// exchange's partition, a spilled part or the place in a table.
func cutPart(h uint64) int {
	const shift = 49
	return int(h >> shift % cutFanout)
}

// cutOrder gives the rows in the order of their parts, and where each part ends.
func cutOrder(parts []uint16) (order []int32, ends *[cutFanout]int) {
	ends = new([cutFanout]int)
	for _, at := range parts {
		ends[at]++
	}
	var next [cutFanout]int
	sum := 0
	for at, n := range ends {
		next[at] = sum
		sum += n
		ends[at] = sum
	}
	order = make([]int32, len(parts))
	for i, at := range parts {
		order[next[at]] = int32(i)
		next[at]++
	}
	return order, ends
}

// next gives the results part by part.
func (c *aggCut) next(ctx context.Context, out *arrow.Schema) (arrow.Record, error) {
	for c.groups == nil || c.at == c.groups.len() {
		if c.part == cutFanout {
			c.groups = nil
			return nil, io.EOF
		}
		if err := c.merge(ctx); err != nil {
			return nil, err
		}
	}
	lo := c.at
	c.at = min(lo+c.task.rowsOf(c.groups.width()), c.groups.len())
	cols, err := c.groups.output(ctx, lo, c.at, false)
	if err != nil {
		return nil, err
	}
	return kernel.Record(out, cols, c.at-lo), nil
}

// merge groups the next part.
func (c *aggCut) merge(ctx context.Context) error {
	var err error
	if c.groups == nil {
		c.ratio = 1
		if c.groups, err = newGroupTable(c.task, c.merger); err != nil {
			return err
		}
	}
	pieces := c.parts[c.part]
	c.parts[c.part] = nil
	c.bytes -= c.sizes[c.part]
	c.part, c.at = c.part+1, 0
	rows := 0
	for _, p := range pieces {
		rows += int(p.NumRows())
	}
	if err := c.groups.reset(int(c.ratio * float64(rows))); err != nil || rows == 0 {
		return err
	}
	if rows < cutPieces*len(pieces) {
		rec, err := kernel.ConcatRecords(c.schema, pieces)
		if err != nil {
			return err
		}
		pieces = []arrow.Record{rec}
	}
	for _, p := range pieces {
		if err := c.groups.add(p.Columns()[:len(c.merger.Keys)], eval.NewBatch(p)); err != nil {
			return err
		}
	}
	c.ratio = min(1, 1.1*float64(c.groups.len())/float64(rows))
	return c.groups.finish(ctx)
}
