package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
)

// registerOverlaps adds (s1, e1) OVERLAPS (s2, e2). Where a pair has an interval,
// its end is its start plus the interval.
func registerOverlaps(b *registrar) {
	for _, t := range types(tTimestamp, tTimestamptz, tTime, tTimetz) {
		for _, first := range types(t, tInterval) {
			for _, second := range types(t, tInterval) {
				b.scalar(udf.Scalar{
					Name: "overlaps", Params: types(t, first, t, second), Returns: tBool, NullCall: true,
					Volatility: udf.Stable, Batch: b.overlaps,
				})
			}
		}
	}
}

// overlaps adds the intervals to the starts and compares the pairs.
func (b *registrar) overlaps(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	var ends [2]udf.Arg
	for i := range ends {
		start, end := args[2*i], args[2*i+1]
		if end.Array.DataType().ID() == arrow.INTERVAL_MONTH_DAY_NANO {
			f, err := b.registry.FindScalar("+", argTypes([]udf.Arg{start, end}))
			if err != nil {
				return nil, err
			}
			sum, err := f.Batch(ctx, []udf.Arg{start, end}, n)
			if err != nil {
				return nil, err
			}
			end = udf.Arg{Array: sum, Const: sum.Len() == 1 && n != 1}
		}
		ends[i] = end
	}
	s1, e1 := load[int64](args[0]), load[int64](ends[0])
	s2, e2 := load[int64](args[2]), load[int64](ends[1])
	rows := [4]udf.Arg{args[0], ends[0], args[2], ends[1]}
	v, out := valid(nil, n), make([]bool, n)
	for i := range out {
		p := newTimeRange(s1.At(i), e1.At(i), isNullAt(rows[0], i), isNullAt(rows[1], i))
		q := newTimeRange(s2.At(i), e2.At(i), isNullAt(rows[2], i), isNullAt(rows[3], i))
		known := false
		if out[i], known = p.overlaps(q); !known {
			v.SetNull(i, n)
		}
	}
	return store(tBool, out, v)
}

// timeRange is a pair of times in order; open: its end is NULL. A period whose both
// times are NULL is unknown.
type timeRange struct {
	start, end    int64
	open, unknown bool
}

func newTimeRange(start, end int64, noStart, noEnd bool) timeRange {
	switch {
	case noStart && noEnd:
		return timeRange{unknown: true}
	case noStart:
		return timeRange{start: end, open: true}
	case noEnd:
		return timeRange{start: start, open: true}
	case start > end:
		start, end = end, start
	}
	return timeRange{start: start, end: end}
}

// overlaps is the standard's definition, three-valued: a NULL end makes the
// answer unknown unless the other times decide it.
func (p timeRange) overlaps(q timeRange) (answer, known bool) {
	if p.unknown || q.unknown {
		return false, false
	}
	switch {
	case p.start > q.start:
		p, q = q, p
	case p.start == q.start:
		return true, !p.open && !q.open
	}
	if p.open {
		return false, false
	}
	if q.start < p.end {
		return true, true
	}
	return false, !q.open
}
