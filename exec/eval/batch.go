package eval

import (
	"errors"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/udf"
)

// Batch is the rows that programs run over: all rows of a record, or some rows
// of another batch, whose columns are taken when they are asked for.
type Batch struct {
	cols   []arrow.Array
	n      int
	parent *Batch
	rows   []int32
	plain  []plainForm
}

// plainForm is the plain form of an encoded array, which several operands may
// need.
type plainForm struct{ of, plain arrow.Array }

// NewBatch is all rows of a record.
func NewBatch(rec arrow.Record) *Batch {
	return &Batch{cols: rec.Columns(), n: int(rec.NumRows())}
}

// Columns makes a batch of n rows from columns.
func Columns(cols []arrow.Array, n int) *Batch { return &Batch{cols: cols, n: n} }

// Len is the number of rows.
func (b *Batch) Len() int { return b.n }

// Column is column i, of Len rows.
func (b *Batch) Column(i int) (arrow.Array, error) {
	if b.cols[i] == nil {
		whole, err := b.parent.Column(i)
		if err != nil {
			return nil, err
		}
		if b.cols[i], err = kernel.Take(whole, b.rows); err != nil {
			return nil, err
		}
	}
	return b.cols[i], nil
}

// Decode is the plain form of an array of the batch's rows.
func (b *Batch) Decode(a arrow.Array) (arrow.Array, error) {
	if !kernel.Encoded(a.DataType()) {
		return a, nil
	}
	for _, p := range b.plain {
		if p.of == a {
			return p.plain, nil
		}
	}
	plain, err := kernel.Decode(a)
	if err == nil {
		b.plain = append(b.plain, plainForm{a, plain})
	}
	return plain, err
}

// Select is the given rows of b, ascending.
func (b *Batch) Select(rows []int32) *Batch {
	return &Batch{cols: make([]arrow.Array, len(b.cols)), n: len(rows), parent: b, rows: rows}
}

// PlaceRow turns the row of an error in this selection into one of the batch it
// was selected from.
func (b *Batch) PlaceRow(err error) error {
	if row := (*udf.RowError)(nil); errors.As(err, &row) && row.Row < len(b.rows) {
		return &udf.RowError{Row: int(b.rows[row.Row]), Err: row.Err}
	}
	return err
}

// part is the result of an operand on some rows of a batch.
type part struct {
	rows []int32 // nil: all rows
	arg  udf.Arg
}

// assemble puts parts that together cover all rows into one array of type t.
func assemble(parts []part, n int, t arrow.DataType) (udf.Arg, error) {
	if len(parts) == 1 {
		a, err := expand(parts[0].arg, n)
		if err == nil && a.DataType().ID() == arrow.NULL && t.ID() != arrow.NULL {
			a = kernel.Nulls(t, n)
		}
		return udf.Arg{Array: a}, err
	}
	from := make([]int32, n)
	var arrays []arrow.Array
	base := int32(0)
	for _, p := range parts {
		switch {
		case p.arg.Array.DataType().ID() == arrow.NULL || p.arg.Const && p.arg.Array.IsNull(0):
			for _, r := range p.rows {
				from[r] = -1
			}
			continue
		case p.arg.Const:
			for _, r := range p.rows {
				from[r] = base
			}
		default:
			for i, r := range p.rows {
				from[r] = base + int32(i)
			}
		}
		arrays = append(arrays, p.arg.Array)
		base += int32(p.arg.Array.Len())
	}
	if len(arrays) == 0 {
		return udf.Arg{Array: kernel.Nulls(t, n)}, nil
	}
	all, err := kernel.Concat(arrays)
	if err != nil {
		return udf.Arg{}, err
	}
	out, err := kernel.Take(all, from)
	return udf.Arg{Array: out}, err
}
