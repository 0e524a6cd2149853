package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// dense is the values of the rows whose argument is not NULL, and their groups:
// loops over them need not look at validity.
func dense[T any](a udf.Arg, groups []uint32) ([]T, []uint32) {
	if constNull(a) {
		return nil, nil
	}
	v := values[T](a.Array)
	if a.Const {
		all := make([]T, len(groups))
		for i := range all {
			all[i] = v[0]
		}
		return all, groups
	}
	if a.Array.NullN() == 0 {
		return v, groups
	}
	return compact(v, groups, vector.ValidityOf(a.Array))
}

// dense2 is dense for two arguments: rows with a NULL in either are left out.
func dense2[A, B any](x, y udf.Arg, groups []uint32) ([]A, []B, []uint32) {
	a, b := load[A](x), load[B](y)
	if constNull(x) || constNull(y) {
		return nil, nil, nil
	}
	v := valid([]udf.Arg{x, y}, len(groups))
	as, bs, gs := make([]A, 0, len(groups)), make([]B, 0, len(groups)), make([]uint32, 0, len(groups))
	for i, g := range groups {
		if v.Valid(i) {
			as, bs, gs = append(as, a.At(i)), append(bs, b.At(i)), append(gs, g)
		}
	}
	return as, bs, gs
}

func compact[T any](values []T, groups []uint32, v vector.Validity) ([]T, []uint32) {
	vs := make([]T, 0, len(groups)-v.Nulls)
	gs := make([]uint32, 0, len(groups)-v.Nulls)
	for i, g := range groups {
		if v.Valid(i) {
			vs, gs = append(vs, values[i]), append(gs, g)
		}
	}
	return vs, gs
}

// column is an aggregate's state column as an argument.
func column(a arrow.Array) udf.Arg { return udf.Arg{Array: a} }

// grow makes s at least n long, with zeros.
func grow[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	if n > cap(s) {
		g := make([]T, n, max(n, 2*cap(s)))
		copy(g, s)
		return g
	}
	return s[:n]
}

// emptied is s without elements; grow finds zeros where these were.
func emptied[T any](s []T) []T {
	clear(s)
	return s[:0]
}

// seenValidity is the groups that have had a value.
func seenValidity(seen []bool) vector.Validity {
	var v vector.Validity
	for i, s := range seen {
		if !s {
			v.SetNull(i, len(seen))
		}
	}
	return v
}

// countValidity is the groups whose count is not zero.
func countValidity(counts []int64) vector.Validity {
	var v vector.Validity
	for i, c := range counts {
		if c == 0 {
			v.SetNull(i, len(counts))
		}
	}
	return v
}

// clone copies a part of a state, which goes on changing.
func clone[T any](s []T) []T { return append(make([]T, 0, len(s)), s...) }

// one is the arrays of a state of one column.
func one(a arrow.Array, err error) ([]arrow.Array, error) {
	if err != nil {
		return nil, err
	}
	return []arrow.Array{a}, nil
}

// newAcc is Aggregate.New for an accumulator that needs to know nothing.
func newAcc[A any, P interface {
	*A
	udf.Accumulator
}]() func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
	return func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) { return P(new(A)), nil }
}

// states is Aggregate.State for fixed types.
func states(t ...arrow.DataType) func([]arrow.DataType) []arrow.DataType {
	return func([]arrow.DataType) []arrow.DataType { return t }
}
