package builtin

import (
	"context"
	"io"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

func registerSeries(b *registrar) {
	add := func(open func(*udf.Context, []udf.Arg, []arrow.Field, int) (udf.TableRows, error), params ...arrow.DataType) {
		b.table(udf.Table{
			Name: "generate_series", Params: params, Returns: scalarResult(params[0]), Rows: 1000,
			Doc: "the values from start to stop by a step", Open: open,
		})
	}
	add(openIntegerSeries[int32], tInt4, tInt4)
	add(openIntegerSeries[int32], tInt4, tInt4, tInt4)
	add(openIntegerSeries[int64], tInt8, tInt8)
	add(openIntegerSeries[int64], tInt8, tInt8, tInt8)
	add(openNumericSeries, tNumeric, tNumeric)
	add(openNumericSeries, tNumeric, tNumeric, tNumeric)
	add(openTimestampSeries, tTimestamp, tTimestamp, tInterval)
	add(openTimestampSeries, tTimestamptz, tTimestamptz, tInterval)
}

func zeroStep() error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "step size cannot equal zero")
}

// integerSeries counts from start to stop in each call.
type integerSeries[T int32 | int64] struct {
	t                 arrow.DataType
	start, stop, step []T // start moves on
	call              int
}

func newIntegerSeries[T int32 | int64](t arrow.DataType, n int) *integerSeries[T] {
	return &integerSeries[T]{t: t, start: make([]T, n), stop: make([]T, n), step: make([]T, n)}
}

func openIntegerSeries[T int32 | int64](_ *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
	s := newIntegerSeries[T](columns[0].Type, n)
	start, stop := load[T](args[0]), load[T](args[1])
	for i := range n {
		s.start[i], s.stop[i], s.step[i] = start.At(i), stop.At(i), 1
		if len(args) > 2 {
			if s.step[i] = load[T](args[2]).At(i); s.step[i] == 0 {
				return nil, &udf.RowError{Row: i, Err: zeroStep()}
			}
		}
	}
	return s, nil
}

func (s *integerSeries[T]) Next(ctx context.Context, limit int) (udf.TableBatch, error) {
	if err := ctx.Err(); err != nil {
		return udf.TableBatch{}, err
	}
	out, calls := make([]T, 0, min(limit, s.atMost(limit))), []int32(nil)
	for s.call < len(s.start) && len(out) < limit {
		before := len(out)
		done := false
		out, done = s.count(out, limit)
		for range len(out) - before {
			calls = append(calls, int32(s.call))
		}
		if done {
			s.call++
		}
	}
	if len(out) == 0 {
		return udf.TableBatch{}, io.EOF
	}
	return udf.TableBatch{Calls: calls, Columns: []arrow.Array{vector.FromFixed(s.t, out, vector.Validity{})}}, nil
}

// atMost is a bound of the rows still to come, for small series.
func (s *integerSeries[T]) atMost(limit int) int {
	if len(s.start)-s.call > 1 || s.call >= len(s.start) {
		return limit
	}
	rows := (float64(s.stop[s.call])-float64(s.start[s.call]))/float64(s.step[s.call]) + 1
	return int(max(0, min(rows, float64(limit))))
}

// count appends values of the call at hand until there are limit, and tells
// whether that was all of them.
func (s *integerSeries[T]) count(out []T, limit int) ([]T, bool) {
	v, stop, step := s.start[s.call], s.stop[s.call], s.step[s.call]
	for len(out) < limit {
		if step > 0 && v > stop || step < 0 && v < stop {
			return out, true
		}
		out = append(out, v)
		next := v + step
		if (next > v) != (step > 0) { // past the type's range
			s.start[s.call], s.stop[s.call], s.step[s.call] = 1, 0, 1
			return out, true
		}
		v = next
	}
	s.start[s.call] = v
	return out, false
}

// valueSeries is a series of values that are computed one after the other.
type valueSeries[T any] struct {
	t    arrow.DataType
	n    int
	call int
	open bool // value is that of the call at hand
	at   T
	// first, next and past are of one call: its first value, the one after v,
	// and whether v is behind its end.
	first func(call int) (T, error)
	next  func(call int, v T) (T, error)
	past  func(call int, v T) bool
}

func (s *valueSeries[T]) Next(ctx context.Context, limit int) (udf.TableBatch, error) {
	if err := ctx.Err(); err != nil {
		return udf.TableBatch{}, err
	}
	var out []T
	var calls []int32
	for s.call < s.n && len(out) < limit {
		var err error
		if !s.open {
			s.at, err = s.first(s.call)
			s.open = true
		}
		if err != nil {
			return udf.TableBatch{}, &udf.RowError{Row: s.call, Err: err}
		}
		if s.past(s.call, s.at) {
			s.open = false
			s.call++
			continue
		}
		out, calls = append(out, s.at), append(calls, int32(s.call))
		if s.at, err = s.next(s.call, s.at); err != nil {
			return udf.TableBatch{}, &udf.RowError{Row: s.call, Err: err}
		}
	}
	if len(out) == 0 {
		return udf.TableBatch{}, io.EOF
	}
	a, err := store(s.t, out, vector.Validity{})
	return udf.TableBatch{Calls: calls, Columns: []arrow.Array{a}}, err
}

func openNumericSeries(_ *udf.Context, args []udf.Arg, _ []arrow.Field, n int) (udf.TableRows, error) {
	start, stop := load[sqltype.Num](args[0]), load[sqltype.Num](args[1])
	step := vector.NewColumn([]sqltype.Num{sqltype.NumFromInt64(1)}, true)
	names := [...]string{"start value", "stop value", "step size"}
	if len(args) > 2 {
		step = load[sqltype.Num](args[2])
	}
	for i := range n {
		for k, v := range []sqltype.Num{start.At(i), stop.At(i), step.At(i)} {
			switch {
			case v.IsNaN():
				return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.InvalidParameterValue, "%s cannot be NaN", names[k])}
			case v.IsInf():
				return nil, &udf.RowError{Row: i, Err: sqlerr.New(sqlerr.InvalidParameterValue, "%s cannot be infinity", names[k])}
			}
		}
		if step.At(i).Sign() == 0 {
			return nil, &udf.RowError{Row: i, Err: zeroStep()}
		}
	}
	return &valueSeries[sqltype.Num]{
		t: tNumeric, n: n,
		first: func(c int) (sqltype.Num, error) { return start.At(c), nil },
		next:  func(c int, v sqltype.Num) (sqltype.Num, error) { return v.AddWide(step.At(c)), nil },
		past: func(c int, v sqltype.Num) bool {
			return v.Cmp(stop.At(c))*step.At(c).Sign() > 0
		},
	}, nil
}

// openTimestampSeries adds the step as + does, in the session's time zone for
// timestamptz.
func openTimestampSeries(ctx *udf.Context, args []udf.Arg, columns []arrow.Field, n int) (udf.TableRows, error) {
	start, stop, step := load[int64](args[0]), load[int64](args[1]), load[arrow.MonthDayNanoInterval](args[2])
	zero := arrow.MonthDayNanoInterval{}
	for i := range n {
		if compareInterval(step.At(i), zero) == 0 {
			return nil, &udf.RowError{Row: i, Err: zeroStep()}
		}
	}
	var zone *time.Location // nil: by the calendar, not by the clock
	if sqltype.IsTimestampTZ(columns[0].Type) {
		zone = ctx.TimeZone
	}
	return &valueSeries[int64]{
		t: columns[0].Type, n: n,
		first: func(c int) (int64, error) { return start.At(c), nil },
		next:  func(c int, v int64) (int64, error) { return addInterval(v, step.At(c), zone) },
		past: func(c int, v int64) bool {
			if compareInterval(step.At(c), zero) > 0 {
				return v > stop.At(c)
			}
			return v < stop.At(c)
		},
	}, nil
}
