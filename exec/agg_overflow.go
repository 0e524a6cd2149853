package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/exec/spill"
	"volley/planner/physical"
)

// aggOverflow is for groups that are too many themselves, of aggregates that cannot be
// kept as states: DISTINCT ones, and those with an order. When all that they hold
// besides has gone to disk and memory is refused still, the table of groups is frozen:
//
//  1. A row of a group in the table is added as before.
//  2. Any other is written, as it came, to a partition on disk, by bits of its keys'
//     hash.
//  3. When the table's groups were given, each partition is aggregated by itself, in the
//     same way with the next bits. None of its groups was in a table before.
type aggOverflow struct {
	schema *arrow.Schema // of the input
	probe  *rowkey.Probe
	parts  *spillParts
	files  []*spill.File // that are still to be aggregated
	inner  *aggregate    // of the first of them; nil: it has not begun
	// beyond is what the tables have grown beyond what was granted when they froze.
	beyond int64
}

// beginOverflow freezes the groups because memory was refused by cause.
func (a *aggregate) beginOverflow(cause error) error {
	if a.node.Mode != physical.Single || len(a.keys) == 0 || a.depth == maxSpillDepth || a.groups.len() == 0 {
		return cause
	}
	if err := a.ensureAlways(); err != nil { // or it would be added once for each partition
		return err
	}
	schema := a.input.Schema()
	a.overflow = &aggOverflow{
		schema: schema, probe: a.groups.table.NewProbe(), parts: a.task.newSpillParts(schema, a.depth),
		beyond: max(a.groups.bytes()-a.mem.taken, 0),
	}
	return nil
}

// addKnown adds the rows whose groups are in the frozen table; the others wait.
func (a *aggregate) addKnown(ctx context.Context, rec arrow.Record, keys []arrow.Array, b *eval.Batch) error {
	for i, k := range keys {
		var err error
		if keys[i], err = kernel.Decode(k); err != nil {
			return err
		}
	}
	at := make([]uint32, b.Len())
	a.overflow.probe.Find(keys, b.Len(), at)
	var known, unknown []int32
	for i, g := range at {
		if g == rowkey.NoGroup {
			unknown = append(unknown, int32(i))
		} else {
			at[len(known)] = g
			known = append(known, int32(i))
		}
	}
	if len(unknown) > 0 {
		if err := a.overflow.wait(rec, keys, unknown); err != nil {
			return err
		}
	}
	if len(known) == 0 {
		return nil
	}
	if len(unknown) > 0 {
		b = b.Select(known)
	}
	if err := b.PlaceRow(a.groups.update(at[:len(known)], b)); err != nil {
		return err
	}
	if err := a.mem.resize(a.bytes()); err != nil {
		return a.makeRoom(ctx, err)
	}
	return nil
}

// bytes is the memory that the groups are to have.
func (a *aggregate) bytes() int64 {
	n := a.groups.bytes()
	if a.overflow != nil {
		n = max(n-a.overflow.beyond, 0)
	}
	return n
}

// wait writes rows to the partitions.
func (o *aggOverflow) wait(rec arrow.Record, keys []arrow.Array, rows []int32) error {
	rec, err := kernel.TakeRecord(rec, rows)
	if err != nil {
		return err
	}
	taken := make([]arrow.Array, len(keys))
	for i, k := range keys {
		if taken[i], err = kernel.Take(k, rows); err != nil {
			return err
		}
	}
	return o.parts.write(rec, taken)
}

// end closes the partitions after the last row.
func (o *aggOverflow) end(stats *OperatorStats) error {
	files, err := o.parts.finish(stats)
	o.parts, o.probe = nil, nil
	for _, f := range files {
		if f != nil {
			o.files = append(o.files, f)
		}
	}
	return err
}

// nextOverflow gives the next groups of the partitions.
func (a *aggregate) nextOverflow(ctx context.Context) (arrow.Record, error) {
	o := a.overflow
	for len(o.files) > 0 {
		if o.inner == nil {
			if err := a.beginPart(o.files[0]); err != nil {
				return nil, err
			}
		}
		rec, err := o.inner.Next(ctx)
		if err != io.EOF {
			return rec, err
		}
		err = errors.Join(o.inner.Close(), o.inner.input.Close(), o.files[0].Remove())
		o.inner, o.files = nil, o.files[1:]
		if err != nil {
			return nil, err
		}
	}
	return nil, io.EOF
}

// beginPart makes the aggregation of a partition.
func (a *aggregate) beginPart(f *spill.File) error {
	node := *a.node
	node.Always = nil // the first table has it
	source, err := newSpillSource(f, a.overflow.schema)
	if err != nil {
		return err
	}
	inner := &aggregate{task: a.task, node: &node, input: source, depth: a.depth + 1, stats: a.stats}
	inner.mem = reservation{memory: a.mem.memory, stats: a.stats}
	a.overflow.inner = inner
	if err := inner.compile(); err != nil {
		return errors.Join(err, source.Close())
	}
	return nil
}

// close ends the partition that is being aggregated.
func (o *aggOverflow) close() error {
	if o == nil || o.inner == nil {
		return nil
	}
	return errors.Join(o.inner.Close(), o.inner.input.Close())
}
