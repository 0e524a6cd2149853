package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

type interval = arrow.MonthDayNanoInterval

// intervalTotals sums and counts intervals.
type intervalTotals struct {
	sums   []interval
	counts []int64
}

func (t *intervalTotals) add(groups []uint32, n int, arg udf.Arg) error {
	t.sums, t.counts = grow(t.sums, n), grow(t.counts, n)
	vals, groups := dense[interval](arg, groups)
	for i, g := range groups {
		s, err := addIntervals(t.sums[g], vals[i])
		if err != nil {
			return err
		}
		t.sums[g] = s
		t.counts[g]++
	}
	return nil
}

func (t *intervalTotals) Bytes() int64 { return int64(cap(t.sums)) * 24 }

func (t *intervalTotals) array(lo, hi int) arrow.Array {
	t.sums, t.counts = grow(t.sums, hi), grow(t.counts, hi)
	return vector.FromFixed(tInterval, clone(t.sums[lo:hi]), countValidity(t.counts[lo:hi]))
}

// sumIntervalAcc is sum(interval).
type sumIntervalAcc struct{ intervalTotals }

func (s *sumIntervalAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	return s.add(groups, n, args[0])
}

func (s *sumIntervalAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	return s.add(groups, n, column(states[0]))
}

func (s *sumIntervalAcc) State(lo, hi int) ([]arrow.Array, error) { return one(s.Result(lo, hi)) }

func (s *sumIntervalAcc) Result(lo, hi int) (arrow.Array, error) { return s.array(lo, hi), nil }

// avgIntervalAcc is avg(interval).
type avgIntervalAcc struct{ intervalTotals }

func (a *avgIntervalAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	return a.add(groups, n, args[0])
}

func (a *avgIntervalAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	if err := a.add(groups, n, column(states[0])); err != nil {
		return err
	}
	counts, v := vector.Fixed[int64](states[1]), vector.ValidityOf(states[0])
	for i, g := range groups {
		if v.Valid(i) {
			a.counts[g] += counts[i] - 1 // add has counted the sum as one
		}
	}
	return nil
}

func (a *avgIntervalAcc) State(lo, hi int) ([]arrow.Array, error) {
	sums := a.array(lo, hi)
	return []arrow.Array{sums, vector.FromFixed(tInt8, clone(a.counts[lo:hi]), vector.Validity{})}, nil
}

func (a *avgIntervalAcc) Result(lo, hi int) (arrow.Array, error) {
	a.sums, a.counts = grow(a.sums, hi), grow(a.counts, hi)
	out := make([]interval, hi-lo)
	for i := range out {
		if a.counts[lo+i] == 0 {
			continue
		}
		var err error
		if out[i], err = divInterval(a.sums[lo+i], float64(a.counts[lo+i])); err != nil {
			return nil, err
		}
	}
	return vector.FromFixed(tInterval, out, countValidity(a.counts[lo:hi])), nil
}
