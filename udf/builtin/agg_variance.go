package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// spread is a member of the variance family.
type spread struct {
	sample, root bool
}

// registerVariance adds variance and standard deviation: of double precision by
// the Youngs-Cramer recurrence, of exact numbers exactly, as PostgreSQL does.
func registerVariance(b *registrar) {
	for name, s := range map[string]spread{
		"var_pop": {}, "var_samp": {sample: true}, "variance": {sample: true},
		"stddev_pop": {root: true}, "stddev_samp": {sample: true, root: true}, "stddev": {sample: true, root: true},
	} {
		floats := states(tInt8, tFloat8, tFloat8)
		b.aggregate(udf.Aggregate{Name: name, Params: types(tFloat4), Returns: tFloat8, State: floats, New: newFloatSpread[float32](s)})
		b.aggregate(udf.Aggregate{Name: name, Params: types(tFloat8), Returns: tFloat8, State: floats, New: newFloatSpread[float64](s)})
		for _, p := range types(tInt2, tInt4, tInt8, udf.Decimal, tNumeric) {
			b.aggregate(udf.Aggregate{
				Name: name, Params: types(p), Returns: tNumeric, State: states(tInt8, tNumeric, tNumeric),
				New: func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
					return &numSpreadAcc{spread: s}, nil
				},
			})
		}
	}
}

// floatSpreadAcc keeps n, Σx and Σ(x−x̄)².
type floatSpreadAcc[T float] struct {
	spread
	counts  []int64
	sums    []float64
	squares []float64
	from    *floatSpreadAcc[T] // nil: they are computed here
}

func newFloatSpread[T float](s spread) func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
	return func(*udf.Context, []arrow.DataType) (udf.Accumulator, error) {
		return &floatSpreadAcc[T]{spread: s}, nil
	}
}

// Share implements udf.Sharing.
func (a *floatSpreadAcc[T]) Share(from udf.Accumulator) bool {
	o, ok := from.(*floatSpreadAcc[T])
	if ok {
		a.from = o
	}
	return ok
}

func (a *floatSpreadAcc[T]) counted(n int) []int64 {
	a.grow(n)
	return a.counts
}

func (a *floatSpreadAcc[T]) grow(n int) {
	if a.from != nil {
		a.from.grow(n)
		a.counts, a.sums, a.squares = a.from.counts, a.from.sums, a.from.squares
		return
	}
	a.counts, a.sums, a.squares = grow(a.counts, n), grow(a.sums, n), grow(a.squares, n)
}

func (a *floatSpreadAcc[T]) Update(groups []uint32, n int, args []udf.Arg) error {
	a.grow(n)
	vals, groups := dense[T](args[0], groups)
	for i, g := range groups {
		if err := a.addValue(g, float64(vals[i])); err != nil {
			return err
		}
	}
	return nil
}

// addValue is PostgreSQL's float8_accum.
func (a *floatSpreadAcc[T]) addValue(g uint32, x float64) error {
	a.counts[g]++
	c, before := float64(a.counts[g]), a.sums[g]
	a.sums[g] += x
	if c > 1 {
		d := x*c - a.sums[g]
		a.squares[g] += d * d / (c * (c - 1))
		if isInf(a.squares[g]) || isInf(a.sums[g]) {
			if !isInf(before) && !isInf(x) {
				return errOverflow()
			}
			a.squares[g] = math.NaN()
		}
	} else if x-x != 0 {
		a.squares[g] = math.NaN()
	}
	return nil
}

func (a *floatSpreadAcc[T]) Merge(groups []uint32, n int, states []arrow.Array) error {
	a.grow(n)
	counts, sums, squares := vector.Fixed[int64](states[0]), vector.Fixed[float64](states[1]), vector.Fixed[float64](states[2])
	for i, g := range groups {
		switch {
		case counts[i] == 0:
			continue
		case a.counts[g] == 0:
			a.counts[g], a.sums[g], a.squares[g] = counts[i], sums[i], squares[i]
			continue
		}
		n1, n2 := float64(a.counts[g]), float64(counts[i])
		d := a.sums[g]/n1 - sums[i]/n2
		a.squares[g] += squares[i] + n1*n2*d*d/(n1+n2)
		a.sums[g] += sums[i]
		a.counts[g] += counts[i]
	}
	return nil
}

func (a *floatSpreadAcc[T]) State(lo, hi int) ([]arrow.Array, error) {
	a.grow(hi)
	return []arrow.Array{
		vector.FromFixed(tInt8, clone(a.counts[lo:hi]), vector.Validity{}),
		vector.FromFixed(tFloat8, clone(a.sums[lo:hi]), vector.Validity{}),
		vector.FromFixed(tFloat8, clone(a.squares[lo:hi]), vector.Validity{}),
	}, nil
}

func (a *floatSpreadAcc[T]) Result(lo, hi int) (arrow.Array, error) {
	a.grow(hi)
	out := make([]float64, hi-lo)
	var v vector.Validity
	for i := range out {
		n := a.counts[lo+i]
		if n == 0 || a.sample && n == 1 {
			v.SetNull(i, len(out))
			continue
		}
		if a.sample {
			n--
		}
		out[i] = a.squares[lo+i] / float64(n)
		if a.root {
			out[i] = math.Sqrt(out[i])
		}
	}
	return vector.FromFixed(tFloat8, out, v), nil
}

func (a *floatSpreadAcc[T]) Bytes() int64 { return int64(cap(a.counts)) * 24 }

// numSpreadAcc keeps n, Σx and Σx² exactly.
type numSpreadAcc struct {
	spread
	counts  []int64
	sums    []num
	squares []num
	from    *numSpreadAcc // nil: they are computed here
}

// Share implements udf.Sharing.
func (a *numSpreadAcc) Share(from udf.Accumulator) bool {
	o, ok := from.(*numSpreadAcc)
	if ok {
		a.from = o
	}
	return ok
}

func (a *numSpreadAcc) counted(n int) []int64 {
	a.grow(n)
	return a.counts
}

func (a *numSpreadAcc) grow(n int) {
	if a.from != nil {
		a.from.grow(n)
		a.counts, a.sums, a.squares = a.from.counts, a.from.sums, a.from.squares
		return
	}
	a.counts, a.sums, a.squares = grow(a.counts, n), grow(a.sums, n), grow(a.squares, n)
}

func (a *numSpreadAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	a.grow(n)
	vals, groups := dense[num](args[0], groups)
	for i, g := range groups {
		a.add(g, 1, vals[i], vals[i].MulWide(vals[i]))
	}
	return nil
}

func (a *numSpreadAcc) add(g uint32, n int64, x, square num) {
	a.counts[g] += n
	a.sums[g] = a.sums[g].AddWide(x)
	a.squares[g] = a.squares[g].AddWide(square)
}

func (a *numSpreadAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	a.grow(n)
	counts, sums, squares := vector.Fixed[int64](states[0]), nums(states[1]), nums(states[2])
	for i, g := range groups {
		a.add(g, counts[i], sums[i], squares[i])
	}
	return nil
}

func (a *numSpreadAcc) State(lo, hi int) ([]arrow.Array, error) {
	a.grow(hi)
	sums, err := storeNums(a.sums[lo:hi], vector.Validity{})
	if err != nil {
		return nil, err
	}
	squares, err := storeNums(a.squares[lo:hi], vector.Validity{})
	if err != nil {
		return nil, err
	}
	return []arrow.Array{vector.FromFixed(tInt8, clone(a.counts[lo:hi]), vector.Validity{}), sums, squares}, nil
}

func (a *numSpreadAcc) Result(lo, hi int) (arrow.Array, error) {
	a.grow(hi)
	out := make([]num, hi-lo)
	var v vector.Validity
	for i := range out {
		n := a.counts[lo+i]
		if n == 0 || a.sample && n == 1 {
			v.SetNull(i, len(out))
			continue
		}
		var err error
		if out[i], err = a.result(n, a.sums[lo+i], a.squares[lo+i]); err != nil {
			return nil, err
		}
	}
	return storeNums(out, v)
}

// result is (n·Σx² − (Σx)²) / (n·n or n·(n−1)), or its root to the same scale.
func (a *numSpreadAcc) result(n int64, sum, squares num) (num, error) {
	if sum.IsNaN() || sum.IsInf() {
		return sqltype.NaN(), nil
	}
	count := sqltype.NumFromInt64(n)
	numerator := squares.MulWide(count).AddWide(sum.MulWide(sum).Neg())
	if numerator.Sign() <= 0 {
		return num{}, nil
	}
	other := n
	if a.sample {
		other--
	}
	r, err := numerator.Div(count.MulWide(sqltype.NumFromInt64(other)))
	if err != nil || !a.root {
		return r, err
	}
	return r.SqrtScale(r.Scale()), nil
}

func (a *numSpreadAcc) Bytes() int64 { return int64(cap(a.counts)) * 96 }
