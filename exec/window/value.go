package window

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
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

func firstValue(in *Input) (arrow.Array, error) {
	var spans []span
	at := make([]int32, in.Layout.Rows())
	for i := range at {
		at[i] = noRow
		if spans = in.Frames.spans(in.Layout, i, spans[:0]); len(spans) > 0 {
			at[i] = spans[0].lo
		}
	}
	return take(in, at)
}

func lastValue(in *Input) (arrow.Array, error) {
	var spans []span
	at := make([]int32, in.Layout.Rows())
	for i := range at {
		at[i] = noRow
		if spans = in.Frames.spans(in.Layout, i, spans[:0]); len(spans) > 0 {
			at[i] = spans[len(spans)-1].hi - 1
		}
	}
	return take(in, at)
}

func nthValue(in *Input) (arrow.Array, error) {
	var spans []span
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
		spans = in.Frames.spans(in.Layout, i, spans[:0])
		for _, s := range spans {
			if n <= s.hi-s.lo {
				at[i] = s.lo + n - 1
				break
			}
			n -= s.hi - s.lo
		}
	}
	return take(in, at)
}
