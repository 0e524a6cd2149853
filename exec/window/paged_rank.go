package window

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/sqltype"
	"volley/udf"
)

// Column is a function's column of a paged partition: Add for all rows, Finish,
// then Next from the first row on.
type Column interface {
	// Add adds n rows. Aggregates need all arguments, of which they see those of
	// rows, or all; functions the first one, if they have any.
	Add(args []udf.Arg, rows []int32, all bool, n int) error
	// Finish ends the partition.
	Finish() error
	// Next computes the next batch; functions need all arguments but the first.
	Next(in *Input) (arrow.Array, error)
	// Bytes is the memory held.
	Bytes() int64
}

// Paged makes the function's column of a paged partition; literal tells which
// arguments, of types, are the same for all rows.
func (f *Function) Paged(d *Disk, types []arrow.DataType, literal []bool) (Column, error) {
	switch f.paged {
	case pagedBuckets:
		return &ntileColumn{}, nil
	case pagedValues:
		values, err := newPages(d, types[:1], literal[:1])
		return &valueColumn{places: f.places, values: values}, err
	}
	return layoutColumn{f}, nil
}

// layoutColumn is a function of the layout alone.
type layoutColumn struct{ f *Function }

func (layoutColumn) Add([]udf.Arg, []int32, bool, int) error { return nil }
func (layoutColumn) Finish() error                           { return nil }
func (layoutColumn) Bytes() int64                            { return 0 }

func (c layoutColumn) Next(in *Input) (arrow.Array, error) { return c.f.compute(in) }

// ntileColumn is ntile: the first argument that is not NULL counts.
type ntileColumn struct {
	found   bool
	at      int32 // the row it is in, and those before it
	buckets int32
}

func (c *ntileColumn) Add(args []udf.Arg, _ []int32, _ bool, n int) error {
	for i := 0; i < n && !c.found; i++ {
		row := rowOf(args[0], int32(i))
		if args[0].Array.IsNull(row) {
			c.at++
			continue
		}
		c.found, c.buckets = true, args[0].Array.(*array.Int32).Value(row)
		if c.buckets <= 0 {
			return errBuckets()
		}
	}
	return nil
}

func (c *ntileColumn) Finish() error { return nil }
func (c *ntileColumn) Bytes() int64  { return 0 }

func (c *ntileColumn) Next(in *Input) (arrow.Array, error) {
	n := in.Layout.Rows()
	out, valid := make([]int32, n), kernel.Ones(n)
	nulls := int(min(max(c.at-in.Layout.first, 0), int32(n)))
	for i := range nulls {
		valid.Clear(i)
	}
	if nulls < n {
		fillBuckets(out[nulls:], in.Layout.row(nulls)-c.at, in.Layout.parts[1], c.buckets)
	}
	return kernel.FromValues(sqltype.Int32, out, valid), nil
}
