package parquet

import (
	"context"
	"io"
	"runtime"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"golang.org/x/sync/errgroup"

	"volley/sqlerr"
)

// What row groups have at most unless told otherwise.
const (
	DefaultRowGroupRows  = 128 << 10
	defaultRowGroupBytes = 128 << 20 // of values in memory
)

// WriterOptions are the options of COPY … TO (FORMAT parquet).
type WriterOptions struct {
	RowGroupRows  int64  // rows of a row group; 0: DefaultRowGroupRows
	RowGroupBytes int64  // bytes of a row group before it is compressed; 0: 128 MiB
	Compression   string // "snappy" (also when empty), "zstd", "gzip", "brotli", "lz4" or "none"
	Level         *int   // of zstd, gzip and brotli; nil: a middle one
	NoDictionary  bool
	NoStatistics  bool // neither bounds of row groups nor a page index
	NoPageIndex   bool
	// Bloom are the names of the columns with Bloom filters; "*" is all of them.
	Bloom    []string
	BloomFPP float64 // false positives of Bloom filters; 0: 0.01
	// Sorting says how the rows that are written are ordered.
	Sorting []SortingColumn
}

func (o *WriterOptions) bloomFalsePositives() float64 {
	if o.BloomFPP == 0 {
		return 0.01
	}
	return o.BloomFPP
}

// Writer writes records as one Parquet file. It keeps the values of a row group
// in memory, in the file's form, and compresses its columns in parallel.
//
// All columns are optional. Types are written as their equivalents, and
//
//	numeric without precision  decimal(38, 18); a value that does not fit is an error
//	interval                   INTERVAL; a value that is negative or finer than
//	                           a millisecond does not fit and is an error
//	json, jsonb                JSON
//	NULL of no type            string
//
// A writer is used by one goroutine. After an error the file is not usable.
type Writer struct {
	schema  *arrow.Schema
	opts    WriterOptions
	codec   pageCodec
	nodes   []*writeNode   // of each column
	paths   [][]*writeNode // of each leaf, from its column down
	column  []int          // the column of each leaf
	bloom   []bool         // of each leaf
	sorting []SortingColumn

	buffers   []*leafBuffer
	groupRows int64 // in the buffers
	groups    []*writtenGroup
	rows      int64
	out       io.Writer
	at        int64 // bytes written
	closed    bool
	failed    error
}

// NewWriter starts a file of records of the given schema. Everything has been
// written to w when Close returns without an error; w is not closed.
func NewWriter(w io.Writer, s *arrow.Schema, opts WriterOptions) (*Writer, error) {
	if opts.RowGroupRows < 0 || opts.RowGroupBytes < 0 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "row group size must be positive, not %d", min(opts.RowGroupRows, opts.RowGroupBytes))
	}
	if s.NumFields() == 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a Parquet file needs at least one column")
	}
	if opts.RowGroupRows == 0 {
		opts.RowGroupRows = DefaultRowGroupRows
	}
	if opts.RowGroupBytes == 0 {
		opts.RowGroupBytes = defaultRowGroupBytes
	}
	out := &Writer{schema: s, opts: opts, out: w}
	var err error
	if out.codec, err = newPageCodec(opts.Compression, opts.Level); err != nil {
		return nil, err
	}
	for i, f := range s.Fields() {
		node, err := newWriteNode(f.Name, f.Type)
		if err != nil {
			return nil, err
		}
		out.nodes = append(out.nodes, node)
		for out.paths = node.leafPaths(nil, out.paths); len(out.column) < len(out.paths); {
			out.column = append(out.column, i)
		}
	}
	for _, p := range out.paths {
		out.buffers = append(out.buffers, newLeafBuffer(p))
		out.bloom = append(out.bloom, slices.ContainsFunc(opts.Bloom, func(name string) bool { return name == "*" || name == p[0].name }))
	}
	for _, name := range opts.Bloom {
		if name != "*" && len(s.FieldIndices(name)) == 0 {
			return nil, sqlerr.New(sqlerr.UndefinedColumn, "column \"%s\" does not exist", name)
		}
	}
	out.sorting = out.leafSorting(opts.Sorting)
	return out, out.put([]byte(magicPlain))
}

// put writes bytes to the file.
func (w *Writer) put(p []byte) error {
	n, err := w.out.Write(p)
	w.at += int64(n)
	if err != nil {
		return sqlerr.Wrap(err, sqlerr.IOError, "could not write Parquet file")
	}
	return nil
}

// Write adds the rows of a record of the writer's schema.
func (w *Writer) Write(rec arrow.Record) error { return w.WriteRows(rec, nil) }

// WriteRows adds rows of a record by their numbers, or all when rows is nil.
func (w *Writer) WriteRows(rec arrow.Record, rows []int32) error {
	switch {
	case w.closed:
		return sqlerr.New(sqlerr.InternalError, "write to a closed Parquet file")
	case w.failed != nil:
		return w.failed
	case int(rec.NumCols()) != w.schema.NumFields():
		return sqlerr.New(sqlerr.InternalError, "record has %d columns, the Parquet file %d", rec.NumCols(), w.schema.NumFields())
	}
	total := rec.NumRows()
	if rows != nil {
		total = int64(len(rows))
	}
	for from := int64(0); from < total && w.failed == nil; {
		to := min(total, from+w.opts.RowGroupRows-w.groupRows)
		part, some := rec, rows
		if rows != nil {
			some = rows[from:to]
		} else if from > 0 || to < total {
			part = rec.NewSlice(from, to)
		}
		w.failed = w.add(part, some, to-from)
		from = to
	}
	return w.failed
}

// add puts rows of one row group into the buffers.
func (w *Writer) add(rec arrow.Record, rows []int32, n int64) error {
	for leaf, b := range w.buffers {
		c := w.column[leaf]
		if err := writeLeaf(b, w.paths[leaf], rec.Column(c), rows); err != nil {
			return inColumn("", w.schema.Field(c).Name, err)
		}
	}
	if w.groupRows += n; w.groupRows < w.opts.RowGroupRows && w.Buffered() < w.opts.RowGroupBytes {
		return nil
	}
	return w.flush()
}

// Buffered is how many bytes the rows take that are not written yet.
func (w *Writer) Buffered() (n int64) {
	if w.groupRows == 0 {
		return 0
	}
	for _, b := range w.buffers {
		n += b.bytes()
	}
	return n
}

// Room is how many rows are missing in the row group at hand.
func (w *Writer) Room() int64 { return w.opts.RowGroupRows - w.groupRows }

// Written is how many bytes the row groups that have been written take.
func (w *Writer) Written() int64 {
	if len(w.groups) == 0 {
		return 0
	}
	return w.at
}

// Flush ends the row group at hand and gives its memory back.
func (w *Writer) Flush() error {
	if w.failed == nil && !w.closed {
		w.failed = w.flush()
		for i, p := range w.paths {
			w.buffers[i] = newLeafBuffer(p)
		}
	}
	return w.failed
}

// flush encodes the columns of a row group in parallel and writes them in order.
func (w *Writer) flush() error {
	if w.groupRows == 0 {
		return nil
	}
	g := &writtenGroup{rows: w.groupRows, offset: w.at, chunks: make([]*writtenChunk, len(w.buffers))}
	tasks, _ := errgroup.WithContext(context.Background())
	tasks.SetLimit(runtime.GOMAXPROCS(0))
	for i, b := range w.buffers {
		tasks.Go(func() (err error) {
			e := chunkEncoder{buffer: b, opts: &w.opts, codec: w.codec}
			g.chunks[i], err = e.encode(w.paths[i], w.bloom[i])
			return err
		})
	}
	if err := tasks.Wait(); err != nil {
		return sqlerr.Wrap(err, sqlerr.IOError, "could not write Parquet file")
	}
	for _, c := range g.chunks {
		if err := w.putChunk(c); err != nil {
			return err
		}
	}
	for _, c := range g.chunks {
		if c.bloom == nil {
			continue
		}
		c.bloomOffset = w.at
		if err := w.put(append(c.bloom.header(), c.bloom...)); err != nil {
			return err
		}
		c.bloomSize, c.bloom = int32(w.at-c.bloomOffset), nil
	}
	w.groups, w.rows, w.groupRows = append(w.groups, g), w.rows+w.groupRows, 0
	for _, b := range w.buffers {
		b.reset()
	}
	return nil
}

// putChunk writes a column chunk, after which its offsets are the file's.
func (w *Writer) putChunk(c *writtenChunk) error {
	base := w.at
	c.data += base
	if c.dictionary >= 0 {
		c.dictionary += base
	}
	for i := range c.pages {
		c.pages[i].offset += base
	}
	if !w.opts.NoPageIndex && !w.opts.NoStatistics {
		c.offsetIndex = c.encodeOffsetIndex()
	} else {
		c.columnIndex = nil
	}
	err := w.put(c.bytes)
	c.size, c.dataPages, c.bytes, c.pages = int64(len(c.bytes)), int64(len(c.pages)), nil, nil
	return err
}

// Close writes the last row group, the page index and the footer. It does
// nothing when called again or after an error.
func (w *Writer) Close() error {
	if w.closed || w.failed != nil {
		w.closed = true
		return w.failed
	}
	w.closed = true
	if w.failed = w.flush(); w.failed == nil {
		if w.failed = w.writeIndexes(); w.failed == nil {
			w.failed = w.put(w.footerBytes())
		}
	}
	return w.failed
}
