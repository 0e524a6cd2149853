package builtin

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// addFloat adds with PostgreSQL's overflow check.
func addFloat[T float](x, y T) (T, error) {
	s := x + y
	if s-s != 0 && isInf(s) && !isInf(x) && !isInf(y) {
		return s, errOverflow()
	}
	return s, nil
}

// sumFloatAcc is sum of real and of double precision, in their own precision.
type sumFloatAcc[T float] struct {
	sums []T
	seen []bool
	from *avgFloatAcc[float64] // nil: it sums itself
}

// Share implements udf.Sharing; sums of real have less precision.
func (s *sumFloatAcc[T]) Share(from udf.Accumulator) bool {
	o, ok := from.(*avgFloatAcc[float64])
	if _, double := any(s.sums).([]float64); ok && double {
		s.from = o
	}
	return s.from != nil
}

func (s *sumFloatAcc[T]) Update(groups []uint32, n int, args []udf.Arg) error {
	s.grow(n)
	vals, groups := dense[T](args[0], groups)
	sums, seen := s.sums, s.seen
	if few(groups, n) && sumFew(sums[:n], vals, groups) {
		markSeen(seen, groups)
		return nil
	}
	for i, g := range groups {
		t := sums[g] + vals[i]
		if t-t != 0 {
			if err := checkSum(sums[g], vals[i], t); err != nil {
				return err
			}
		}
		sums[g], seen[g] = t, true
	}
	return nil
}

func markSeen(seen []bool, groups []uint32) {
	if len(seen) <= fewGroups && !slices.Contains(seen, false) {
		return
	}
	for _, g := range groups {
		seen[g] = true
	}
}

// UpdateIndices implements udf.IndexedAccumulator.
func (s *sumFloatAcc[T]) UpdateIndices(groups []uint32, n int, dict arrow.Array, indices []int32) error {
	s.grow(n)
	return addIndexed(s.sums[:n], s.seen, values[T](dict), indices, groups)
}

// UpdateBytes implements udf.IndexedAccumulator.
func (s *sumFloatAcc[T]) UpdateBytes(groups []uint32, n int, dict arrow.Array, indices []uint8) error {
	s.grow(n)
	return addIndexed(s.sums[:n], s.seen, values[T](dict), indices, groups)
}

// addIndexed adds values[indices[i]] to the sums of their groups. seen is nil
// where it need not be marked.
func addIndexed[T, S float, I index](sums []S, seen []bool, values []T, indices []I, groups []uint32) error {
	if seen != nil {
		markSeen(seen, groups)
	}
	if few(groups, len(sums)) && sumFewAt(sums, values, indices, groups) {
		return nil
	}
	for i, g := range groups {
		v := S(values[indices[i]])
		t := sums[g] + v
		if t-t != 0 {
			if err := checkSum(sums[g], v, t); err != nil {
				return err
			}
		}
		sums[g] = t
	}
	return nil
}

// UpdateWords implements udf.IndexedAccumulator.
func (s *sumFloatAcc[T]) UpdateWords(groups []uint32, n int, dict arrow.Array, indices []uint16) error {
	s.grow(n)
	return addIndexed(s.sums[:n], s.seen, values[T](dict), indices, groups)
}

// Reset implements udf.Reusable.
func (s *sumFloatAcc[T]) Reset() { s.sums, s.seen = emptied(s.sums), emptied(s.seen) }

func (s *sumFloatAcc[T]) grow(n int) {
	s.sums, s.seen = growSums(s.sums, n), grow(s.seen, n)
}

// growSums makes sums start at −0, which leaves the sign of the first value.
func growSums[T float](sums []T, n int) []T {
	old := len(sums)
	sums = grow(sums, n)
	for i := old; i < len(sums); i++ {
		sums[i] = negativeZero[T]()
	}
	return sums
}

func negativeZero[T float]() T { return T(math.Copysign(0, -1)) }

// checkSum checks a sum that is not finite.
func checkSum[T float](x, y, sum T) error {
	if isInf(sum) && !isInf(x) && !isInf(y) {
		return errOverflow()
	}
	return nil
}

func (s *sumFloatAcc[T]) Merge(groups []uint32, n int, states []arrow.Array) error {
	return s.Update(groups, n, []udf.Arg{column(states[0])})
}

func (s *sumFloatAcc[T]) State(lo, hi int) ([]arrow.Array, error) { return one(s.Result(lo, hi)) }

func (s *sumFloatAcc[T]) Result(lo, hi int) (arrow.Array, error) {
	if s.from != nil {
		s.from.grow(hi)
		return vector.FromFixed(tFloat8, clone(s.from.sums[lo:hi]), countValidity(s.from.counts[lo:hi])), nil
	}
	s.grow(hi)
	t := tFloat8
	if _, ok := any(s.sums).([]float32); ok {
		t = tFloat4
	}
	return vector.FromFixed(t, clone(s.sums[lo:hi]), seenValidity(s.seen[lo:hi])), nil
}

func (s *sumFloatAcc[T]) Bytes() int64 { return int64(cap(s.sums)) * 9 }

// avgFloatAcc is avg of real and of double precision. Its sums are those of
// sumFloatAcc, down to the sign of zero.
type avgFloatAcc[T float] struct {
	sums   []float64
	counts []int64
	rows   *udf.RowCounts
}

// Share implements udf.Sharing: it is only shared from.
func (a *avgFloatAcc[T]) Share(udf.Accumulator) bool { return false }

// Reset implements udf.Reusable.
func (a *avgFloatAcc[T]) Reset() { a.sums, a.counts = emptied(a.sums), emptied(a.counts) }

// CountBy implements udf.RowCountUser.
func (a *avgFloatAcc[T]) CountBy(r *udf.RowCounts) { a.rows = r }

func (a *avgFloatAcc[T]) grow(n int) {
	a.sums, a.counts = growSums(a.sums, n), grow(a.counts, n)
}

func (a *avgFloatAcc[T]) counted(n int) []int64 {
	a.grow(n)
	return a.counts
}

func (a *avgFloatAcc[T]) Update(groups []uint32, n int, args []udf.Arg) error {
	a.grow(n)
	vals, groups := dense[T](args[0], groups)
	a.rows.Add(a.counts[:n], groups)
	if few(groups, n) && sumFew(a.sums[:n], vals, groups) {
		return nil
	}
	sums := a.sums
	for i, g := range groups {
		t := sums[g] + float64(vals[i])
		if t-t != 0 {
			if err := checkSum(sums[g], float64(vals[i]), t); err != nil {
				return err
			}
		}
		sums[g] = t
	}
	return nil
}

// UpdateIndices implements udf.IndexedAccumulator.
func (a *avgFloatAcc[T]) UpdateIndices(groups []uint32, n int, dict arrow.Array, indices []int32) error {
	a.grow(n)
	a.rows.Add(a.counts[:n], groups)
	return addIndexed(a.sums[:n], nil, values[T](dict), indices, groups)
}

// UpdateBytes implements udf.IndexedAccumulator.
func (a *avgFloatAcc[T]) UpdateBytes(groups []uint32, n int, dict arrow.Array, indices []uint8) error {
	a.grow(n)
	a.rows.Add(a.counts[:n], groups)
	return addIndexed(a.sums[:n], nil, values[T](dict), indices, groups)
}

// UpdateWords implements udf.IndexedAccumulator.
func (a *avgFloatAcc[T]) UpdateWords(groups []uint32, n int, dict arrow.Array, indices []uint16) error {
	a.grow(n)
	a.rows.Add(a.counts[:n], groups)
	return addIndexed(a.sums[:n], nil, values[T](dict), indices, groups)
}

func (a *avgFloatAcc[T]) Merge(groups []uint32, n int, states []arrow.Array) error {
	a.grow(n)
	sums, counts := vector.Fixed[float64](states[0]), vector.Fixed[int64](states[1])
	for i, g := range groups {
		t, err := addFloat(a.sums[g], sums[i])
		if err != nil {
			return err
		}
		a.sums[g] = t
		a.counts[g] += counts[i]
	}
	return nil
}

func (a *avgFloatAcc[T]) State(lo, hi int) ([]arrow.Array, error) {
	a.grow(hi)
	return []arrow.Array{
		vector.FromFixed(tFloat8, clone(a.sums[lo:hi]), vector.Validity{}),
		vector.FromFixed(tInt8, clone(a.counts[lo:hi]), vector.Validity{}),
	}, nil
}

func (a *avgFloatAcc[T]) Result(lo, hi int) (arrow.Array, error) {
	a.grow(hi)
	out := make([]float64, hi-lo)
	for i := range out {
		if c := a.counts[lo+i]; c > 0 {
			out[i] = (a.sums[lo+i] + 0) / float64(c) // PostgreSQL's sums start at 0
		}
	}
	return vector.FromFixed(tFloat8, out, countValidity(a.counts[lo:hi])), nil
}

func (a *avgFloatAcc[T]) Bytes() int64 { return int64(cap(a.sums)) * 16 }
