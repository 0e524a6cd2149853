package parquet

import (
	"context"
	"errors"
	"io"
	"sort"

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
// spec.Pruning are left out. Of a remote file what is read first is announced.
func (p *Format) Open(ctx context.Context, store objstore.Store, spec *catalog.ScanSpec, split catalog.Split) (catalog.Reader, error) {
	opts, err := parseOptions(spec.Options)
	if err != nil {
		return nil, err
	}
	in, err := split.File.Open(ctx, store)
	if err != nil {
		return nil, err
	}
	r := &reader{in: in, split: split, out: spec.Out(), limit: spec.Limit}
	if r.limit <= 0 {
		r.limit = split.End - split.Start
	}
	if r.f, err = p.footerOf(ctx, in, split.File); err == nil {
		r.in = r.f.withTail(in)
		err = guard(split.File.Path, func() error {
			if err := r.bind(spec, opts); err != nil || r.limit <= 0 || objstore.Scheme(in.Info().Path) == "" {
				return err
			}
			if err := r.openGroup(ctx); err != io.EOF { // of which Next tells
				return err
			}
			return nil
		})
	}
	if err != nil {
		r.endGroup()
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
	left    int64           // rows of the range at hand still to be read
	at      int64           // next row, within its row group
	ranges  []rowRange      // of the row group, after the one at hand
	batch   int64
	late    []lateFilter // columns to be read before the others
	behind  int64        // rows that the others have not passed over yet
	// locations are the pages of leaves of the row group at hand, where ranges
	// of rows are read.
	locations map[int][]pageLocation
	later     []objstore.Range // not announced yet
	counts    catalog.ScanCounts
	err       error // sticks
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
	r.late = r.prune.lateFilters(spec, r.sources)
	r.counts.RowGroups, r.counts.ByStatistics = r.split.Pruned, r.split.Pruned
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
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for r.left == 0 {
			if err := r.openRange(ctx); err != nil {
				return nil, err
			}
		}
		n := min(r.left, r.batch, r.limit)
		r.left -= n
		r.at += n
		arrays := make([]arrow.Array, len(r.sources))
		passed, err := r.readFilters(ctx, arrays, n)
		if err != nil {
			return nil, err
		}
		count := int64(passed.Count())
		if count == 0 { // no row of the batch passes the filter
			r.behind += n
			continue
		}
		r.announceLater(ctx)
		var rec arrow.Record
		if count*fewRows <= n {
			if err := r.readPassed(ctx, arrays, n, passed); err != nil {
				return nil, err
			}
			rec = kernel.Record(r.out, arrays, int(count))
		} else {
			if err := r.readOthers(ctx, arrays, n); err != nil {
				return nil, err
			}
			if rec = kernel.Record(r.out, arrays, int(n)); count < n && r.filtersValues() {
				if rec, err = kernel.SelectRecord(rec, passed); err != nil {
					return nil, err
				}
			}
		}
		r.limit -= rec.NumRows()
		return rec, nil
	}
}

// readColumn reads n rows of one column of the record.
func (r *reader) readColumn(ctx context.Context, i int, n int64) (a arrow.Array, err error) {
	if c := r.columns[i]; c == nil {
		a, err = r.constant(i, n)
	} else if a, err = c.read(ctx, n); err == nil && !kernel.Encoded(a.DataType()) {
		a, err = widen(a, r.out.Field(i).Type)
	}
	if err != nil {
		return nil, inColumn(r.f.path, r.out.Field(i).Name, err)
	}
	return a, nil
}

// readOthers reads the columns that are not read yet, after passing over the
// rows that no filter column let through.
func (r *reader) readOthers(ctx context.Context, arrays []arrow.Array, n int64) (err error) {
	for i, c := range r.columns {
		if arrays[i] != nil {
			continue
		}
		if c != nil && r.behind > 0 {
			if err := c.skip(ctx, r.behind); err != nil {
				return inColumn(r.f.path, r.out.Field(i).Name, err)
			}
		}
		if arrays[i], err = r.readColumn(ctx, i, n); err != nil {
			return err
		}
	}
	r.behind = 0
	return nil
}

// openRange goes to the next range of rows that may match, if need be in another
// row group, or gives io.EOF.
func (r *reader) openRange(ctx context.Context) error {
	if len(r.ranges) == 0 {
		return r.openGroup(ctx)
	}
	next := r.ranges[0]
	r.ranges = r.ranges[1:]
	gap := next.from - r.at
	for _, l := range r.late {
		if l.again {
			continue
		}
		if err := r.columns[l.at].skip(ctx, gap); err != nil {
			return inColumn(r.f.path, r.out.Field(l.at).Name, err)
		}
	}
	r.behind += gap
	r.at, r.left = next.from, next.to-next.from
	return nil
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
		r.endGroup()
		if from == group.first {
			r.counts.RowGroups++
		}
		ranges, err := r.selectRows(ctx, g, rowRange{from - group.first, to - group.first})
		if err != nil {
			return err
		}
		if len(ranges) == 0 {
			continue
		}
		r.counts.RowGroupsRead++ // by each of the splits that share it
		r.ranges, r.at, r.behind = ranges, 0, 0
		r.announce(ctx)
		if err := r.openColumns(g); err != nil {
			return err
		}
		return r.openRange(ctx)
	}
	r.endGroup()
	return io.EOF
}

// openColumns opens the columns of a row group at its first row.
func (r *reader) openColumns(group int) error {
	r.columns = make([]*columnReader, len(r.sources))
	r.batch = r.batchSize(group)
	for i, s := range r.sources {
		if s.column == nil {
			continue
		}
		c, err := newColumnReader(s.column, func(l *leaf) (*pageReader, error) { return r.openChunk(group, l) })
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

// endGroup counts the pages of the row group at hand.
func (r *reader) endGroup() {
	for _, c := range r.columns {
		if c != nil {
			c.countPages(&r.counts)
			c.release()
		}
	}
	r.columns = nil
}

// Counts are the row groups and pages read so far, once the reader is closed.
func (r *reader) Counts() catalog.ScanCounts { return r.counts }

func (r *reader) openChunk(group int, l *leaf) (*pageReader, error) {
	m := r.f.meta.RowGroups[group].Columns[l.index].MetaData
	c := codec(m.Codec)
	if err := c.check(); err != nil {
		return nil, err
	}
	off, end := r.f.chunkRange(group, l.index)
	if last := len(r.ranges) - 1; last >= 0 && l.descr.MaxRepetitionLevel() == 0 {
		end = endOf(r.locations[l.index], r.ranges[last].to, end)
	}
	in := newChunkStream(r.in, off, end)
	if r.locations[l.index] != nil && in.window == remoteWindow {
		in.wanted = r.bytesOf(l)
	}
	p := newPageReader(in, l, c, m.NumValues, m.TotalUncompressedSize)
	p.locations = r.locations[l.index]
	return p, nil
}

// endOf is where the page of a row group's row before the given one ends, if the
// pages' places are known: what comes after it need not be fetched.
func endOf(pages []pageLocation, row, end int64) int64 {
	after := sort.Search(len(pages), func(i int) bool { return pages[i].firstRow >= row })
	if after > 0 && after < len(pages) {
		return pages[after].offset
	}
	return end
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
	r.endGroup()
	return r.in.Close()
}
