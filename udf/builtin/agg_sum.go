package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

func registerCountSum(b *registrar) {
	b.aggregate(udf.Aggregate{Name: "count", Returns: tInt8, State: states(tInt8), New: newAcc[countAcc]()})
	b.aggregate(udf.Aggregate{Name: "count", Params: types(tAny), Returns: tInt8, State: states(tInt8), New: newAcc[countAcc]()})

	sum := func(p, r arrow.DataType, f func(*udf.Context, []arrow.DataType) (udf.Accumulator, error)) {
		b.aggregate(udf.Aggregate{Name: "sum", Params: types(p), Returns: r, State: states(r), New: f})
	}
	sum(tInt2, tInt8, newAcc[sumIntAcc[int16]]())
	sum(tInt4, tInt8, newAcc[sumIntAcc[int32]]())
	sum(tFloat4, tFloat4, newAcc[sumFloatAcc[float32]]())
	sum(tFloat8, tFloat8, newAcc[sumFloatAcc[float64]]())
	sum(tInterval, tInterval, newAcc[sumIntervalAcc]())
	sum(tNumeric, tNumeric, newAcc[sumNumericAcc]())
	wide := states(sqltype.Decimal(38, 0), tInt8)
	b.aggregate(udf.Aggregate{Name: "sum", Params: types(tInt8), Returns: tNumeric, State: wide, New: newWide(sumWide)})
	b.aggregate(udf.Aggregate{Name: "sum", Params: types(udf.Decimal), ReturnFor: decimalTotal, State: wideState, New: newWide(sumWide)})

	for _, p := range []arrow.DataType{tInt2, tInt4, tInt8} {
		b.aggregate(udf.Aggregate{Name: "avg", Params: types(p), Returns: tNumeric, State: wide, New: newWide(avgWide)})
	}
	b.aggregate(udf.Aggregate{Name: "avg", Params: types(udf.Decimal), Returns: tNumeric, State: wideState, New: newWide(avgWide)})
	b.aggregate(udf.Aggregate{Name: "avg", Params: types(tNumeric), Returns: tNumeric, State: states(tNumeric, tInt8), New: newAcc[avgNumericAcc]()})
	b.aggregate(udf.Aggregate{Name: "avg", Params: types(tFloat4), Returns: tFloat8, State: states(tFloat8, tInt8), New: newAcc[avgFloatAcc[float32]]()})
	b.aggregate(udf.Aggregate{Name: "avg", Params: types(tFloat8), Returns: tFloat8, State: states(tFloat8, tInt8), New: newAcc[avgFloatAcc[float64]]()})
	b.aggregate(udf.Aggregate{Name: "avg", Params: types(tInterval), Returns: tInterval, State: states(tInterval, tInt8), New: newAcc[avgIntervalAcc]()})
}

// sumIntAcc is sum(smallint) and sum(integer), which are bigint.
type sumIntAcc[T int16 | int32] struct {
	sums []int64
	seen []bool
}

func (s *sumIntAcc[T]) Update(groups []uint32, n int, args []udf.Arg) error {
	s.sums, s.seen = grow(s.sums, n), grow(s.seen, n)
	vals, groups := dense[T](args[0], groups)
	if n == 1 && len(vals) > 0 {
		var total int64 // of fewer than 2³¹ values: it cannot overflow
		for _, v := range vals {
			total += int64(v)
		}
		return addInt64([]int64{total}, groups[:1], s.sums, s.seen)
	}
	sums, seen := s.sums, s.seen
	var over int64
	for i, g := range groups {
		x, y := sums[g], int64(vals[i])
		t := x + y
		sums[g], seen[g] = t, true
		over |= (x ^ t) & (y ^ t)
	}
	if over < 0 {
		return errIntRange[int64]()
	}
	return nil
}

func addInt64(vals []int64, groups []uint32, sums []int64, seen []bool) error {
	var over int64
	for i, g := range groups {
		x, y := sums[g], vals[i]
		t := x + y
		sums[g], seen[g] = t, true
		over |= (x ^ t) & (y ^ t)
	}
	if over < 0 {
		return errIntRange[int64]()
	}
	return nil
}

func (s *sumIntAcc[T]) Merge(groups []uint32, n int, states []arrow.Array) error {
	s.sums, s.seen = grow(s.sums, n), grow(s.seen, n)
	vals, groups := dense[int64](column(states[0]), groups)
	return addInt64(vals, groups, s.sums, s.seen)
}

func (s *sumIntAcc[T]) State(lo, hi int) ([]arrow.Array, error) { return one(s.Result(lo, hi)) }

func (s *sumIntAcc[T]) Result(lo, hi int) (arrow.Array, error) {
	s.sums, s.seen = grow(s.sums, hi), grow(s.seen, hi)
	return vector.FromFixed(tInt8, clone(s.sums[lo:hi]), seenValidity(s.seen[lo:hi])), nil
}

func (s *sumIntAcc[T]) Bytes() int64 { return int64(cap(s.sums)) * 9 }
