package coordinator

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/klauspost/compress/zstd"

	"volley/catalog/objstore"
	"volley/catalog/parquet"
	"volley/coordinator/copyto"
	"volley/exec/textrow"
	"volley/parser/ast"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype/textencoding"
)

// copy runs COPY.
func (s *Session) copy(ctx context.Context, p *Prepared, st *ast.Copy, params []arrow.Array) (*Result, error) {
	if st.From {
		return s.copyFrom(ctx, p, st)
	}
	opt, err := parseCopyOptions(st)
	if err != nil {
		return nil, err
	}
	schema := p.copySchema()
	if opt.text.ForceQuote, err = s.forceQuote(st, opt, schema); err != nil {
		return nil, err
	}
	zone, _ := s.settings.get("timezone")
	opt.text.TimeZone, opt.text.Style = zone, s.settings.style()
	var encode *physical.TextFormat
	if opt.format != "parquet" && opt.format != "binary" && !opt.files.directory() {
		encode = &opt.text
	}
	var rows *Result
	if p.change != nil {
		rows, err = s.copyChange(ctx, p, params, encode)
	} else {
		rows, err = s.start(ctx, p, params, encode)
	}
	if err != nil {
		return nil, err
	}
	if opt.format == "binary" {
		rows.copyOut, rows.copyBinary = max(schema.NumFields(), 1), true
		rows.tag = func(n int64) string { return fmt.Sprintf("COPY %d", n) }
		return rows, nil
	}
	if encode != nil && opt.encoding != nil {
		rows.next = transcoded(rows.next, opt.encoding)
	}
	if st.Std {
		return copyToClient(rows, opt, schema)
	}
	opt.files.parquet.Sorting = sortingColumns(st.Query, schema)
	defer s.c.files.listed.written(st.File)
	var n int64
	if opt.files.directory() {
		n, err = s.copyToDirectory(ctx, rows, st.File, opt, schema)
	} else {
		n, err = s.copyToFile(ctx, rows, st.File, opt, schema)
	}
	_ = rows.Close()
	if err != nil {
		return nil, err
	}
	return command(fmt.Sprintf("COPY %d", n)), nil
}

// copySchema is that of the rows that COPY TO writes.
func (p *Prepared) copySchema() *arrow.Schema {
	if p.bound != nil {
		return p.bound.Schema
	}
	return p.mutation.returning.schema
}

// forceQuote are the columns whose values are always quoted.
func (s *Session) forceQuote(st *ast.Copy, opt *copyOptions, schema *arrow.Schema) ([]bool, error) {
	columns := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		columns[i] = f.Name
	}
	relation, known := "", columns
	if len(st.Table.Parts) > 0 {
		relation = st.Table.Parts[len(st.Table.Parts)-1]
		if t := s.managed(st.Table); t != nil {
			known = columnNamesOf(t.Definition(), nil)
		}
	}
	return opt.forceQuote.forceColumns("FORCE_QUOTE", relation, columns, known)
}

// transcoded gives chunks in another encoding.
func transcoded(next func(context.Context) (arrow.Record, error), e *textencoding.Encoding) func(context.Context) (arrow.Record, error) {
	return func(ctx context.Context) (arrow.Record, error) {
		rec, err := next(ctx)
		if err != nil {
			return nil, err
		}
		b := array.NewRecordBuilder(memory.DefaultAllocator, physical.ChunkSchema)
		chunks := rec.Column(0).(*array.Binary)
		for i := range chunks.Len() {
			text, err := e.Encode(chunks.Value(i))
			if err != nil {
				return nil, err
			}
			b.Field(0).(*array.BinaryBuilder).Append(text)
			b.Field(1).(*array.Int64Builder).Append(rec.Column(1).(*array.Int64).Value(i))
		}
		return b.NewRecord(), nil
	}
}

// copyToClient turns a result of chunks into that of COPY TO STDOUT.
func copyToClient(rows *Result, opt *copyOptions, schema *arrow.Schema) (*Result, error) {
	var header []byte
	if opt.header {
		var err error
		if header, err = headerLine(opt, schema); err != nil {
			return nil, err
		}
	}
	total := int64(0)
	inner := rows.next
	rows.next = func(ctx context.Context) (arrow.Record, error) {
		if header != nil {
			rec := chunkRecord(header)
			header = nil
			return rec, nil
		}
		rec, err := inner(ctx)
		if err == nil {
			total += chunkRows(rec)
		}
		return rec, err
	}
	rows.schema, rows.copyOut = physical.ChunkSchema, max(schema.NumFields(), 1)
	rows.tag = func(int64) string { return fmt.Sprintf("COPY %d", total) }
	return rows, nil
}

func chunkRecord(text []byte) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, physical.ChunkSchema)
	b.Field(0).(*array.BinaryBuilder).Append(text)
	b.Field(1).(*array.Int64Builder).Append(0)
	return b.NewRecord()
}

func chunkRows(rec arrow.Record) (n int64) {
	for _, v := range rec.Column(1).(*array.Int64).Int64Values() {
		n += v
	}
	return n
}

// headerLine is the line of column names.
func headerLine(opt *copyOptions, schema *arrow.Schema) ([]byte, error) {
	names := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		names[i] = f.Name
	}
	line := textrow.New(opt.text, time.UTC).AppendHeader(nil, names)
	if opt.encoding != nil {
		return opt.encoding.Encode(line)
	}
	return line, nil
}

// copyToFile writes a result into a file, which appears whole or not at all,
// and gives the number of rows.
func (s *Session) copyToFile(ctx context.Context, rows *Result, path string, opt *copyOptions, schema *arrow.Schema) (int64, error) {
	path, err := absolutePath(path)
	if err != nil {
		return 0, err
	}
	ctx = objstore.WithMemory(ctx, s.account())
	file, err := s.c.cfg.Store.Create(ctx, path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	var n int64
	if opt.format == "parquet" {
		n, err = writeParquet(ctx, rows, file, opt, schema)
	} else {
		n, err = writeText(ctx, rows, file, opt, schema)
	}
	if err != nil {
		return 0, err
	}
	return n, file.Commit()
}

// absolutePath gives a local path from the root on.
func absolutePath(path string) (string, error) {
	if strings.Contains(path, "://") || filepath.IsAbs(path) {
		return path, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", sqlerr.Wrap(err, sqlerr.IOError, "could not find the working directory")
	}
	return filepath.Join(dir, path), nil
}

func writeText(ctx context.Context, rows *Result, file io.Writer, opt *copyOptions, schema *arrow.Schema) (n int64, err error) {
	w := io.WriteCloser(nopCloser{file})
	switch opt.compression {
	case "gzip":
		w = gzip.NewWriter(file)
	case "zstd":
		if w, err = zstd.NewWriter(file); err != nil {
			return 0, err
		}
	}
	if opt.header {
		line, err := headerLine(opt, schema)
		if err != nil {
			return 0, err
		}
		if _, err := w.Write(line); err != nil {
			return 0, ioError(err)
		}
	}
	for {
		rec, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			return n, ioError(w.Close())
		}
		if err != nil {
			return 0, err
		}
		n += chunkRows(rec)
		chunks := rec.Column(0).(*array.Binary)
		for i := range chunks.Len() {
			if _, err := w.Write(chunks.Value(i)); err != nil {
				return 0, ioError(err)
			}
		}
	}
}

func ioError(err error) error {
	if err == nil {
		return nil
	}
	return sqlerr.Wrap(err, sqlerr.IOError, "could not write file")
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func writeParquet(ctx context.Context, rows *Result, file io.Writer, opt *copyOptions, schema *arrow.Schema) (n int64, err error) {
	w, err := parquet.NewWriter(file, schema, opt.files.parquet)
	if err != nil {
		return 0, err
	}
	held := copyto.NewHeld(ctx)
	defer held.Release()
	for {
		rec, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			return n, w.Close()
		}
		if err != nil {
			return 0, err
		}
		n += rec.NumRows()
		if err := w.Write(rec); err != nil {
			return 0, err
		}
		if err := held.Settle(w.Buffered, w.Flush); err != nil {
			return 0, err
		}
	}
}
