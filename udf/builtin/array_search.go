package builtin

import (
	"sort"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

func registerArraySearch(b *registrar) {
	array, elem := udf.CompatibleArray, udf.Compatible
	b.scalar(udf.Scalar{Name: "array_position", Params: types(array, elem), Returns: tInt4, NullCall: true, Batch: arrayPosition})
	b.scalar(udf.Scalar{Name: "array_position", Params: types(array, elem, tInt4), Returns: tInt4, NullCall: true, Batch: arrayPosition})
	b.strict("width_bucket", types(elem, array), tInt4, thresholdBucket)
	b.scalar(udf.Scalar{Name: "array_positions", Params: types(array, elem), Returns: arrow.ListOf(tInt4), NullCall: true, Batch: arrayPositions})
}

// search prepares to look for the second argument in the first.
func search(args []udf.Arg) (vector.List, order, error) {
	if err := flat(args[0], sqlerr.New(sqlerr.FeatureNotSupported, "searching for elements in multidimensional arrays is not supported")); err != nil {
		return vector.List{}, nil, err
	}
	l := vector.Elements(args[0].Array)
	compare, err := orderOf(l.Values, args[1].Array)
	return l, compare, err
}

func arrayPosition(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	l, compare, err := search(args)
	if err != nil {
		return nil, err
	}
	v, out := validityOf(args[0], n), make([]int32, n)
	for i := range out {
		if !v.Valid(i) {
			continue
		}
		lo, hi := l.Row(rowOf(args[0], i))
		from := lo
		if len(args) > 2 {
			if args[2].Array.IsNull(rowOf(args[2], i)) {
				return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.NullNotAllowed, "initial position must not be null")}
			}
			from = lo + max(int(load[int32](args[2]).At(i)), 1) - 1
		}
		for from < hi && compare(from, rowOf(args[1], i)) != 0 {
			from++
		}
		if from >= hi {
			v.SetNull(i, n)
			continue
		}
		out[i] = int32(from - lo + 1)
	}
	return vector.FromFixed(tInt4, out, v), nil
}

func arrayPositions(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	l, compare, err := search(args)
	if err != nil {
		return nil, err
	}
	v := validityOf(args[0], n)
	found, offsets := []int32{}, make([]int32, 1, n+1)
	for i := range n {
		if v.Valid(i) {
			lo, hi := l.Row(rowOf(args[0], i))
			for k := lo; k < hi; k++ {
				if compare(k, rowOf(args[1], i)) == 0 {
					found = append(found, int32(k-lo+1))
				}
			}
		}
		offsets = append(offsets, int32(len(found)))
	}
	return vector.FromList(arrow.ListOf(tInt4), offsets, vector.FromFixed(tInt4, found, vector.Validity{}), v), nil
}

// thresholdBucket is how many of the sorted thresholds are not above the value.
func thresholdBucket(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	l, v, out := vector.Elements(args[1].Array), valid(args, n), make([]int32, n)
	compare, err := orderOf(args[0].Array, l.Values)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if !v.Valid(i) {
			continue
		}
		first, hi := l.Row(rowOf(args[1], i))
		for lo := first; lo < hi; lo++ {
			if l.Values.IsNull(lo) {
				return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.NullNotAllowed, "thresholds array must not contain NULLs")}
			}
		}
		row := rowOf(args[0], i)
		out[i] = int32(sort.Search(hi-first, func(k int) bool { return compare(row, first+k) < 0 }))
	}
	return vector.FromFixed(tInt4, out, v), nil
}
