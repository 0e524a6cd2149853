package builtin

import (
	"bytes"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

func registerMinMax(b *registrar) {
	for _, m := range []struct {
		name string
		sign int
	}{{"min", 1}, {"max", -1}} {
		add := func(p arrow.DataType, f func(*udf.Context, []arrow.DataType) (udf.Accumulator, error)) {
			a := udf.Aggregate{Name: m.name, Params: types(p), Returns: p, State: states(p), New: f}
			if p == udf.Decimal {
				a.Returns, a.ReturnFor = nil, sameDecimal
				a.State = func(args []arrow.DataType) []arrow.DataType { return args }
			}
			b.aggregate(a)
		}
		add(tInt2, newFixedExtreme[int16](m.sign))
		add(tInt4, newFixedExtreme[int32](m.sign))
		add(tInt8, newFixedExtreme[int64](m.sign))
		add(tDate, newFixedExtreme[int32](m.sign))
		add(tTime, newFixedExtreme[int64](m.sign))
		add(tTimetz, newFixedExtreme[int64](m.sign))
		add(tTimestamp, newFixedExtreme[int64](m.sign))
		add(tTimestamptz, newFixedExtreme[int64](m.sign))
		add(tFloat4, newFloatExtreme[float32](m.sign))
		add(tFloat8, newFloatExtreme[float64](m.sign))
		add(udf.Decimal, newExtreme(m.sign, decimal128.Num.Cmp))
		add(tNumeric, newExtreme(m.sign, sqltype.Num.Cmp))
		add(tInterval, newExtreme(m.sign, compareInterval))
		add(tBool, newExtreme(m.sign, compareBool))
		add(tText, newBinaryExtreme(m.sign))
		add(tBytea, newBinaryExtreme(m.sign))
	}
}

// extremeAcc is min (sign 1) or max (sign −1) by a function of order.
type extremeAcc[T any] struct {
	t     arrow.DataType
	sign  int
	order func(a, b T) int
	best  []T
	seen  []bool
}

func newExtreme[T any](sign int, order func(a, b T) int) func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
	return func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
		return &extremeAcc[T]{t: args[0], sign: sign, order: order}, nil
	}
}

func (e *extremeAcc[T]) Update(groups []uint32, n int, args []udf.Arg) error {
	e.best, e.seen = grow(e.best, n), grow(e.seen, n)
	vals, groups := dense[T](args[0], groups)
	for i, g := range groups {
		// of equal values that look different (1.0 and 1.00) the last one stays
		if !e.seen[g] || e.sign*e.order(vals[i], e.best[g]) <= 0 {
			e.best[g], e.seen[g] = vals[i], true
		}
	}
	return nil
}

func (e *extremeAcc[T]) Merge(groups []uint32, n int, states []arrow.Array) error {
	return e.Update(groups, n, []udf.Arg{column(states[0])})
}

func (e *extremeAcc[T]) State(lo, hi int) ([]arrow.Array, error) { return one(e.Result(lo, hi)) }

func (e *extremeAcc[T]) Result(lo, hi int) (arrow.Array, error) {
	e.best, e.seen = grow(e.best, hi), grow(e.seen, hi)
	return store(e.t, clone(e.best[lo:hi]), seenValidity(e.seen[lo:hi]))
}

func (e *extremeAcc[T]) Bytes() int64 { return int64(cap(e.best)) * 25 }

// fixedExtremeAcc is extremeAcc for integers, without calls.
type fixedExtremeAcc[T integer] struct{ extremeAcc[T] }

func newFixedExtreme[T integer](sign int) func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
	return func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
		return &fixedExtremeAcc[T]{extremeAcc[T]{t: args[0], sign: sign}}, nil
	}
}

func (e *fixedExtremeAcc[T]) Update(groups []uint32, n int, args []udf.Arg) error {
	e.best, e.seen = grow(e.best, n), grow(e.seen, n)
	vals, groups := dense[T](args[0], groups)
	best, seen := e.best, e.seen
	if e.sign > 0 {
		for i, g := range groups {
			if v := vals[i]; v < best[g] || !seen[g] {
				best[g], seen[g] = v, true
			}
		}
		return nil
	}
	for i, g := range groups {
		if v := vals[i]; v > best[g] || !seen[g] {
			best[g], seen[g] = v, true
		}
	}
	return nil
}

func (e *fixedExtremeAcc[T]) Merge(groups []uint32, n int, states []arrow.Array) error {
	return e.Update(groups, n, []udf.Arg{column(states[0])})
}

// floatExtremeAcc is extremeAcc for floats, of which NaN is the greatest, without
// calls.
type floatExtremeAcc[T float] struct{ extremeAcc[T] }

func newFloatExtreme[T float](sign int) func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
	return func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
		return &floatExtremeAcc[T]{extremeAcc[T]{t: args[0], sign: sign, order: compareFloat[T]}}, nil
	}
}

func (e *floatExtremeAcc[T]) Update(groups []uint32, n int, args []udf.Arg) error {
	e.best, e.seen = grow(e.best, n), grow(e.seen, n)
	vals, groups := dense[T](args[0], groups)
	if len(vals) == 0 {
		return nil
	}
	best, seen := e.best, e.seen
	if n == 1 { // no group to look up
		if !seen[0] {
			best[0], seen[0] = vals[0], true
		}
		if e.sign > 0 {
			best[0] = leastFloat(best[0], vals)
		} else {
			best[0] = greatestFloat(best[0], vals)
		}
		return nil
	}
	for i, g := range groups {
		v, b := vals[i], best[g]
		if e.sign > 0 && (v <= b || b != b) || e.sign < 0 && (v >= b || v != v) || !seen[g] {
			best[g], seen[g] = v, true
		}
	}
	return nil
}

func leastFloat[T float](least T, vals []T) T {
	for _, v := range vals {
		if v <= least || least != least {
			least = v
		}
	}
	return least
}

func greatestFloat[T float](greatest T, vals []T) T {
	for _, v := range vals {
		if v >= greatest || v != v {
			greatest = v
		}
	}
	return greatest
}

func (e *floatExtremeAcc[T]) Merge(groups []uint32, n int, states []arrow.Array) error {
	return e.Update(groups, n, []udf.Arg{column(states[0])})
}

// binaryExtremeAcc is extremeAcc for text and bytea. It owns its values.
type binaryExtremeAcc struct {
	t    arrow.DataType
	sign int
	best [][]byte
	seen []bool
	size int64
}

func newBinaryExtreme(sign int) func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
	return func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
		return &binaryExtremeAcc{t: args[0], sign: sign}, nil
	}
}

func (e *binaryExtremeAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	e.best, e.seen = grow(e.best, n), grow(e.seen, n)
	v, b := validityOf(args[0], len(groups)), vector.NewBinary(args[0].Array)
	for i, g := range groups {
		if !v.Valid(i) {
			continue
		}
		row := i
		if args[0].Const {
			row = 0
		}
		if x := b.At(row); !e.seen[g] || e.sign*bytes.Compare(x, e.best[g]) < 0 {
			e.size -= int64(cap(e.best[g]))
			e.best[g], e.seen[g] = append(e.best[g][:0], x...), true
			e.size += int64(cap(e.best[g]))
		}
	}
	return nil
}

func (e *binaryExtremeAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	return e.Update(groups, n, []udf.Arg{column(states[0])})
}

func (e *binaryExtremeAcc) State(lo, hi int) ([]arrow.Array, error) { return one(e.Result(lo, hi)) }

func (e *binaryExtremeAcc) Result(lo, hi int) (arrow.Array, error) {
	e.best, e.seen = grow(e.best, hi), grow(e.seen, hi)
	return writeText(nil, e.t, seenValidity(e.seen[lo:hi]), hi-lo, func(dst []byte, i int) ([]byte, error) {
		return append(dst, e.best[lo+i]...), nil
	})
}

func (e *binaryExtremeAcc) Bytes() int64 { return e.size + int64(cap(e.best))*25 }
