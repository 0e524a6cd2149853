package parquet

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/catalog/hive"
	"volley/catalog/objstore"
	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
)

var errClosed = errors.New("reader is closed")

// Open starts reading the rows of a split. Row groups in it that cannot match
// spec.Pruning are left out.
func (p *Format) Open(ctx context.Context, store objstore.Store, spec *catalog.ScanSpec, split catalog.Split) (catalog.Reader, error) {
	opts, err := parseOptions(spec.Options)
	if err != nil {
		return nil, err
	}
	in, err := store.Open(ctx, split.File.Path)
	if err != nil {
		return nil, err
	}
	r := &reader{in: in, split: split, out: spec.Out(), limit: spec.Limit}
	if r.limit <= 0 {
		r.limit = split.End - split.Start
	}
	if r.f, err = p.footerOf(ctx, in, split.File); err == nil {
		err = guard(split.File.Path, func() error { return r.bind(spec, opts) })
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	return r, nil
}

// reader reads a range of rows, row group by row group.
type reader struct {
	in    objstore.Reader
	f     *footer
	split catalog.Split
	out   *arrow.Schema
	prune *pruner
	limit int64 // rows still wanted

	sources []source
	// constants are the columns that have one value, or none, in the whole
	// file; long enough for every record.
	constants []arrow.Array

	next    int             // row group to open next
	columns []*columnReader // of the row group at hand; nil where a constant is
	left    int64           // its rows still to be read
	batch   int64
	err     error // sticks
}

// bind finds where each column of the scan comes from.
func (r *reader) bind(spec *catalog.ScanSpec, opts options) (err error) {
	if r.split.Start < 0 || r.split.End < r.split.Start || r.split.End > r.f.rows {
		return sqlerr.New(sqlerr.InternalError, "split of rows %d to %d in a file of %d", r.split.Start, r.split.End, r.f.rows)
	}
	if r.prune, err = newPruner(r.f, spec); err != nil {
		return err
	}
	src := newSources(r.f, spec, opts)
	for _, field := range r.out.Fields() {
		s, err := src.of(field)
		if err != nil {
			return err
		}
		r.sources = append(r.sources, s)
	}
	r.constants = make([]arrow.Array, len(r.sources))
	return nil
}

// Next gives the next record, or io.EOF after the last row of the split.
func (r *reader) Next(ctx context.Context) (arrow.Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var rec arrow.Record
	err := guard(r.f.path, func() (err error) {
		rec, err = r.read(ctx)
		if err == io.EOF {
			rec, err = nil, nil
		}
		return err
	})
	switch {
	case err != nil:
		r.err = err
		return nil, err
	case rec == nil:
		r.err = io.EOF
		return nil, io.EOF
	}
	return rec, nil
}

func (r *reader) read(ctx context.Context) (arrow.Record, error) {
	if r.limit <= 0 {
		return nil, io.EOF
	}
	for r.left == 0 {
		if err := r.openGroup(ctx); err != nil {
			return nil, err
		}
	}
	n := min(r.left, r.batch, r.limit)
	arrays := make([]arrow.Array, len(r.sources))
	for i, c := range r.columns {
		var err error
		if c == nil {
			arrays[i], err = r.constant(i, n)
		} else if arrays[i], err = c.read(ctx, n); err == nil && arrays[i].DataType().ID() != arrow.DICTIONARY {
			arrays[i], err = widen(arrays[i], r.out.Field(i).Type)
		}
		if err != nil {
			return nil, inColumn(r.f.path, r.out.Field(i).Name, err)
		}
	}
	r.left -= n
	r.limit -= n
	return kernel.Record(r.out, arrays, int(n)), nil
}

// openGroup opens the next row group of the split at the split's first row in
// it, or gives io.EOF.
func (r *reader) openGroup(ctx context.Context) error {
	for ; r.next < len(r.f.groups); r.next++ {
		group := r.f.groups[r.next]
		from, to := max(group.first, r.split.Start), min(group.first+group.rows, r.split.End)
		if from >= to || !r.prune.mayMatch(r.next) {
			continue
		}
		g := r.next
		r.next++
		r.left = to - from
		r.columns = make([]*columnReader, len(r.sources))
		r.batch = r.batchSize(g)
		for i, s := range r.sources {
			if s.column == nil {
				continue
			}
			c, err := newColumnReader(s.column, func(l *leaf) (*pageReader, error) { return r.openChunk(g, l) })
			if err == nil {
				err = c.skip(ctx, from-group.first)
			}
			if err != nil {
				return inColumn(r.f.path, r.out.Field(i).Name, err)
			}
			if c.flat != nil { // what is widened, and what is in a group, is plain
				c.flat.encode = sqltype.Equal(s.column.typ, r.out.Field(i).Type)
			}
			r.columns[i] = c
		}
		return nil
	}
	return io.EOF
}

func (r *reader) openChunk(group int, l *leaf) (*pageReader, error) {
	m := r.f.meta.RowGroups[group].Columns[l.index].MetaData
	c := codec(m.Codec)
	if err := c.check(); err != nil {
		return nil, err
	}
	off, end := r.f.chunkRange(group, l.index)
	return newPageReader(newChunkStream(r.in, off, end), l, c, m.NumValues, m.TotalUncompressedSize), nil
}

// batchSize is how many rows of a row group make a record: fewer where rows are
// wide.
func (r *reader) batchSize(group int) int64 {
	var bytes int64
	leaves := 0
	for _, s := range r.sources {
		if s.column == nil {
			continue
		}
		for _, l := range s.column.leaves(nil) {
			bytes += max(0, r.f.meta.RowGroups[group].Columns[l.index].MetaData.TotalUncompressedSize)
			leaves++
		}
	}
	if leaves == 0 {
		if len(r.sources) == 0 {
			return countRows
		}
		return batchRows
	}
	perRow := bytes/max(r.f.groups[group].rows, 1) + 1
	return min(batchRows, max(minBatchRows, batchBytes/perRow))
}

// constant gives n values of a column that has no values in the file.
func (r *reader) constant(i int, n int64) (arrow.Array, error) {
	if a := r.constants[i]; a == nil || int64(a.Len()) < n {
		var err error
		if v := r.sources[i].value; v != nil {
			a, err = hive.Repeat(v, int(n))
		} else {
			a = array.MakeArrayOfNull(memory.DefaultAllocator, r.out.Field(i).Type, int(n))
		}
		if err != nil {
			return nil, err
		}
		r.constants[i] = a
	}
	if a := r.constants[i]; int64(a.Len()) > n {
		return array.NewSlice(a, 0, n), nil
	}
	return r.constants[i], nil
}

// Bounds are the split's own: splits of this format are exact.
func (r *reader) Bounds() catalog.Bounds {
	return catalog.Bounds{Start: r.split.Start, End: r.split.End}
}

// Close closes the file. After it Next gives an error.
func (r *reader) Close() error {
	if r.err == errClosed {
		return nil
	}
	r.err = errClosed
	r.columns = nil
	return r.in.Close()
}
