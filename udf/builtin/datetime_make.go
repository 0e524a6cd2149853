package builtin

import (
	"math"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

func registerDatetimeMake(b *registrar) {
	b.strict("make_date", types(tInt4, tInt4, tInt4), tDate, map3(tDate, makeDate))
	b.strict("make_time", types(tInt4, tInt4, tFloat8), tTime, map3(tTime, makeTime))
	params := types(tInt4, tInt4, tInt4, tInt4, tInt4, tFloat8)
	b.strict("make_timestamp", params, tTimestamp, makeTimestamps(tTimestamp, nil))
	b.stable("make_timestamptz", params, tTimestamptz, inZone(func(loc *time.Location) batchFunc { return makeTimestamps(tTimestamptz, loc) }))
	b.stable("make_timestamptz", append(params[:len(params):len(params)], tText), tTimestamptz, makeTimestampsIn)
	for k := 0; k <= 7; k++ {
		p := types(tInt4, tInt4, tInt4, tInt4, tInt4, tInt4, tFloat8)[:k]
		b.scalar(udf.Scalar{Name: "make_interval", Params: p, Returns: tInterval, Batch: makeIntervals})
	}
	b.strict("justify_days", types(tInterval), tInterval, map1(tInterval, justifyDays))
	b.strict("justify_hours", types(tInterval), tInterval, map1(tInterval, justifyHours))
	b.strict("justify_interval", types(tInterval), tInterval, map1(tInterval, justifyInterval))
	b.strict("isfinite", types(tDate), tBool, pure1(tBool, func(d int32) bool { return !endlessDate(d) }))
	b.strict("isfinite", types(tTimestamp), tBool, pure1(tBool, func(us int64) bool { return !endless(us) }))
	b.strict("isfinite", types(tTimestamptz), tBool, pure1(tBool, func(us int64) bool { return !endless(us) }))
	b.strict("isfinite", types(tInterval), tBool, pure1(tBool, func(interval) bool { return true }))
	b.strict("to_timestamp", types(tFloat8), tTimestamptz, map1(tTimestamptz, fromEpoch))
}

func makeDate(year, month, day int32) (int32, error) {
	y := int64(year)
	if year < 0 { // −1 is 1 BC
		y++
	}
	if year == 0 || month < 1 || month > 12 || day < 1 || int(day) > sqltype.DaysInMonth(y, int(month)) {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "date field value out of range: %d-%02d-%02d", year, month, day)
	}
	d := sqltype.DaysFromCivil(y, int(month), int(day))
	if d < firstDay || d > lastDay {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "date out of range: %d-%02d-%02d", year, month, day)
	}
	return int32(d), nil
}

func makeTime(hour, minute int32, sec float64) (int64, error) {
	us := int64(math.RoundToEven(sec * usPerSecond))
	total := int64(hour)*usPerHour + int64(minute)*usPerMinute + us
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 || !(us >= 0 && sec <= 60) || total > usPerDay {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "time field value out of range: %d:%02d:%s", hour, minute, string(twoDigits(sec)))
	}
	return total, nil
}

// twoDigits is sec as C's %02g prints it.
func twoDigits(sec float64) []byte {
	s := sqltype.AppendFloat64(nil, sec)
	if len(s) == 1 {
		s = append([]byte{'0'}, s...)
	}
	return s
}

func makeTimestamps(t arrow.DataType, loc *time.Location) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		var in [5]vector.Column[int32]
		for i := range in {
			in[i] = load[int32](args[i])
		}
		sec := load[float64](args[5])
		v, out := valid(args, n), make([]int64, n)
		for i := range out {
			if !v.Valid(i) {
				continue
			}
			d, err := makeDate(in[0].At(i), in[1].At(i), in[2].At(i))
			var tod int64
			if err == nil {
				tod, err = makeTime(in[3].At(i), in[4].At(i), sec.At(i))
			}
			if err == nil {
				out[i], err = addDateTime(d, tod)
			}
			if err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			out[i] = sqltype.LocalToUTC(out[i], loc)
		}
		return vector.FromFixed(t, out, v), nil
	}
}

// makeTimestampsIn takes a time zone in which the other arguments are told.
func makeTimestampsIn(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	wall, err := makeTimestamps(tTimestamp, nil)(ctx, args[:6], n)
	if err != nil {
		return nil, err
	}
	var zs zones
	return map2(tTimestamptz, func(us int64, name string) (int64, error) {
		zone, err := zs.readOffset(name)
		if err != nil {
			return 0, err
		}
		return checkTimestamp(zone.toUTC(us))
	})(ctx, []udf.Arg{{Array: wall}, args[6]}, n)
}

// makeIntervals takes any number of years, months, weeks, days, hours, minutes
// and seconds; those left out are 0.
func makeIntervals(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	var in [6]vector.Column[int32]
	for i := range in {
		in[i] = vector.NewColumn([]int32{0}, true)
		if i < len(args) {
			in[i] = load[int32](args[i])
		}
	}
	secs := vector.NewColumn([]float64{0}, true)
	if len(args) == 7 {
		secs = load[float64](args[6])
	}
	v, out := valid(args, n), make([]interval, n)
	for i := range out {
		if !v.Valid(i) {
			continue
		}
		months := int64(in[0].At(i))*12 + int64(in[1].At(i))
		days := int64(in[2].At(i))*7 + int64(in[3].At(i))
		micros := float64(int64(in[4].At(i))*usPerHour+int64(in[5].At(i))*usPerMinute) + math.RoundToEven(secs.At(i)*usPerSecond)
		if !inInt32(float64(months)) || !inInt32(float64(days)) || !(math.Abs(micros) < math.MaxInt64/1000) {
			return nil, &udf.RowError{Row: i, Err: errIntervalRange()}
		}
		out[i] = interval{Months: int32(months), Days: int32(days), Nanoseconds: int64(micros) * 1000}
	}
	return vector.FromFixed(tInterval, out, v), nil
}

func fromEpoch(sec float64) (int64, error) {
	switch {
	case sec != sec:
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "timestamp cannot be NaN")
	case isInf(sec) && sec > 0:
		return math.MaxInt64, nil
	case isInf(sec):
		return math.MinInt64, nil
	}
	if sec < firstDay*86400 || sec >= math.MaxInt64/usPerSecond {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range: \"%g\"", sec)
	}
	const millennium = 10957 * 86400 // PostgreSQL counts from 2000, which decides how it rounds
	return checkTimestamp(int64(math.RoundToEven((sec-millennium)*usPerSecond)) + millennium*usPerSecond)
}

const monthDays = 30

func carry(small, size int64, big int32) (int64, int32, error) {
	total := int64(big) + small/size
	if int64(int32(total)) != total {
		return 0, 0, errIntervalRange()
	}
	return small % size, int32(total), nil
}

func justifyDays(v interval) (interval, error) {
	d, m, err := carry(int64(v.Days), monthDays, v.Months)
	if err != nil {
		return v, err
	}
	return signMonths(interval{Months: m, Days: int32(d), Nanoseconds: v.Nanoseconds}), nil
}

// signMonths gives months and days one sign.
func signMonths(v interval) interval {
	switch {
	case v.Months > 0 && v.Days < 0:
		v.Months, v.Days = v.Months-1, v.Days+monthDays
	case v.Months < 0 && v.Days > 0:
		v.Months, v.Days = v.Months+1, v.Days-monthDays
	}
	return v
}

func justifyHours(v interval) (interval, error) {
	ns, d, err := carry(v.Nanoseconds, nanosPerDay, v.Days)
	if err != nil {
		return v, err
	}
	switch {
	case d > 0 && ns < 0:
		d, ns = d-1, ns+nanosPerDay
	case d < 0 && ns > 0:
		d, ns = d+1, ns-nanosPerDay
	}
	return interval{Months: v.Months, Days: d, Nanoseconds: ns}, nil
}

func justifyInterval(v interval) (interval, error) {
	ns, d, err := carry(v.Nanoseconds, nanosPerDay, v.Days)
	if err != nil {
		return v, err
	}
	days, m, err := carry(int64(d), monthDays, v.Months)
	if err != nil {
		return v, err
	}
	r := interval{Months: m, Days: int32(days), Nanoseconds: ns}
	switch {
	case r.Months > 0 && (r.Days < 0 || r.Days == 0 && r.Nanoseconds < 0):
		r.Months, r.Days = r.Months-1, r.Days+monthDays
	case r.Months < 0 && (r.Days > 0 || r.Days == 0 && r.Nanoseconds > 0):
		r.Months, r.Days = r.Months+1, r.Days-monthDays
	}
	switch {
	case r.Days > 0 && r.Nanoseconds < 0:
		r.Days, r.Nanoseconds = r.Days-1, r.Nanoseconds+nanosPerDay
	case r.Days < 0 && r.Nanoseconds > 0:
		r.Days, r.Nanoseconds = r.Days+1, r.Nanoseconds-nanosPerDay
	}
	return r, nil
}
