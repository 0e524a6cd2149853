package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
)

// foldAcc combines values pairwise: bool_and, bit_or and their kin.
type foldAcc[T any] struct {
	t       arrow.DataType
	combine func(a, b T) T
	vals    []T
	seen    []bool
}

func registerFolds(b *registrar) {
	for _, name := range []string{"bool_and", "every"} {
		fold(b, name, tBool, func(a, b bool) bool { return a && b })
	}
	fold(b, "bool_or", tBool, func(a, b bool) bool { return a || b })
	foldBits[int16](b, tInt2)
	foldBits[int32](b, tInt4)
	foldBits[int64](b, tInt8)
}

func foldBits[T integer](b *registrar, t arrow.DataType) {
	fold(b, "bit_and", t, func(a, b T) T { return a & b })
	fold(b, "bit_or", t, func(a, b T) T { return a | b })
	fold(b, "bit_xor", t, func(a, b T) T { return a ^ b })
}

func fold[T any](b *registrar, name string, t arrow.DataType, combine func(a, b T) T) {
	b.aggregate(udf.Aggregate{
		Name: name, Params: types(t), Returns: t, State: states(t),
		New: func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
			return &foldAcc[T]{t: t, combine: combine}, nil
		},
	})
}

func (f *foldAcc[T]) Update(groups []uint32, n int, args []udf.Arg) error {
	f.vals, f.seen = grow(f.vals, n), grow(f.seen, n)
	vals, groups := dense[T](args[0], groups)
	for i, g := range groups {
		if f.seen[g] {
			f.vals[g] = f.combine(f.vals[g], vals[i])
		} else {
			f.vals[g], f.seen[g] = vals[i], true
		}
	}
	return nil
}

func (f *foldAcc[T]) Merge(groups []uint32, n int, states []arrow.Array) error {
	return f.Update(groups, n, []udf.Arg{column(states[0])})
}

func (f *foldAcc[T]) State(lo, hi int) ([]arrow.Array, error) { return one(f.Result(lo, hi)) }

func (f *foldAcc[T]) Result(lo, hi int) (arrow.Array, error) {
	f.vals, f.seen = grow(f.vals, hi), grow(f.seen, hi)
	return store(f.t, clone(f.vals[lo:hi]), seenValidity(f.seen[lo:hi]))
}

func (f *foldAcc[T]) Bytes() int64 { return int64(cap(f.vals)) * 9 }
