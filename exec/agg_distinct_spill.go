package exec

import (
	"bytes"
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/udf"
)

// A DISTINCT aggregate passes on the rows whose group and arguments are new. When
// memory for the table of those seen is refused, the table is frozen:
//
//  1. A row that the table has is dropped as before.
//  2. Any other is kept, and goes to disk in runs sorted by group and arguments.
//  3. At the end the runs are merged; equal rows follow one another, and the
//     first of each is passed on. None of them is in the table.

// freeze lets the rows that are not in the table wait from now on.
func (a *aggCall) freeze(t *task) {
	w := &sortedArgs{rows: t.rows, consts: make([]udf.Arg, len(a.call.Args))}
	for _, e := range a.call.Args {
		w.args = append(w.args, kernel.NewChunks(e.DataType()))
	}
	w.keys.orders = make([]rowkey.Order, len(a.call.Args))
	a.waiting, a.probe = w, a.seen.NewProbe()
}

// growth is what the table of rows seen would take for n more rows.
func (a *aggCall) growth(n int) int64 {
	if a.seen == nil || a.waiting != nil {
		return 0
	}
	return a.seen.Growth(n)
}

// addWaiting keeps the rows that the table does not have; the first of cols is
// the group.
func (a *aggCall) addWaiting(cols []arrow.Array, groups []uint32) error {
	at := make([]uint32, len(groups))
	a.probe.Find(cols, len(groups), at)
	var rows []int32
	for i, g := range at {
		if g == rowkey.NoGroup {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	w := a.waiting
	args := make([]arrow.Array, len(cols)-1)
	for i, c := range cols[1:] {
		var err error
		if args[i], err = kernel.Take(c, rows); err != nil {
			return err
		}
		if err := w.args[i].Append(args[i]); err != nil {
			return err
		}
	}
	w.bytesK.Append(args, w.keys.orders, len(rows))
	for _, r := range rows {
		w.groups = append(w.groups, groups[r])
	}
	return nil
}

// finishWaiting passes on the rows that waited, each once.
func (a *aggCall) finishWaiting(ctx context.Context, t *task, n int, stats *OperatorStats) error {
	w := a.waiting
	if len(w.groups) > 0 {
		if err := w.spill(t, stats); err != nil {
			return err
		}
	}
	if w.spilled == nil {
		return nil
	}
	if err := w.spilled.begin(ctx); err != nil {
		return err
	}
	var last []byte
	for {
		rec, keys, err := w.spilled.merged.next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		of := kernel.Values[int32](rec.Column(0))
		var rows []int32
		var groups []uint32
		for i := range keys.Len() {
			if k := keys.Key(i); last == nil || !bytes.Equal(k, last) {
				rows, groups, last = append(rows, int32(i)), append(groups, uint32(of[i])), k
			}
		}
		args := make([]udf.Arg, rec.NumCols()-1)
		for i := range args {
			c, err := kernel.Take(rec.Column(i+1), rows)
			if err != nil {
				return err
			}
			args[i] = udf.Arg{Array: c}
		}
		if err := a.acc.Update(groups, n, args); err != nil {
			return placedAt(err, a.call.Pos)
		}
	}
}

// growth is what the tables would take for n more rows.
func (g *groupTable) growth(n int) int64 {
	bytes := g.table.Growth(n)
	for _, a := range g.aggs {
		bytes += a.growth(n)
	}
	return bytes
}

// reserveGrowth takes the memory for n more rows before the tables grow.
func (a *aggregate) reserveGrowth(n int) error {
	more := a.groups.growth(n)
	if more == 0 {
		return nil
	}
	if err := a.mem.resize(a.groups.bytes() + more); err != nil {
		if a.groups.len() == 0 {
			return nil // nothing to give up: adding tells whether it fits
		}
		return a.spillGroups(err)
	}
	return nil
}

// finishDistinct ends the DISTINCT aggregates some of whose rows waited.
func (a *aggregate) finishDistinct(ctx context.Context) error {
	for _, call := range a.groups.aggs {
		if call.waiting == nil {
			continue
		}
		if err := call.finishWaiting(ctx, a.task, a.groups.n, a.stats); err != nil {
			return err
		}
	}
	return nil
}
