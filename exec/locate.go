package exec

import (
	"context"
	"errors"

	"volley/catalog"
	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/udf"
)

// kept is which rows of its input an operator gave: those of rows, those that
// passed, or, when both are nil, all from lo on.
type kept struct {
	lo     int
	rows   []int32
	passed kernel.Words
}

func (k kept) input(row int) int {
	switch {
	case k.passed != nil:
		return max(k.passed.Nth(row), 0)
	case k.rows == nil:
		return k.lo + row
	}
	if row < len(k.rows) {
		return int(k.rows[row])
	}
	return row
}

// locate turns the failure of a row of the input into its cause, with the file
// and line that the row is from as far as the input knows them.
func (c *counted) locate(ctx context.Context, err error) error {
	row := (*udf.RowError)(nil)
	if !errors.As(err, &row) {
		return err
	}
	e := *sqlerr.Find(row.Err)
	if e.File != "" {
		return &e
	}
	switch op := c.op.(type) {
	case *scan:
		e.File, e.Line = op.place(ctx, row.Row)
	case *filter, *project, *aggregate, *sorter, *expand, *unique, *sample:
		e.File, e.Line = c.inputs[0].place(ctx, row.Row)
	}
	return &e
}

// place is the file and line of a row of the last batch given, or "" and 0.
func (c *counted) place(ctx context.Context, row int) (file string, line int64) {
	if c.slices != nil {
		row += c.slices.base
	}
	switch op := c.op.(type) {
	case *scan:
		return op.place(ctx, op.kept.input(row))
	case *filter:
		return c.inputs[0].place(ctx, op.kept.input(row))
	case *limit:
		return c.inputs[0].place(ctx, op.kept.input(row))
	case *sample:
		return c.inputs[0].place(ctx, op.kept.input(row))
	case *expand:
		return c.inputs[0].place(ctx, row)
	case *project:
		return c.inputs[0].place(ctx, row)
	}
	return "", 0
}

// place is the file of the split being read, or last read, and, when the format
// can tell, the line of a row of the last batch before the filter.
func (s *scan) place(ctx context.Context, row int) (file string, line int64) {
	if i := min(s.at, len(s.splits)-1); i >= 0 {
		file = s.splits[i].File.Path
	}
	if l, ok := s.reader.(catalog.RowLocator); ok {
		if n, err := l.Line(ctx, s.base+row); err == nil {
			line = n
		}
	}
	return file, line
}
