package statistics

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"golang.org/x/sync/errgroup"

	"volley/catalog"
	"volley/catalog/objstore"
	"volley/exec/kernel"
	"volley/sqlerr"
)

const (
	// sampleBlocks is from how many places of a table a few rows are read.
	sampleBlocks = 3
	// blockRows and blockBytes are how much is read at a place, by what a format's
	// splits count.
	blockRows  = 1024
	blockBytes = 128 << 10
	// blocksAtOnce is how many places are read at once.
	blocksAtOnce = 16
)

// Files is a catalog.Sampler of a table of files. It reads a column when it is
// first asked for, from the beginnings of a few splits that lie evenly over the
// table; or all columns at once, where a line has to be read as a whole.
type Files struct {
	Store  objstore.Store
	Format catalog.Format
	Def    *catalog.TableDef
	Rows   int64 // −1: not known
	ByRow  bool  // columns cannot be read one by one

	columns Memo[map[int]catalog.ColumnStats] // by the first column read
	whole   Memo[arrow.Array]                 // of a small table, by column
}

// Column looks at rows.
func (f *Files) Column(ctx context.Context, column int) catalog.ColumnStats {
	wanted := []int{column}
	if f.ByRow {
		wanted = make([]int, f.Def.Schema.NumFields())
		for i := range wanted {
			wanted[i] = i
		}
	}
	found, ok := f.columns.Get(ctx, wanted[0], func() (map[int]catalog.ColumnStats, bool) {
		out := f.look(ctx, wanted)
		return out, ctx.Err() == nil // what was interrupted is not what there is
	})
	if c, known := found[column]; ok && known {
		return c
	}
	return catalog.ColumnStats{NullCount: -1, Distinct: -1}
}

// look reads some rows of columns and sums them up.
func (f *Files) look(ctx context.Context, columns []int) map[int]catalog.ColumnStats {
	blocks := f.read(ctx, columns)
	found := map[int]catalog.ColumnStats{}
	for i, c := range columns {
		found[c] = catalog.ColumnStats{NullCount: -1, Distinct: -1}
		if len(blocks) > 0 && f.Rows > 0 {
			s := Sample{Blocks: columnOf(blocks, i), Rows: float64(f.Rows)}
			found[c] = s.Column()
		}
	}
	return found
}

func columnOf(blocks []arrow.Record, column int) []arrow.Array {
	out := make([]arrow.Array, len(blocks))
	for i, b := range blocks {
		out[i] = b.Column(column)
	}
	return out
}

// read gives a record of each place. What cannot be read is left out: the query
// that reads it will say why.
func (f *Files) read(ctx context.Context, columns []int) (out []arrow.Record) {
	spec := f.spec(columns)
	splits, err := f.Format.Splits(ctx, f.Store, f.Def, spec, catalog.SplitTarget{Bytes: 1})
	if err != nil {
		return nil
	}
	size := int64(blockRows)
	if f.ByRow {
		size = blockBytes
	}
	n := min(len(splits), sampleBlocks)
	places := make([]catalog.Split, n)
	for i := range places {
		s := splits[i*(len(splits)-1)/max(n-1, 1)]
		s.End = min(s.End, s.Start+size*sampleBlocks/int64(n))
		places[i] = s
	}
	for _, b := range f.blocks(ctx, spec, places) {
		if b.err == nil && b.rows != nil {
			out = append(out, b.rows)
		}
	}
	return out
}

// block is the first rows of a split; nil where it has none, or they cannot be read.
type block struct {
	rows arrow.Record
	err  error
}

// blocks reads the first rows of splits, several at once: those of remote files wait for
// an answer each.
func (f *Files) blocks(ctx context.Context, spec *catalog.ScanSpec, splits []catalog.Split) []block {
	out := make([]block, len(splits))
	var group errgroup.Group
	group.SetLimit(blocksAtOnce)
	for i, s := range splits {
		group.Go(func() error {
			b := &out[i]
			b.err = sqlerr.Guarded(func() (err error) {
				b.rows, err = f.block(ctx, spec, s)
				return err
			})()
			return nil
		})
	}
	_ = group.Wait() // each block has its own error
	return out
}

// block reads the first rows of a split as one record.
func (f *Files) block(ctx context.Context, spec *catalog.ScanSpec, split catalog.Split) (arrow.Record, error) {
	r, err := f.Format.Open(ctx, f.Store, spec, split)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var recs []arrow.Record
	for rows := int64(0); rows < sampleBlocks*blockRows; {
		rec, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if rec, err = kernel.Conform(rec, spec.Out()); err != nil {
			return nil, err
		}
		recs, rows = append(recs, rec), rows+rec.NumRows()
	}
	if len(recs) == 0 {
		return nil, nil
	}
	return kernel.ConcatRecords(spec.Out(), recs)
}

// Whole reads a column of a small table. Tables whose lines have to be read as a whole
// are left alone.
func (f *Files) Whole(ctx context.Context, column int) arrow.Array {
	if f.ByRow || f.Rows < 0 || f.Rows > catalog.SmallTable {
		return nil
	}
	values, _ := f.whole.Get(ctx, column, func() (arrow.Array, bool) {
		values, err := f.readWhole(ctx, column)
		return values, err == nil || ctx.Err() == nil
	})
	return values
}

func (f *Files) readWhole(ctx context.Context, column int) (arrow.Array, error) {
	spec := f.spec([]int{column})
	splits, err := f.Format.Splits(ctx, f.Store, f.Def, spec, catalog.SplitTarget{Bytes: 1})
	if err != nil {
		return nil, err
	}
	var recs []arrow.Record
	rows := int64(0)
	for _, b := range f.blocks(ctx, spec, splits) {
		if b.err != nil {
			return nil, b.err
		}
		if b.rows != nil {
			recs, rows = append(recs, b.rows), rows+b.rows.NumRows()
		}
	}
	if rows != f.Rows || rows == 0 { // the files have changed
		return nil, nil
	}
	all, err := kernel.ConcatRecords(spec.Out(), recs)
	if err != nil {
		return nil, err
	}
	return kernel.Decode(all.Column(0))
}

// spec asks for columns.
func (f *Files) spec(columns []int) *catalog.ScanSpec {
	return &catalog.ScanSpec{
		Table: f.Def.Location, Format: f.Def.Format, Options: f.Def.Options, Schema: f.Def.Schema,
		Projection: columns, Partition: f.Def.PartitionColumns,
	}
}
