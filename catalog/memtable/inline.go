package memtable

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"

	"volley/catalog"
	"volley/exec/kernel"
	"volley/sqlerr"
)

// inlineRows is how many rows a split carries at least, unless its size is forced.
const inlineRows = 4096

// inlineSplits cuts the rows into splits that carry them, so that workers can
// read them.
func (f *Format) inlineSplits(ctx context.Context, spec *catalog.ScanSpec, rows int64, target catalog.SplitTarget) ([]catalog.Split, error) {
	each := max(inlineRows, rows/int64(max(1, target.Slots))+1)
	if target.Forced {
		each = max(1, target.Bytes/16) // about two numbers a row
	}
	var out []catalog.Split
	for start := int64(0); start < rows || start == 0; start += each {
		s := catalog.Split{Index: len(out), Exact: true, Start: start, End: min(start+each, rows)}
		r, err := f.Open(ctx, nil, spec, s)
		if err != nil {
			return nil, err
		}
		if s.Inline, err = inlined(ctx, r, spec.Out()); err != nil {
			return nil, err
		}
		s.Rows, s.Bytes = s.End-s.Start, int64(len(s.Inline))
		out = append(out, s)
	}
	return out, nil
}

// inlined is what a reader gives as an Arrow IPC stream.
func inlined(ctx context.Context, r catalog.Reader, schema *arrow.Schema) ([]byte, error) {
	var b bytes.Buffer
	w := ipc.NewWriter(&b, ipc.WithSchema(schema))
	for {
		rec, err := r.Next(ctx)
		if err == io.EOF {
			err = errors.Join(w.Close(), r.Close())
			return b.Bytes(), err
		}
		if err == nil {
			err = w.Write(kernel.Writable(rec))
		}
		if err != nil {
			return nil, errors.Join(err, w.Close(), r.Close())
		}
	}
}

// inlineReader reads the rows that a split carries.
type inlineReader struct {
	stream *ipc.Reader
	schema *arrow.Schema
	split  catalog.Split
}

func openInline(spec *catalog.ScanSpec, split catalog.Split) (catalog.Reader, error) {
	stream, err := ipc.NewReader(bytes.NewReader(split.Inline))
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.InternalError, "the rows of relation \"%s\" in a task", spec.Table)
	}
	return &inlineReader{stream: stream, schema: spec.Out(), split: split}, nil
}

// Next gives the next record.
func (r *inlineReader) Next(context.Context) (arrow.Record, error) {
	rec, err := r.stream.Read()
	if err != nil {
		return nil, err
	}
	return array.NewRecord(r.schema, rec.Columns(), rec.NumRows()), nil
}

// Bounds are the split's.
func (r *inlineReader) Bounds() catalog.Bounds {
	return catalog.Bounds{Start: r.split.Start, End: r.split.End}
}

// Close ends the reader.
func (r *inlineReader) Close() error { return nil }
