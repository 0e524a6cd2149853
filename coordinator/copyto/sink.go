package copyto

import (
	"compress/gzip"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/klauspost/compress/zstd"

	"volley/catalog/parquet"
	"volley/exec/kernel"
	"volley/exec/textrow"
	"volley/sqlerr"
)

// sink turns rows into the content of one file.
type sink interface {
	// write takes rows of a record by their numbers, or all when rows is nil.
	write(rec arrow.Record, rows []int32) error
	// room is how many rows fit before some are written.
	room() int64
	// buffered is how many bytes flush would write, before they are compressed.
	buffered() int64
	flush() error
	// written is how many bytes the file has.
	written() int64
	// finish writes the rest; the file is not closed.
	finish() error
}

func newSink(w io.Writer, schema *arrow.Schema, opts *Options) (sink, error) {
	if opts.Parquet != nil {
		p, err := parquet.NewWriter(w, schema, *opts.Parquet)
		return parquetSink{p}, err
	}
	s := &textSink{file: &counter{w: w}, opts: opts, rows: textrow.New(opts.Text, opts.Zone)}
	s.out = s.file
	var err error
	switch opts.Compression {
	case "gzip":
		s.compressor = gzip.NewWriter(s.file)
	case "zstd":
		s.compressor, err = zstd.NewWriter(s.file, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(256<<10))
	}
	if s.compressor != nil {
		s.out = s.compressor
	}
	if opts.Header && err == nil {
		names := make([]string, schema.NumFields())
		for i, f := range schema.Fields() {
			names[i] = f.Name
		}
		s.buf = s.rows.AppendHeader(nil, names)
	}
	return s, err
}

type parquetSink struct{ w *parquet.Writer }

func (s parquetSink) write(rec arrow.Record, rows []int32) error { return s.w.WriteRows(rec, rows) }
func (s parquetSink) room() int64                                { return s.w.Room() }
func (s parquetSink) buffered() int64                            { return s.w.Buffered() }
func (s parquetSink) flush() error                               { return s.w.Flush() }
func (s parquetSink) written() int64                             { return s.w.Written() }
func (s parquetSink) finish() error                              { return s.w.Close() }

// textChunk is how much text is written at once.
const textChunk = 256 << 10

// textSink writes the rows of CSV and of COPY's text format.
type textSink struct {
	file       *counter
	opts       *Options
	rows       *textrow.Encoder
	out        io.Writer
	compressor io.WriteCloser // nil: none
	buf        []byte
}

func (s *textSink) write(rec arrow.Record, rows []int32) (err error) {
	if rows != nil {
		cols := make([]arrow.Array, rec.NumCols())
		for i, c := range rec.Columns() {
			if cols[i], err = kernel.Take(c, rows); err != nil {
				return err
			}
		}
		rec = kernel.Record(rec.Schema(), cols, len(rows))
	}
	if s.buf, err = s.rows.Append(s.buf, rec); err != nil || len(s.buf) < textChunk {
		return err
	}
	return s.flush()
}

// room bounds the text of a write to about its chunk.
func (s *textSink) room() int64 { return 1024 }

func (s *textSink) buffered() int64 { return int64(cap(s.buf)) }

func (s *textSink) flush() error {
	text := s.buf
	s.buf = nil
	if s.opts.Encode != nil {
		var err error
		if text, err = s.opts.Encode(text); err != nil {
			return err
		}
	}
	_, err := s.out.Write(text)
	return ioError(err)
}

func (s *textSink) written() int64 { return s.file.n }

func (s *textSink) finish() error {
	if err := s.flush(); err != nil || s.compressor == nil {
		return err
	}
	return ioError(s.compressor.Close())
}

func ioError(err error) error {
	if err == nil {
		return nil
	}
	return sqlerr.Wrap(err, sqlerr.IOError, "could not write file")
}

// counter counts the bytes that go through it.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
