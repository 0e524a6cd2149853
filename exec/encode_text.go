package exec

import (
	"context"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/exec/textrow"
	"volley/planner/physical"
	"volley/sqltype"
)

// encodeText turns each batch into one chunk of COPY text.
type encodeText struct {
	input   Operator
	encoder *textrow.Encoder
}

func newEncodeText(_ *task, n *physical.EncodeText, input Operator) (Operator, error) {
	loc := time.UTC
	if n.Format.TimeZone != "" {
		var err error
		if loc, err = sqltype.LoadZone(n.Format.TimeZone); err != nil {
			return nil, err
		}
	}
	return &encodeText{input: input, encoder: textrow.New(n.Format, loc)}, nil
}

func (e *encodeText) Schema() *arrow.Schema { return physical.ChunkSchema }

func (e *encodeText) Next(ctx context.Context) (arrow.Record, error) {
	rec, err := e.input.Next(ctx)
	if err != nil {
		return nil, err
	}
	text, err := e.encoder.Append(nil, rec)
	if err != nil {
		return nil, err
	}
	cols := []arrow.Array{
		kernel.FromBinary(sqltype.Bytea, []int32{0, int32(len(text))}, text, nil),
		kernel.FromValues(sqltype.Int64, []int64{rec.NumRows()}, nil),
	}
	return kernel.Record(physical.ChunkSchema, cols, 1), nil
}

func (e *encodeText) Close() error { return nil }
