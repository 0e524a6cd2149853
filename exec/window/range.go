package window

import (
	"cmp"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
)

// RangeKeys are the ORDER BY key of a chunk, for RANGE with offsets.
type RangeKeys struct {
	Key              arrow.Array // plain, of as many rows as the chunk
	Desc, NullsFirst bool
	// Shift gives keys + offset, or − offset when sub, for dates, times and
	// intervals; dates become timestamps.
	Shift func(keys, offset arrow.Array, sub bool) (arrow.Array, error)
}

// inRange tells whether the key of row v is ≤ (less) or ≥ that of row base after
// its offset is added or subtracted: PostgreSQL's in_range.
type inRange func(v, base int32) bool

// check refuses negative offsets, where there is a key that one is added to.
func (r *RangeKeys) check(o Offsets) error {
	if r == nil || r.Key.NullN() == r.Key.Len() {
		return nil
	}
	for _, a := range []arrow.Array{o.Start, o.End} {
		if a != nil && !a.IsNull(0) && negative(a, r.Key.DataType()) {
			return sqlerr.New(sqlerr.InvalidFrameOffset, "invalid preceding or following size in window function")
		}
	}
	return nil
}

func negative(a arrow.Array, key arrow.DataType) bool {
	switch a := a.(type) {
	case *array.Int64:
		return a.Value(0) < 0
	case *array.Float64:
		return !(a.Value(0) >= 0)
	case *sqltype.NumericArray:
		return a.Value(0).IsNaN() || a.Value(0).Sign() < 0
	case *array.MonthDayNanoInterval:
		v := a.Value(0)
		if sqltype.Equal(key, sqltype.Time) { // months and days do not count for a time
			return v.Nanoseconds < 0
		}
		return spanOf(v).compare(intervalSpan{}) < 0
	}
	return false
}

// place fills the frames' starts or ends. Both only move forward, from one group
// of peers to the next.
func (r *RangeKeys) place(l *Layout, dst []int32, offset arrow.Array, preceding, start bool) error {
	sub, less := preceding, !start
	if r.Desc {
		sub, less = !sub, !less
	}
	in, err := r.inRange(offset, sub, less)
	if err != nil {
		return err
	}
	nulls := kernel.Valid(r.Key)
	isNull := func(row int32) bool { return nulls != nil && !nulls.Get(int(row)) }
	at, part := int32(0), int32(-1) // at: group the bound is at
	for g := range len(l.peers) - 1 {
		base := l.peers[g]
		if p := l.partOf[base]; p != part {
			part, at = p, int32(g)
		}
		end := l.parts[part+1]
		for l.peers[at] < end && !r.stops(in, l.peers[at], base, isNull(l.peers[at]), isNull(base), start) {
			at++
		}
		for i := base; i < l.peers[g+1]; i++ {
			dst[i] = l.peers[at]
		}
	}
	return nil
}

// stops tells whether a frame's start or end goes no further than row v.
func (r *RangeKeys) stops(in inRange, v, base int32, vNull, baseNull, start bool) bool {
	switch {
	case !vNull && !baseNull:
		return in(v, base) == start
	case start && r.NullsFirst:
		return !vNull || baseNull
	case start:
		return vNull || !baseNull
	case r.NullsFirst:
		return !vNull
	}
	return !baseNull
}

func (r *RangeKeys) inRange(offset arrow.Array, sub, less bool) (inRange, error) {
	t := r.Key.DataType()
	switch {
	case sqltype.IsInteger(t):
		return integerRange(integers(r.Key), offset.(*array.Int64).Value(0), sub, less), nil
	case sqltype.IsFloat(t):
		return floatRange(floats(r.Key), offset.(*array.Float64).Value(0), sub, less), nil
	case sqltype.IsNumeric(t):
		return numericRange(numerics(r.Key), offset.(*sqltype.NumericArray).Value(0), sub, less)
	case sqltype.Equal(t, sqltype.Time): // without going round the clock
		keys, add := kernel.Values[int64](r.Key), offset.(*array.MonthDayNanoInterval).Value(0).Nanoseconds/1000
		if sub {
			add = -add
		}
		return func(v, base int32) bool { return within(cmp.Compare(keys[v], keys[base]+add), less) }, nil
	}
	limits, err := r.Shift(r.Key, offset, sub)
	if err != nil {
		return nil, err
	}
	if k, ok := r.Key.(*array.MonthDayNanoInterval); ok {
		lim := limits.(*array.MonthDayNanoInterval)
		return func(v, base int32) bool {
			return within(spanOf(k.Value(int(v))).compare(spanOf(lim.Value(int(base)))), less)
		}, nil
	}
	keys, lim := micros(r.Key), micros(limits)
	return func(v, base int32) bool { return within(cmp.Compare(keys[v], lim[base]), less) }, nil
}

func within(order int, less bool) bool {
	if less {
		return order <= 0
	}
	return order >= 0
}

// integerRange takes sums beyond 64 bits for greater or less than any key.
func integerRange(keys []int64, offset int64, sub, less bool) inRange {
	return func(v, base int32) bool {
		b := keys[base]
		if sub {
			if b < math.MinInt64+offset {
				return !less
			}
			return within(cmp.Compare(keys[v], b-offset), less)
		}
		if b > math.MaxInt64-offset {
			return less
		}
		return within(cmp.Compare(keys[v], b+offset), less)
	}
}

func integers(a arrow.Array) []int64 {
	switch a.DataType().ID() {
	case arrow.INT16:
		return widened[int16](a)
	case arrow.INT32:
		return widened[int32](a)
	}
	return kernel.Values[int64](a)
}

func widened[T int16 | int32](a arrow.Array) []int64 {
	out := make([]int64, a.Len())
	for i, v := range kernel.Values[T](a) {
		out[i] = int64(v)
	}
	return out
}

// floatRange is in_range_float8_float8: NaN is greater than every number.
func floatRange(keys []float64, offset float64, sub, less bool) inRange {
	return func(v, base int32) bool {
		x, b := keys[v], keys[base]
		switch {
		case math.IsNaN(x):
			return math.IsNaN(b) || !less
		case math.IsNaN(b):
			return less
		case math.IsInf(offset, 1) && (sub && math.IsInf(b, 1) || !sub && math.IsInf(b, -1)):
			return true // the sum would be NaN
		}
		if sub {
			b -= offset
		} else {
			b += offset
		}
		if less {
			return x <= b
		}
		return x >= b
	}
}

func floats(a arrow.Array) []float64 {
	if a.DataType().ID() == arrow.FLOAT64 {
		return kernel.Values[float64](a)
	}
	out := make([]float64, a.Len())
	for i, v := range kernel.Values[float32](a) {
		out[i] = float64(v)
	}
	return out
}

// numericRange is in_range_numeric_numeric. Every sum is computed once.
func numericRange(keys []sqltype.Num, offset sqltype.Num, sub, less bool) (inRange, error) {
	sums := make([]sqltype.Num, len(keys))
	for i, k := range keys {
		if k.IsNaN() || k.IsInf() || offset.IsInf() {
			continue
		}
		var err error
		if sub {
			sums[i], err = k.Sub(offset)
		} else {
			sums[i], err = k.Add(offset)
		}
		if err != nil {
			return nil, err
		}
	}
	return func(v, base int32) bool {
		x, b := keys[v], keys[base]
		switch {
		case x.IsNaN():
			return b.IsNaN() || !less
		case b.IsNaN():
			return less
		case offset.IsInf() && b.IsInf() && (b.Sign() > 0) == sub:
			return true // the sum would be NaN
		case offset.IsInf() && sub:
			return !less || x.IsInf() && x.Sign() < 0
		case offset.IsInf():
			return less || x.IsInf() && x.Sign() > 0
		case x.IsInf() && b.IsInf() && x.Sign() == b.Sign():
			return true
		case x.IsInf():
			return (x.Sign() > 0) != less
		case b.IsInf():
			return (b.Sign() > 0) == less
		}
		return within(x.Cmp(sums[base]), less)
	}, nil
}

func numerics(a arrow.Array) []sqltype.Num {
	out := make([]sqltype.Num, a.Len())
	switch a := a.(type) {
	case *sqltype.NumericArray:
		for i := range out {
			if !a.IsNull(i) {
				out[i] = a.Value(i)
			}
		}
	case *array.Decimal128:
		scale := a.DataType().(*arrow.Decimal128Type).Scale
		for i := range out {
			out[i] = sqltype.NumFromDecimal128(a.Value(i), scale)
		}
	}
	return out
}

const microsPerDay = 24 * 60 * 60 * 1_000_000

// micros are timestamps, or the midnights of dates, in µs.
func micros(a arrow.Array) []int64 {
	if a.DataType().ID() != arrow.DATE32 {
		return kernel.Values[int64](a)
	}
	out := make([]int64, a.Len())
	for i, d := range kernel.Values[int32](a) {
		switch d {
		case math.MaxInt32:
			out[i] = math.MaxInt64
		case math.MinInt32:
			out[i] = math.MinInt64
		default:
			out[i] = int64(d) * microsPerDay
		}
	}
	return out
}

// intervalSpan is the length by which intervals compare: a month has 30 days.
type intervalSpan struct{ days, nanos int64 }

func spanOf(v arrow.MonthDayNanoInterval) intervalSpan {
	const nanosPerDay = microsPerDay * 1000
	s := intervalSpan{int64(v.Months)*30 + int64(v.Days) + v.Nanoseconds/nanosPerDay, v.Nanoseconds % nanosPerDay}
	if s.nanos < 0 {
		s.days, s.nanos = s.days-1, s.nanos+nanosPerDay
	}
	return s
}

func (s intervalSpan) compare(t intervalSpan) int {
	return cmp.Or(cmp.Compare(s.days, t.days), cmp.Compare(s.nanos, t.nanos))
}
