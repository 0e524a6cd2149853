package window

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/udf"
)

// noRow stands for a NULL result.
const noRow = -1

// take gives the argument's value in the row that at names for each row of the
// chunk, NULL for noRow.
func take(in *Input, at []int32) (arrow.Array, error) {
	a := in.Args[0]
	if a.Const {
		for i, r := range at {
			at[i] = min(r, 0)
		}
	}
	return kernel.Take(a.Array, at)
}

// neighbour is lag (by −1) and lead (by 1): value [, offset [, default]].
func neighbour(in *Input, by int64) (arrow.Array, error) {
	n := in.Layout.Rows()
	at := make([]int32, n)
	values := in.Args[0].Array
	outside := func(int32) int32 { return noRow }
	if len(in.Args) > 2 { // defaults stand behind the values
		var err error
		base := int32(values.Len())
		if values, err = kernel.Concat([]arrow.Array{values, in.Args[2].Array}); err != nil {
			return nil, err
		}
		outside = func(i int32) int32 { return base + int32(rowOf(in.Args[2], i)) }
	}
	for i := range at {
		offset := int64(1)
		if len(in.Args) > 1 {
			o := rowOf(in.Args[1], int32(i))
			if in.Args[1].Array.IsNull(o) {
				at[i] = noRow
				continue
			}
			offset = int64(in.Args[1].Array.(*array.Int32).Value(o))
		}
		lo, hi := in.Layout.part(i)
		if to := int64(i) + by*offset; to >= int64(lo) && to < int64(hi) {
			at[i] = int32(rowOf(in.Args[0], int32(to)))
		} else {
			at[i] = outside(int32(i))
		}
	}
	return kernel.Take(values, at)
}

// fromStart is the row that is k rows behind the first one of row i's frame,
// noRow if the frame has no such row. With EXCLUDE TIES the current row counts as
// one of the frame if the frame begins among its peers, and the result is noRow
// where it is not in fact: PostgreSQL's reading.
func (f *Frames) fromStart(l *Layout, i int, k int32) int32 {
	lo, at := f.lo[i], int64(f.lo[i])+int64(k)
	if first, end, ties := f.leftOut(l, i); at >= int64(first) && end > lo {
		switch first = max(first, lo); {
		case !ties:
			at += int64(end - first)
		case at == int64(first):
			at = int64(i)
		default:
			at += int64(end - first - 1)
		}
	}
	return f.inside(i, at)
}

// fromEnd is the row that is k rows before the last one of row i's frame.
func (f *Frames) fromEnd(l *Layout, i int, k int32) int32 {
	hi, at := f.hi[i], int64(f.hi[i])-1-int64(k)
	if first, end, ties := f.leftOut(l, i); at < int64(end) && first < hi {
		switch end = min(end, hi); {
		case !ties:
			at -= int64(end - first)
		case at == int64(end)-1:
			at = int64(i)
		default:
			at -= int64(end - 1 - first)
		}
	}
	return f.inside(i, at)
}

// leftOut is the rows that row i's frame leaves out, with ties all of them but
// the row itself.
func (f *Frames) leftOut(l *Layout, i int) (first, end int32, ties bool) {
	switch f.exclude {
	case expr.ExcludeCurrentRow:
		return int32(i), int32(i) + 1, false
	case expr.ExcludeGroup, expr.ExcludeTies:
		first, end = l.peersOf(i)
		return first, end, f.exclude == expr.ExcludeTies
	}
	return f.hi[i], f.hi[i], false
}

func (f *Frames) inside(i int, row int64) int32 {
	if row < int64(f.lo[i]) || row >= int64(f.hi[i]) {
		return noRow
	}
	return int32(row)
}

func firstValue(in *Input) (arrow.Array, error) {
	at := make([]int32, in.Layout.Rows())
	for i := range at {
		at[i] = in.Frames.fromStart(in.Layout, i, 0)
	}
	return take(in, at)
}

func lastValue(in *Input) (arrow.Array, error) {
	at := make([]int32, in.Layout.Rows())
	for i := range at {
		at[i] = in.Frames.fromEnd(in.Layout, i, 0)
	}
	return take(in, at)
}

func nthValue(in *Input) (arrow.Array, error) {
	nth := in.Args[1]
	at := make([]int32, in.Layout.Rows())
	for i := range at {
		at[i] = noRow
		r := rowOf(nth, int32(i))
		if nth.Array.IsNull(r) {
			continue
		}
		n := nth.Array.(*array.Int32).Value(r)
		if n <= 0 {
			return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.InvalidArgForNthValue, "argument of nth_value must be greater than zero")}
		}
		at[i] = in.Frames.fromStart(in.Layout, i, n-1)
	}
	return take(in, at)
}
