package builtin

import (
	"bytes"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/udf"
)

// The Scan of Volley's aggregates (udf.Scanner): every row becomes a group of
// its own, by Update; then each group takes over the one before it if both rows
// are of one group. Sums are added from left to right, as PostgreSQL does.

// scanned runs a scan of acc. add adds the state of group i−1, whose rows come
// before, to that of group i. When resumed, group 0 is what came before the
// first row.
func scanned(acc udf.Accumulator, groups []uint32, args []udf.Arg, resumed bool, add func(i int) error) (arrow.Array, error) {
	first := 0
	if resumed {
		first = 1
	}
	rows := make([]uint32, len(groups))
	for i := range rows {
		rows[i] = uint32(first + i)
	}
	n := first + len(rows)
	if err := acc.Update(rows, n, args); err != nil {
		return nil, err
	}
	for i := range rows {
		if i == 0 && resumed || i > 0 && groups[i] == groups[i-1] {
			if err := add(first + i); err != nil {
				return nil, err
			}
		}
	}
	return acc.Result(first, n)
}

// Scan is the running count.
func (c *countAcc) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(c, groups, args, resumed, func(i int) error {
		c.counts[i] += c.counts[i-1]
		return nil
	})
}

// Scan is the running sum.
func (s *sumIntAcc[T]) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(s, groups, args, resumed, func(i int) error {
		x, y := s.sums[i-1], s.sums[i]
		t := x + y
		s.sums[i], s.seen[i] = t, s.seen[i] || s.seen[i-1]
		if (x^t)&(y^t) < 0 {
			return errIntRange[int64]()
		}
		return nil
	})
}

// Scan is the running sum.
func (s *sumFloatAcc[T]) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(s, groups, args, resumed, func(i int) (err error) {
		switch {
		case !s.seen[i]:
			s.sums[i], s.seen[i] = s.sums[i-1], s.seen[i-1]
		case s.seen[i-1]:
			s.sums[i], err = addFloat(s.sums[i-1], s.sums[i])
		}
		return err
	})
}

// Scan is the running average.
func (a *avgFloatAcc[T]) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(a, groups, args, resumed, func(i int) (err error) {
		a.sums[i], err = addFloat(a.sums[i-1], a.sums[i])
		a.counts[i] += a.counts[i-1]
		return err
	})
}

// Scan is the running sum or average.
func (w *wideAcc) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(w, groups, args, resumed, func(i int) error {
		x, y := w.sums[i-1], w.sums[i]
		lo, carry := bits.Add64(x.LowBits(), y.LowBits(), 0)
		t := decimal128.New(x.HighBits()+y.HighBits()+int64(carry), lo)
		w.sums[i] = t
		w.counts[i] += w.counts[i-1]
		if (x.HighBits()^t.HighBits())&(y.HighBits()^t.HighBits()) < 0 {
			return errDecimalRange()
		}
		return nil
	})
}

// follow adds the totals of group i−1.
func (t *numericTotals) follow(i int) (err error) {
	t.counts[i] += t.counts[i-1]
	t.sums[i], err = t.sums[i-1].Add(t.sums[i])
	return err
}

// Scan is the running sum.
func (s *sumNumericAcc) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(s, groups, args, resumed, s.follow)
}

// Scan is the running average.
func (a *avgNumericAcc) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(a, groups, args, resumed, a.follow)
}

// follow adds the totals of group i−1.
func (t *intervalTotals) follow(i int) (err error) {
	t.counts[i] += t.counts[i-1]
	t.sums[i], err = addIntervals(t.sums[i-1], t.sums[i])
	return err
}

// Scan is the running sum.
func (s *sumIntervalAcc) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(s, groups, args, resumed, s.follow)
}

// Scan is the running average.
func (a *avgIntervalAcc) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(a, groups, args, resumed, a.follow)
}

// Scan is the running extreme.
func (e *extremeAcc[T]) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(e, groups, args, resumed, func(i int) error {
		if e.seen[i-1] && (!e.seen[i] || e.sign*e.order(e.best[i], e.best[i-1]) > 0) {
			e.best[i], e.seen[i] = e.best[i-1], true
		}
		return nil
	})
}

// Scan is the running extreme.
func (e *fixedExtremeAcc[T]) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(e, groups, args, resumed, func(i int) error {
		before, v := e.best[i-1], e.best[i]
		if e.seen[i-1] && (!e.seen[i] || e.sign > 0 && before < v || e.sign < 0 && before > v) {
			e.best[i], e.seen[i] = before, true
		}
		return nil
	})
}

// Scan is the running extreme.
func (e *binaryExtremeAcc) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(e, groups, args, resumed, func(i int) error {
		if e.seen[i-1] && (!e.seen[i] || e.sign*bytes.Compare(e.best[i], e.best[i-1]) > 0) {
			e.best[i], e.seen[i] = e.best[i-1], true
		}
		return nil
	})
}

// Scan is the running fold.
func (f *foldAcc[T]) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(f, groups, args, resumed, func(i int) error {
		switch {
		case !f.seen[i]:
			f.vals[i], f.seen[i] = f.vals[i-1], f.seen[i-1]
		case f.seen[i-1]:
			f.vals[i] = f.combine(f.vals[i-1], f.vals[i])
		}
		return nil
	})
}

// Scan is the running spread.
func (a *floatSpreadAcc[T]) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(a, groups, args, resumed, func(i int) error {
		x, some := a.sums[i], a.counts[i] > 0
		a.counts[i], a.sums[i], a.squares[i] = a.counts[i-1], a.sums[i-1], a.squares[i-1]
		if !some {
			return nil
		}
		return a.addValue(uint32(i), x)
	})
}

// Scan is the running spread.
func (a *numSpreadAcc) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(a, groups, args, resumed, func(i int) error {
		a.add(uint32(i), a.counts[i-1], a.sums[i-1], a.squares[i-1])
		return nil
	})
}

// Scan is the running regression.
func (a *regressionAcc) Scan(groups []uint32, args []udf.Arg, resumed bool) (arrow.Array, error) {
	return scanned(a, groups, args, resumed, func(i int) error {
		r := a.all[i-1]
		if a.all[i].n > 0 {
			r.add(a.all[i].sy, a.all[i].sx)
		}
		a.all[i] = r
		return nil
	})
}
