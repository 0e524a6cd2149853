package exec

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/exec/spill"
	"volley/sqltype"
	"volley/udf"
)

// distinctRows tells rows, each of a group and arguments, apart. When memory for the
// table of those seen is refused, the table is frozen:
//
//  1. A row that the table has is dropped as before.
//  2. Any other is written to a partition on disk, by bits of its hash.
//  3. At the end the table is given up, and the rows of each partition are told apart
//     by themselves, in the same way with the next bits. None of them is in a table
//     before.
type distinctRows struct {
	seen   *rowkey.Table
	schema *arrow.Schema // group, arguments
	depth  int           // how often the rows were cut
	// parts are of the rows that are not in seen, since it was frozen, and probe
	// looks into it; nil until then.
	parts *spillParts
	probe *rowkey.Probe
}

func newDistinctRows(args []arrow.DataType, depth int) *distinctRows {
	fields := []arrow.Field{{Name: "group", Type: sqltype.Int32}}
	for _, t := range args {
		fields = append(fields, arrow.Field{Name: "", Type: t, Nullable: true})
	}
	d := &distinctRows{schema: arrow.NewSchema(fields, nil), depth: depth}
	d.forget()
	return d
}

// forget gives up the table.
func (d *distinctRows) forget() {
	types := make([]arrow.DataType, d.schema.NumFields())
	for i := range types {
		types[i] = d.schema.Field(i).Type
	}
	d.seen, d.probe = rowkey.NewTable(types), nil
}

// freeze lets the rows that are not in the table wait from now on.
func (d *distinctRows) freeze(t *task) {
	d.parts, d.probe = t.newSpillParts(d.schema, d.depth), d.seen.NewProbe()
}

func (d *distinctRows) frozen() bool { return d.probe != nil }

// growth is what the table would take for n more rows.
func (d *distinctRows) growth(n int) int64 {
	if d.frozen() {
		return 0
	}
	return d.seen.Growth(n)
}

// fresh gives which of the rows are new; those that must wait are not among them.
func (d *distinctRows) fresh(cols []arrow.Array, rows int) ([]int32, error) {
	at := make([]uint32, rows)
	if !d.frozen() {
		return d.seen.Assign(cols, rows, at), nil
	}
	d.probe.Find(cols, rows, at)
	var unknown []int32
	for i, g := range at {
		if g == rowkey.NoGroup {
			unknown = append(unknown, int32(i))
		}
	}
	if len(unknown) == 0 {
		return nil, nil
	}
	rec, err := kernel.TakeRecord(kernel.Record(d.schema, cols, rows), unknown)
	if err != nil {
		return nil, err
	}
	return nil, d.parts.write(rec, rec.Columns())
}

// waited gives the rows that had to wait, each once, to f; other is the memory of the
// operator besides this table.
func (d *distinctRows) waited(ctx context.Context, a *aggregate, other func() int64, f func(rec arrow.Record) error) error {
	files, err := d.parts.finish(a.stats)
	if err != nil {
		return err
	}
	d.parts = nil
	d.forget()
	for _, file := range files {
		if file == nil {
			continue
		}
		part := &distinctRows{schema: d.schema, depth: d.depth + 1}
		part.forget()
		if err := part.readPart(ctx, a, file, other, f); err != nil {
			return err
		}
	}
	return nil
}

// readPart gives the rows of a partition, each once, to f.
func (d *distinctRows) readPart(ctx context.Context, a *aggregate, file *spill.File, other func() int64, f func(rec arrow.Record) error) error {
	r, err := file.Open()
	if err != nil {
		return err
	}
	for {
		rec, err := r.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = d.readBatch(ctx, a, rec, other, f)
		}
		if err != nil {
			return errors.Join(err, r.Close())
		}
	}
	if err := errors.Join(r.Close(), file.Remove()); err != nil || !d.frozen() {
		return err
	}
	return d.waited(ctx, a, other, f)
}

func (d *distinctRows) readBatch(ctx context.Context, a *aggregate, rec arrow.Record, other func() int64, f func(rec arrow.Record) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	n := int(rec.NumRows())
	if err := a.mem.resize(other() + d.seen.Bytes() + d.growth(n)); err != nil && !d.frozen() {
		if d.depth == maxSpillDepth {
			return err
		}
		d.freeze(a.task)
	}
	fresh, err := d.fresh(rec.Columns(), n)
	if err != nil || len(fresh) == 0 {
		return err
	}
	if rec, err = kernel.TakeRecord(rec, fresh); err != nil {
		return err
	}
	return f(rec)
}

// finishWaiting passes on the rows that waited.
func (a *aggCall) finishWaiting(ctx context.Context, of *aggregate) error {
	return a.seen.waited(ctx, of, of.bytes, func(rec arrow.Record) error {
		ids := kernel.Values[int32](rec.Column(0))
		groups := make([]uint32, len(ids))
		for i, g := range ids {
			groups[i] = uint32(g)
		}
		args := make([]udf.Arg, rec.NumCols()-1)
		for i := range args {
			args[i] = udf.Arg{Array: rec.Column(i + 1)}
		}
		return placedAt(a.acc.Update(groups, of.groups.n, args), a.call.Pos)
	})
}

// growth is what the tables would take for n more rows.
func (g *groupTable) growth(n int) int64 {
	bytes := g.table.Growth(n)
	for _, a := range g.aggs {
		if a.seen != nil {
			bytes += a.seen.growth(n)
		}
	}
	return bytes
}

// reserveGrowth takes the memory for n more rows before the tables grow.
func (a *aggregate) reserveGrowth(ctx context.Context, n int) error {
	more := a.groups.growth(n)
	if more == 0 {
		return nil
	}
	if err := a.mem.resize(a.groups.bytes() + more); err != nil {
		if a.groups.len() == 0 {
			return nil // nothing to give up: adding tells whether it fits
		}
		return a.spillGroups(ctx, err)
	}
	return nil
}

// finishDistinct ends the DISTINCT aggregates some of whose rows waited. Their tables,
// which have none of these rows, are given up first.
func (a *aggregate) finishDistinct(ctx context.Context) error {
	var waiting []*aggCall
	for _, call := range a.groups.aggs {
		if call.seen != nil && call.seen.parts != nil {
			waiting = append(waiting, call)
			call.seen.forget()
		}
	}
	for _, call := range waiting {
		if err := call.finishWaiting(ctx, a); err != nil {
			return err
		}
	}
	return nil
}
