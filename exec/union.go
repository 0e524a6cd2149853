package exec

import (
	"context"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
)

// union gives the rows of its inputs, one input after the other.
type union struct {
	inputs []*counted
	schema *arrow.Schema
}

func (u *union) Schema() *arrow.Schema { return u.schema }

func (u *union) Next(ctx context.Context) (arrow.Record, error) {
	for len(u.inputs) > 0 {
		rec, err := u.inputs[0].Next(ctx)
		if err != io.EOF {
			return rec, err
		}
		if err := u.inputs[0].Close(); err != nil {
			return nil, err
		}
		u.inputs = u.inputs[1:]
	}
	return nil, io.EOF
}

func (u *union) Close() error { return nil }
