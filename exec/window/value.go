package window

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/udf"
)

const (
	// noRow stands for a NULL result, defaultRow for the third argument.
	noRow      = -1
	defaultRow = -2
)

// take gives the argument's value in the row that at names for each row of the
// chunk.
func take(in *Input, at []int32) (arrow.Array, error) {
	a := in.Args[0]
	if a.Const {
		for i, r := range at {
			at[i] = min(r, 0)
		}
	}
	values, err := withDefaults(in, a.Array, at)
	if err != nil {
		return nil, err
	}
	return takeResults(in, values, at)
}

// withDefaults puts the defaults that at asks for behind values.
func withDefaults(in *Input, values arrow.Array, at []int32) (arrow.Array, error) {
	if len(in.Args) < 3 || !slices.Contains(at, defaultRow) {
		return values, nil
	}
	base := int32(values.Len())
	for i, r := range at {
		if r == defaultRow {
			at[i] = base + int32(rowOf(in.Args[2], int32(i)))
		}
	}
	return kernel.Concat([]arrow.Array{values, in.Args[2].Array})
}

// neighbour is lag (by −1) and lead (by 1): value [, offset [, default]].
func neighbour(in *Input, by int64, at []int32) error {
	outside := int32(noRow)
	if len(in.Args) > 2 {
		outside = defaultRow
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
		if to := int64(in.Layout.row(i)) + by*offset; to >= int64(lo) && to < int64(hi) {
			at[i] = int32(to)
		} else {
			at[i] = outside
		}
	}
	return nil
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
			at = int64(l.row(i))
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
			at = int64(l.row(i))
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
		return l.row(i), l.row(i) + 1, false
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

func firstValue(in *Input, at []int32) error {
	for i := range at {
		at[i] = in.Frames.fromStart(in.Layout, i, 0)
	}
	return nil
}

func lastValue(in *Input, at []int32) error {
	for i := range at {
		at[i] = in.Frames.fromEnd(in.Layout, i, 0)
	}
	return nil
}

func nthValue(in *Input, at []int32) error {
	nth := in.Args[1]
	for i := range at {
		at[i] = noRow
		r := rowOf(nth, int32(i))
		if nth.Array.IsNull(r) {
			continue
		}
		n := nth.Array.(*array.Int32).Value(r)
		if n <= 0 {
			return &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.InvalidArgForNthValue, "argument of nth_value must be greater than zero")}
		}
		at[i] = in.Frames.fromStart(in.Layout, i, n-1)
	}
	return nil
}
