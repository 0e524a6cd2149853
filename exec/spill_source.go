package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/spill"
)

// spillSource reads a spilled file as an operator.
type spillSource struct {
	reader *spill.Reader // nil: no rows
	schema *arrow.Schema
}

// newSpillSource opens f, whose records have schema; a nil f has no rows.
func newSpillSource(f *spill.File, schema *arrow.Schema) (*spillSource, error) {
	s := &spillSource{schema: schema}
	var err error
	if f != nil {
		s.reader, err = f.Open()
	}
	return s, err
}

func (s *spillSource) Schema() *arrow.Schema { return s.schema }

func (s *spillSource) Next(ctx context.Context) (arrow.Record, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if s.reader == nil {
		return nil, io.EOF
	}
	return s.reader.Next()
}

func (s *spillSource) Close() error {
	if s.reader == nil {
		return nil
	}
	return s.reader.Close()
}

// removeSpilled deletes a file early, before its task's directory goes.
func removeSpilled(f *spill.File) error {
	if f == nil {
		return nil
	}
	return f.Remove()
}
