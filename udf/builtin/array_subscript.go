package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// registerArraySubscript adds a[i] as "[]" and a[lo:hi] as "[:]". Both take one
// dimension; the binder nests them for more. An upper bound that is left out is
// the largest integer.
func registerArraySubscript(b *registrar) {
	b.scalar(udf.Scalar{
		Name: "[]", Params: types(udf.AnyArray, tInt4), Batch: arrayElement, Doc: "a[i]",
		ReturnFor: func(args []arrow.DataType) (arrow.DataType, error) { return args[0].(*arrow.ListType).Elem(), nil },
	})
	b.scalar(udf.Scalar{
		Name: "[:]", Params: types(udf.AnyArray, tInt4), Variadic: true, Batch: arraySlice, Doc: "a[lo:hi][lo:hi]…",
		ReturnFor: func(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil },
	})
}

func arrayElement(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	l, v := vector.NewList(args[0].Array), valid(args, n)
	index, rows := load[int32](args[1]), make([]int32, n)
	for i := range rows {
		rows[i] = -1
		if !v.Valid(i) {
			continue
		}
		lo, hi := l.Row(rowOf(args[0], i))
		if at := int(index.At(i)); at >= 1 && at <= hi-lo {
			rows[i] = int32(lo + at - 1)
		}
	}
	return vector.Take(l.Values, rows)
}

// slicer cuts arrays by pairs of bounds, one pair a dimension.
type slicer struct {
	lo, hi []int // of the row at hand, 0 ≤ lo, from 0, hi exclusive
}

func arraySlice(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	v := valid(args, n)
	bounds := make([]vector.Column[int32], len(args)-1)
	for k := range bounds {
		bounds[k] = load[int32](args[k+1])
	}
	dims := len(bounds) / 2
	s := slicer{lo: make([]int, dims), hi: make([]int, dims)}
	var levels []level
	for a := args[0].Array; len(levels) < dims && a.DataType().ID() == arrow.LIST; a = levels[len(levels)-1].list.Values {
		levels = append(levels, level{list: vector.NewList(a), offsets: make([]int32, 1, n+1)})
	}
	var items []int32
	for i := range n {
		if v.Valid(i) && dims == len(levels) {
			for d := range dims {
				s.lo[d] = max(int(bounds[2*d].At(i)), 1) - 1
				s.hi[d] = int(bounds[2*d+1].At(i))
			}
			if s.nonEmpty(levels, rowOf(args[0], i)) {
				items = s.cut(levels, rowOf(args[0], i), 0, items)
			}
		}
		levels[0].offsets = append(levels[0].offsets, int32(elementCount(levels, 0, items)))
	}
	last := len(levels) - 1
	values, err := vector.Take(levels[last].list.Values, items)
	if err != nil {
		return nil, err
	}
	t := args[0].Array.DataType()
	for d := last; d > 0; d-- {
		values = vector.FromList(elemAt(t, d), levels[d].offsets, values, vector.Validity{})
	}
	return vector.FromList(t, levels[0].offsets, values, v), nil
}

// level is one dimension of the arrays being cut, and of the results.
type level struct {
	list    vector.List
	offsets []int32
}

// elementCount is how many elements of dimension d there are so far.
func elementCount(levels []level, d int, items []int32) int {
	if d == len(levels)-1 {
		return len(items)
	}
	return len(levels[d+1].offsets) - 1
}

// elemAt is the type of a list's elements d dimensions down.
func elemAt(t arrow.DataType, d int) arrow.DataType {
	for range d {
		t = t.(*arrow.ListType).Elem()
	}
	return t
}

// nonEmpty tells whether the cut has elements; otherwise it has no dimensions.
func (s *slicer) nonEmpty(levels []level, row int) bool {
	for d := range levels {
		lo, hi := levels[d].list.Row(row)
		if s.lo[d] >= min(s.hi[d], hi-lo) {
			return false
		}
		row = lo
	}
	return true
}

// cut appends the elements of a row of dimension d that are within the bounds.
func (s *slicer) cut(levels []level, row, d int, items []int32) []int32 {
	lo, hi := levels[d].list.Row(row)
	for k := lo + s.lo[d]; k < lo+min(s.hi[d], hi-lo); k++ {
		if d == len(levels)-1 {
			items = append(items, int32(k))
			continue
		}
		items = s.cut(levels, k, d+1, items)
		levels[d+1].offsets = append(levels[d+1].offsets, int32(elementCount(levels, d+1, items)))
	}
	return items
}
