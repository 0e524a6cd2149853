package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// numericTotals sums and counts numerics, whose result has the largest scale.
type numericTotals struct{ totals[sqltype.Num] }

// numericTotaled is an accumulator that has them.
type numericTotaled interface{ numericTotals() *totals[sqltype.Num] }

func (t *numericTotals) numericTotals() *totals[sqltype.Num] { return &t.totals }

// Share implements udf.Sharing.
func (t *numericTotals) Share(from udf.Accumulator) bool {
	o, ok := from.(numericTotaled)
	if ok {
		t.from = o.numericTotals()
	}
	return ok
}

func (t *numericTotals) add(groups []uint32, n int, arg udf.Arg) error {
	t.grow(n)
	vals, groups := dense[sqltype.Num](arg, groups)
	for i, g := range groups {
		s, err := t.sums[g].Add(vals[i])
		if err != nil {
			return err
		}
		t.sums[g] = s
		t.counts[g]++
	}
	return nil
}

func (t *numericTotals) Bytes() int64 { return int64(cap(t.sums)) * 48 }

// sumNumericAcc is sum(numeric).
type sumNumericAcc struct{ numericTotals }

func (s *sumNumericAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	return s.add(groups, n, args[0])
}

func (s *sumNumericAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	return s.add(groups, n, column(states[0]))
}

func (s *sumNumericAcc) State(lo, hi int) ([]arrow.Array, error) { return one(s.Result(lo, hi)) }

func (s *sumNumericAcc) Result(lo, hi int) (arrow.Array, error) {
	s.grow(hi)
	return storeNums(s.sums[lo:hi], countValidity(s.counts[lo:hi]))
}

// avgNumericAcc is avg(numeric).
type avgNumericAcc struct{ numericTotals }

func (a *avgNumericAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	return a.add(groups, n, args[0])
}

func (a *avgNumericAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
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

func (a *avgNumericAcc) State(lo, hi int) ([]arrow.Array, error) {
	a.grow(hi)
	sums, err := storeNums(a.sums[lo:hi], countValidity(a.counts[lo:hi]))
	if err != nil {
		return nil, err
	}
	return []arrow.Array{sums, vector.FromFixed(tInt8, clone(a.counts[lo:hi]), vector.Validity{})}, nil
}

func (a *avgNumericAcc) Result(lo, hi int) (arrow.Array, error) {
	a.grow(hi)
	out := make([]sqltype.Num, hi-lo)
	for i := range out {
		if a.counts[lo+i] == 0 {
			continue
		}
		var err error
		if out[i], err = a.sums[lo+i].Div(sqltype.NumFromInt64(a.counts[lo+i])); err != nil {
			return nil, err
		}
	}
	return storeNums(out, countValidity(a.counts[lo:hi]))
}
