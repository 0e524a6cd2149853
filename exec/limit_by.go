package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/eval"
	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
	"volley/sqlerr"
)

// limitBy skips rows of each group of equal keys, then gives a number of rows.
// It keeps two counters for every group, and no rows.
type limitBy struct {
	input         Operator
	keys          []*eval.Program
	count, offset *eval.Program // nil: none
	groups        *rowkey.Table
	skip, left    []int64 // of each group; left −1: all
	mem           reservation
}

func newLimitBy(t *task, n *physical.LimitBy, c *counted) (Operator, error) {
	if err := allKeyable(n.Keys); err != nil {
		return nil, err
	}
	l := &limitBy{input: c.inputs[0], groups: rowkey.NewTable(dataTypes(n.Keys)), mem: t.reserve(c)}
	var err error
	if l.keys, err = t.eval.CompileAll(n.Keys); err != nil {
		return nil, err
	}
	if n.Count != nil {
		if l.count, err = t.eval.Compile(n.Count); err != nil {
			return nil, err
		}
	}
	if n.Offset != nil {
		l.offset, err = t.eval.Compile(n.Offset)
	}
	return l, err
}

func (l *limitBy) Schema() *arrow.Schema { return l.input.Schema() }

func (l *limitBy) Next(ctx context.Context) (arrow.Record, error) {
	rec, err := l.input.Next(ctx)
	if err != nil {
		return nil, err
	}
	n := int(rec.NumRows())
	b := eval.NewBatch(rec)
	keys, err := evalAll(l.keys, b)
	if err != nil {
		return nil, err
	}
	groups := make([]uint32, n)
	if err := l.admit(b, l.groups.Assign(keys, n, groups)); err != nil {
		return nil, err
	}
	kept := make([]int32, 0, n)
	for r, g := range groups {
		switch {
		case l.skip[g] > 0:
			l.skip[g]--
		case l.left[g] != 0:
			l.left[g]--
			kept = append(kept, int32(r))
		}
	}
	if len(kept) == n {
		return rec, nil
	}
	return kernel.TakeRecord(rec, kept)
}

// admit gives groups that are new, whose first rows are fresh, their counters.
func (l *limitBy) admit(b *eval.Batch, fresh []int32) error {
	if len(fresh) == 0 {
		return nil
	}
	first := b.Select(fresh)
	skip, err := rowCounts(l.offset, first, len(fresh), 0, sqlerr.InvalidRowCountOffset, "OFFSET")
	if err != nil {
		return err
	}
	left, err := rowCounts(l.count, first, len(fresh), -1, sqlerr.InvalidRowCountLimit, "LIMIT")
	if err != nil {
		return err
	}
	l.skip, l.left = append(l.skip, skip...), append(l.left, left...)
	return l.mem.resize(int64(16*len(l.skip)) + l.groups.Bytes())
}

// rowCounts evaluates LIMIT or OFFSET; none is its value where it is NULL.
func rowCounts(p *eval.Program, b *eval.Batch, n int, none int64, code, clause string) ([]int64, error) {
	out := make([]int64, n)
	if p == nil {
		for i := range out {
			out[i] = none
		}
		return out, nil
	}
	a, err := p.Array(b)
	if err != nil {
		return nil, err
	}
	if a, err = kernel.Decode(a); err != nil {
		return nil, err
	}
	v, ok := a.(*array.Int64)
	if !ok {
		return nil, sqlerr.New(sqlerr.InternalError, "%s is of type %s", clause, a.DataType())
	}
	for i := range out {
		switch {
		case v.IsNull(i):
			out[i] = none
		case v.Value(i) < 0:
			return nil, sqlerr.New(code, "%s must not be negative", clause)
		default:
			out[i] = v.Value(i)
		}
	}
	return out, nil
}

func (l *limitBy) Close() error {
	l.mem.free()
	return nil
}
