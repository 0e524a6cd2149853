package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

var tFloats arrow.DataType = arrow.ListOf(tFloat8)

// registerFloatStates adds the steps of PostgreSQL's aggregates over double
// precision, whose states are arrays: {N, Σx, Σ(x−x̄)²}, and for two variables
// {N, Σx, Σ(x−x̄)², Σy, Σ(y−ȳ)², Σ(x−x̄)(y−ȳ)}.
func registerFloatStates(b *registrar) {
	add := func(name string, size int, params []arrow.DataType, step stateStep) {
		b.strict(name, params, tFloats, floatState(name, size, step))
	}
	add("float8_accum", 3, types(tFloats, tFloat8), func(args []udf.Arg) func(s []float64, row int) error {
		x := load[float64](args[1])
		return func(s []float64, row int) error { return combineSpread(s, []float64{1, x.At(row), 0}) }
	})
	add("float8_regr_accum", 6, types(tFloats, tFloat8, tFloat8), func(args []udf.Arg) func(s []float64, row int) error {
		y, x := load[float64](args[1]), load[float64](args[2])
		return func(s []float64, row int) error {
			return combineRegression(s, []float64{1, x.At(row), 0, y.At(row), 0, 0})
		}
	})
	combine := func(name string, size int, f func(s, t []float64) error) {
		add(name, size, types(tFloats, tFloats), func(args []udf.Arg) func(s []float64, row int) error {
			other := newFloatStates(args[1], name, size)
			return func(s []float64, row int) error {
				t, err := other.at(row)
				if err != nil {
					return err
				}
				return f(s, t)
			}
		})
	}
	combine("float8_combine", 3, combineSpread)
	combine("float8_regr_combine", 6, combineRegression)
}

// stateStep makes the function that changes the state of a row.
type stateStep func(args []udf.Arg) func(s []float64, row int) error

func floatState(name string, size int, step stateStep) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		v, states, next := valid(args, n), newFloatStates(args[0], name, size), step(args)
		out := array.NewListBuilder(memory.DefaultAllocator, tFloat8)
		values := out.ValueBuilder().(*array.Float64Builder)
		s := make([]float64, size)
		for i := range n {
			if !v.Valid(i) {
				out.AppendNull()
				continue
			}
			from, err := states.at(i)
			if err == nil {
				copy(s, from)
				err = next(s, i)
			}
			if err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			out.Append(true)
			values.AppendValues(s, nil)
		}
		return out.NewArray(), nil
	}
}

// floatStates are an argument's arrays, of size values each.
type floatStates struct {
	list   vector.List
	values []float64
	nulls  vector.Validity
	fixed  bool // one array for all rows
	name   string
	size   int
}

func newFloatStates(a udf.Arg, name string, size int) floatStates {
	list := vector.NewList(a.Array)
	return floatStates{list, vector.Fixed[float64](list.Values), vector.ValidityOf(list.Values), a.Const, name, size}
}

func (f *floatStates) at(row int) ([]float64, error) {
	if f.fixed {
		row = 0
	}
	lo, hi := f.list.Row(row)
	ok := hi-lo == f.size
	for i := lo; i < hi; i++ {
		ok = ok && f.nulls.Valid(i)
	}
	if !ok {
		return nil, sqlerr.New(sqlerr.InternalError, "%s: expected %d-element float8 array", f.name, f.size)
	}
	return f.values[lo:hi], nil
}

// combineSpread adds state t to state s of one variable (Youngs and Cramer).
func combineSpread(s, t []float64) error {
	n1, n2 := s[0], t[0]
	switch {
	case n2 == 0:
		return nil
	case n1 == 0:
		copy(s, t)
		if n2 == 1 && t[1]-t[1] != 0 { // the one value is not finite
			s[2] = math.NaN()
		}
		return nil
	}
	s[2] += t[2] + between(n1, s[1], n2, t[1], s[1], t[1])
	s[0], s[1] = n1+n2, s[1]+t[1]
	return finiteState(s[2], s[1])
}

func combineRegression(s, t []float64) error {
	n1, n2 := s[0], t[0]
	switch {
	case n2 == 0:
		return nil
	case n1 == 0:
		copy(s, t)
		return nil
	}
	s[2] += t[2] + between(n1, s[1], n2, t[1], s[1], t[1])
	s[4] += t[4] + between(n1, s[3], n2, t[3], s[3], t[3])
	s[5] += t[5] + between(n1, s[1], n2, t[1], s[3], t[3])
	s[0], s[1], s[3] = n1+n2, s[1]+t[1], s[3]+t[3]
	return finiteState(s[2], s[4])
}

// between is what two states' distance adds to Σ(x−x̄)(y−ȳ).
func between(n1, x1, n2, x2, y1, y2 float64) float64 {
	return n1 * n2 * (x1/n1 - x2/n2) * (y1/n1 - y2/n2) / (n1 + n2)
}

func finiteState(values ...float64) error {
	for _, v := range values {
		if isInf(v) {
			return errOverflow()
		}
	}
	return nil
}
