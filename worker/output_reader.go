package worker

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/sqlerr"
)

// outputReader reads some partitions from their start. All its records have one
// schema, as a stream must: a column is a dictionary array, of one dictionary, in
// each of them or in none.
type outputReader struct {
	output       *output
	schema       *arrow.Schema
	dictionaries []arrow.Array // by column, of those that have indices; else nil
	pieces       []piece
	whole        bool // the reader is the output's only one: closing it frees it
	closed       bool
}

// reader reads partitions.
func (o *output) reader(parts []partition) (*outputReader, error) {
	r := &outputReader{output: o, schema: o.schema, dictionaries: make([]arrow.Array, len(o.columns))}
	for _, p := range parts {
		r.pieces = append(r.pieces, p.pieces...)
	}
	var fields []arrow.Field
	for i := range o.columns {
		indexed, kept := o.encoding(parts, i)
		if !indexed {
			continue
		}
		var err error
		if r.dictionaries[i], err = o.columns[i].load(o); err != nil {
			return nil, err
		}
		if kept {
			if fields == nil {
				fields = append(fields, o.schema.Fields()...)
			}
			fields[i].Type = kernel.IndexedType(fields[i].Type, r.dictionaries[i].Len())
		}
	}
	if fields != nil {
		r.schema = arrow.NewSchema(fields, nil)
	}
	return r, nil
}

func (r *outputReader) Schema() *arrow.Schema { return r.schema }

func (r *outputReader) Next(ctx context.Context) (arrow.Record, error) {
	for {
		switch {
		case r.closed:
			return nil, sqlerr.New(sqlerr.InternalError, "the output is closed")
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case len(r.pieces) == 0:
			return nil, io.EOF
		}
		p := r.pieces[0]
		r.pieces = r.pieces[1:]
		rec := p.record
		if rec == nil {
			var err error
			if rec, err = r.output.spill.Read(p.place); err != nil {
				return nil, err
			}
		}
		if rec.NumRows() > 0 {
			return r.withValues(rec)
		}
	}
}

// withValues gives a piece's record with its indices' values.
func (r *outputReader) withValues(rec arrow.Record) (arrow.Record, error) {
	var cols []arrow.Array
	for i, values := range r.dictionaries {
		if values == nil || arrow.TypeEqual(rec.Column(i).DataType(), values.DataType()) {
			continue
		}
		if cols == nil {
			cols = append(cols, rec.Columns()...)
		}
		cols[i] = kernel.Indexed(cols[i], values)
		if !kernel.Encoded(r.schema.Field(i).Type) {
			var err error
			if cols[i], err = kernel.Decode(cols[i]); err != nil {
				return nil, err
			}
		}
	}
	if cols == nil {
		return rec, nil
	}
	return kernel.Record(r.schema, cols, int(rec.NumRows())), nil
}

func (r *outputReader) Close() error {
	if !r.closed && r.whole {
		r.output.free()
	}
	r.closed = true
	return nil
}
