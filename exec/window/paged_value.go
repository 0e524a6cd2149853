package window

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/udf"
)

// valueColumn takes its first argument from other rows.
type valueColumn struct {
	places func(in *Input, at []int32) error
	values *pages
}

func (c *valueColumn) Add(args []udf.Arg, _ []int32, _ bool, n int) error {
	return c.values.add(args[:1], n)
}

func (c *valueColumn) Finish() error { return c.values.finish() }
func (c *valueColumn) Bytes() int64  { return c.values.bytes() }

func (c *valueColumn) Next(in *Input) (arrow.Array, error) {
	at := make([]int32, in.Layout.Rows())
	if err := c.places(in, at); err != nil {
		return nil, err
	}
	found, err := c.values.take(at)
	if err != nil {
		return nil, err
	}
	value := found[0]
	// What was found is in the order of the batch; of a literal there is one row.
	for i, r := range at {
		switch {
		case r < 0:
		case value.Const:
			at[i] = 0
		default:
			at[i] = int32(i)
		}
	}
	values, err := withDefaults(in, value.Array, at)
	if err != nil {
		return nil, err
	}
	return kernel.Take(values, at)
}
