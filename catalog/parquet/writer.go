package parquet

import (
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"

	"volley/sqlerr"
)

// DefaultRowGroupRows is how many rows a row group has unless told otherwise.
const DefaultRowGroupRows = 128 << 10

// WriterOptions are the options of COPY … TO (FORMAT parquet).
type WriterOptions struct {
	RowGroupRows int64  // rows of a row group; 0: DefaultRowGroupRows
	Compression  string // "snappy" (also when empty), "zstd", "gzip", "brotli" or "none"
}

var writerCodecs = map[string]compress.Compression{
	"":             compress.Codecs.Snappy,
	"snappy":       compress.Codecs.Snappy,
	"zstd":         compress.Codecs.Zstd,
	"gzip":         compress.Codecs.Gzip,
	"brotli":       compress.Codecs.Brotli,
	"none":         compress.Codecs.Uncompressed,
	"uncompressed": compress.Codecs.Uncompressed,
}

// Writer writes records as one Parquet file. It buffers a row group at a time.
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
	schema    *arrow.Schema
	out       *file.Writer
	group     file.BufferedRowGroupWriter
	groupRows int64 // in the row group at hand
	maxRows   int64
	paths     [][]*writeNode // of each leaf, from its column down
	sink      *errorKeeper
	closed    bool
	failed    error
}

// errorKeeper keeps the first error of a writer, since the library loses it.
type errorKeeper struct {
	w   io.Writer
	err error
}

func (k *errorKeeper) Write(p []byte) (int, error) {
	if k.err != nil {
		return 0, k.err
	}
	n, err := k.w.Write(p)
	k.err = err
	return n, err
}

// NewWriter starts a file of records of the given schema. Everything has been
// written to w when Close returns without an error; w is not closed.
func NewWriter(w io.Writer, s *arrow.Schema, opts WriterOptions) (*Writer, error) {
	codec, ok := writerCodecs[strings.ToLower(opts.Compression)]
	if !ok {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "unknown Parquet compression \"%s\"", opts.Compression).
			WithHint("Known are snappy, zstd, gzip, brotli and none.")
	}
	if opts.RowGroupRows < 0 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "row group size must be positive, not %d", opts.RowGroupRows)
	}
	if s.NumFields() == 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a Parquet file needs at least one column")
	}
	out := &Writer{schema: s, maxRows: opts.RowGroupRows, sink: &errorKeeper{w: w}}
	if out.maxRows == 0 {
		out.maxRows = DefaultRowGroupRows
	}
	fields := make(schema.FieldList, s.NumFields())
	for i, f := range s.Fields() {
		node, err := newWriteNode(f.Name, f.Type)
		if err != nil {
			return nil, err
		}
		fields[i] = node.parquet
		out.paths = node.leafPaths(nil, out.paths)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.InternalError, "could not make a Parquet schema")
	}
	props := parquet.NewWriterProperties(
		parquet.WithAllocator(memory.DefaultAllocator),
		parquet.WithCompression(codec),
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCreatedBy("volley"),
		parquet.WithMaxStatsSize(256),
	)
	err = out.guard(func() error {
		out.out = file.NewParquetWriter(out.sink, root, file.WithWriterProps(props))
		return nil
	})
	return out, err
}

// guard turns the library's panics into errors. An error of the sink is the
// cause of whatever else went wrong.
func (w *Writer) guard(f func() error) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			err = r
		default:
			err = fmt.Errorf("%v", r)
		}
		if w.sink.err != nil {
			err = w.sink.err
		}
		if err != nil {
			err = sqlerr.Wrap(err, sqlerr.IOError, "could not write Parquet file")
		}
	}()
	return f()
}

// Write adds the rows of a record of the writer's schema.
func (w *Writer) Write(rec arrow.Record) error {
	switch {
	case w.closed:
		return sqlerr.New(sqlerr.InternalError, "write to a closed Parquet file")
	case w.failed != nil:
		return w.failed
	case int(rec.NumCols()) != w.schema.NumFields():
		return sqlerr.New(sqlerr.InternalError, "record has %d columns, the Parquet file %d", rec.NumCols(), w.schema.NumFields())
	}
	for from := int64(0); from < rec.NumRows() && w.failed == nil; {
		to := min(rec.NumRows(), from+w.maxRows-w.groupRows)
		w.failed = w.guard(func() error { return w.writeRows(rec, from, to) })
		from = to
	}
	return w.failed
}

func (w *Writer) writeRows(rec arrow.Record, from, to int64) error {
	if w.group == nil {
		w.group = w.out.AppendBufferedRowGroup()
	}
	part := rec.NewSlice(from, to)
	leaf := 0
	for i, col := range part.Columns() {
		for ; leaf < len(w.paths) && w.paths[leaf][0].parquet == w.out.Schema.Root().Field(i); leaf++ {
			chunk, err := w.group.Column(leaf)
			if err == nil {
				err = writeLeaf(chunk, w.paths[leaf], col)
			}
			if err != nil {
				return inColumn("", w.schema.Field(i).Name, err)
			}
		}
	}
	if w.groupRows += to - from; w.groupRows < w.maxRows {
		return nil
	}
	w.groupRows = 0
	group := w.group
	w.group = nil
	return group.Close()
}

// Close writes the last row group and the footer. It does nothing when called
// again or after an error.
func (w *Writer) Close() error {
	if w.closed || w.failed != nil {
		w.closed = true
		return w.failed
	}
	w.closed = true
	w.failed = w.guard(func() error {
		if w.group != nil {
			if err := w.group.Close(); err != nil {
				return err
			}
		}
		return w.out.Close()
	})
	return w.failed
}
