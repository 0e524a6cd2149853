package builtin

import (
	"math"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

const (
	nameTimestamp   = "timestamp without time zone"
	nameTimestamptz = "timestamp with time zone"
)

// part is value·10^−scale, and for Julian days the time of the last day too;
// none when the field of an infinity is NULL, inf ±1 when it is infinite.
type part struct {
	value  int64
	scale  int32
	julian bool
	time   int64 // microseconds
	epoch  bool  // value is seconds, to which micros are added
	micros int64
	none   bool
	inf    int
}

func whole(v int64) part { return part{value: v} }

func (p part) float() float64 {
	if p.inf != 0 {
		return math.Inf(p.inf)
	}
	return float64(p.micros)/usPerSecond + float64(p.value)/math.Pow10(int(p.scale)) + float64(p.time)/usPerDay
}

func (p part) num() num {
	if p.inf != 0 {
		return sqltype.Inf(p.inf)
	}
	n := sqltype.NumFromDecimal128(decimal128.FromI64(p.value), p.scale)
	switch {
	case p.epoch:
		n, _ = n.Add(sqltype.NumFromDecimal128(decimal128.FromI64(p.micros), 6)) // neither fails
		return n
	case !p.julian:
		return n
	}
	day, _ := sqltype.NumFromInt64(p.time).Div(sqltype.NumFromInt64(usPerDay)) // neither can fail
	n, _ = n.Add(day)
	return n
}

// registerDatetimeParts adds date_part, which is double precision, and extract,
// which is numeric.
func registerDatetimeParts(b *registrar) {
	inUTC := func(f func(u unit, name string, v int64, loc *time.Location) (part, error)) func(ctx *udf.Context) func(u unit, name string, v int64) (part, error) {
		return func(ctx *udf.Context) func(u unit, name string, v int64) (part, error) {
			return func(u unit, name string, v int64) (part, error) { return f(u, name, v, ctx.TimeZone) }
		}
	}
	registerPart(b, tTimestamp, false, inUTC(func(u unit, name string, v int64, _ *time.Location) (part, error) {
		return timestampPart(u, name, v, nil, false)
	}))
	registerPart(b, tTimestamptz, true, inUTC(func(u unit, name string, v int64, loc *time.Location) (part, error) {
		return timestampPart(u, name, v, loc, true)
	}))
	registerPart(b, tTime, false, inUTC(func(u unit, name string, v int64, _ *time.Location) (part, error) { return timePart(u, name, v) }))
	registerPart(b, tInterval, false, func(*udf.Context) func(unit, string, interval) (part, error) { return intervalPart })
	b.strict("extract", types(tText, tDate), tNumeric, extractKernel(func(*udf.Context) func(unit, string, int32) (part, error) { return datePart }, true))
	b.strict("date_part", types(tText, tDate), tFloat8, extractKernel(func(*udf.Context) func(unit, string, int32) (part, error) {
		return func(u unit, name string, d int32) (part, error) {
			us, err := dateToTimestamp(d)
			if err != nil {
				return part{}, err
			}
			return timestampPart(u, name, us, nil, false)
		}
	}, false))
}

func registerPart[T any](b *registrar, t arrow.DataType, stable bool, f func(*udf.Context) func(unit, string, T) (part, error)) {
	v := udf.Immutable
	if stable {
		v = udf.Stable
	}
	b.scalar(udf.Scalar{Name: "date_part", Params: types(tText, t), Returns: tFloat8, Volatility: v, Batch: extractKernel(f, false)})
	b.scalar(udf.Scalar{Name: "extract", Params: types(tText, t), Returns: tNumeric, Volatility: v, Batch: extractKernel(f, true)})
}

func extractKernel[T any](f func(*udf.Context) func(unit, string, T) (part, error), numeric bool) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		names, vals := load[string](args[0]), load[T](args[1])
		v := valid(args, n).Clone()
		var us units
		get := f(ctx)
		var w *textWriter
		var floats []float64
		if numeric {
			w = newTextWriter(nil, n)
		} else {
			floats = make([]float64, n)
		}
		for i := range n {
			if v.Valid(i) {
				p, err := get(us.read(names.At(i)), names.At(i), vals.At(i))
				switch {
				case err != nil:
					return nil, &udf.RowError{Row: i, Err: err}
				case p.none:
					v.SetNull(i, n)
				case numeric:
					w.data = sqltype.AppendNum(w.data, p.num())
				default:
					floats[i] = p.float()
				}
			}
			if numeric {
				if err := w.endRow(); err != nil {
					return nil, err
				}
			}
		}
		if numeric {
			return w.array(tNumeric, v), nil
		}
		return vector.FromFixed(tFloat8, floats, v), nil
	}
}

// endlessPart is a field of an infinite date or timestamp: what grows without
// end is infinite, the rest NULL.
func endlessPart(u unit, name, typ string, positive bool) (part, error) {
	sign := 1
	if !positive {
		sign = -1
	}
	switch u {
	case unitYear, unitDecade, unitCentury, unitMillennium, unitJulian, unitISOYear, unitEpoch:
		return part{inf: sign}, nil
	case noUnit:
		return part{}, errUnitUnknown(name, typ)
	}
	return part{none: true}, nil
}

func timestampPart(u unit, name string, us int64, loc *time.Location, zoned bool) (part, error) {
	typ := nameTimestamp
	if zoned {
		typ = nameTimestamptz
	}
	if endless(us) {
		return endlessPart(u, name, typ, us > 0)
	}
	if u == unitEpoch {
		return part{value: us, scale: 6}, nil
	}
	local := sqltype.UTCToLocal(us, loc)
	c := civilOf(local)
	switch u {
	case unitMicrosecond, unitMillisecond, unitSecond, unitMinute, unitHour:
		return clockPart(u, c.us), nil
	case unitJulian:
		return julianPart(local), nil
	case unitTimezone, unitTimezoneHour, unitTimezoneMinute:
		if !zoned {
			return part{}, errUnitUnsupported(name, typ)
		}
		off := (local - us) / usPerSecond
		switch u {
		case unitTimezoneHour:
			return whole(off / 3600), nil
		case unitTimezoneMinute:
			return whole(off / 60 % 60), nil
		}
		return whole(off), nil
	case noUnit:
		return part{}, errUnitUnknown(name, typ)
	}
	return calendarPart(u, c), nil
}

// clockPart is a field of a time of day, in microseconds.
func clockPart(u unit, us int64) part {
	switch u {
	case unitMicrosecond:
		return whole(us % usPerMinute)
	case unitMillisecond:
		return part{value: us % usPerMinute, scale: 3}
	case unitSecond:
		return part{value: us % usPerMinute, scale: 6}
	case unitMinute:
		return whole(us / usPerMinute % 60)
	}
	return whole(us / usPerHour)
}

// julianPart is Julian days with the fraction of the day.
func julianPart(local int64) part {
	days := floorDiv(local, usPerDay)
	return part{value: days - firstDay, time: local - days*usPerDay, julian: true}
}

// calendarPart is a field of a date.
func calendarPart(u unit, c civil) part {
	days := sqltype.DaysFromCivil(c.year, c.month, c.day)
	shown := c.year // 1 BC is −1
	if shown <= 0 {
		shown--
	}
	switch u {
	case unitDay:
		return whole(int64(c.day))
	case unitMonth:
		return whole(int64(c.month))
	case unitQuarter:
		return whole(int64(c.month-1)/3 + 1)
	case unitYear:
		return whole(shown)
	case unitDecade:
		return whole(floorDiv(c.year, 10))
	case unitCentury:
		return whole(period(c.year, 100))
	case unitMillennium:
		return whole(period(c.year, 1000))
	case unitWeek:
		_, w := isoWeek(days)
		return whole(w)
	case unitISOYear:
		y, _ := isoWeek(days)
		if y <= 0 {
			y--
		}
		return whole(y)
	case unitDOW:
		return whole(weekday(days))
	case unitISODOW:
		return whole((weekday(days)+6)%7 + 1)
	}
	return whole(days - sqltype.DaysFromCivil(c.year, 1, 1) + 1) // unitDOY
}

// period is the century or millennium: the first begins in year 1, the one
// before is −1.
func period(year, length int64) int64 {
	if year > 0 {
		return (year + length - 1) / length
	}
	return -((length - 1 - (year - 1)) / length)
}

// weekday is 0 for Sunday.
func weekday(days int64) int64 { return days + 4 - floorDiv(days+4, 7)*7 }

// isoWeek is the ISO 8601 year and week of a day.
func isoWeek(days int64) (year, week int64) {
	thursday := days - (weekday(days)+6)%7 + 3
	year, _, _ = sqltype.CivilFromDays(thursday)
	return year, (thursday-sqltype.DaysFromCivil(year, 1, 1))/7 + 1
}

func datePart(u unit, name string, d int32) (part, error) {
	switch u {
	case unitMicrosecond, unitMillisecond, unitSecond, unitMinute, unitHour, unitTimezone, unitTimezoneHour, unitTimezoneMinute:
		return part{}, errUnitUnsupported(name, "date")
	}
	if endlessDate(d) {
		return endlessPart(u, name, "date", d > 0)
	}
	switch u {
	case noUnit:
		return part{}, errUnitUnknown(name, "date")
	case unitEpoch:
		return whole(int64(d) * 86400), nil
	case unitJulian:
		return whole(int64(d) - firstDay), nil
	}
	year, month, day := sqltype.CivilFromDays(int64(d))
	return calendarPart(u, civil{year: year, month: month, day: day}), nil
}

func timePart(u unit, name string, t int64) (part, error) {
	const typ = "time without time zone"
	switch u {
	case noUnit:
		return part{}, errUnitUnknown(name, typ)
	case unitEpoch:
		return part{value: t, scale: 6}, nil
	case unitMicrosecond, unitMillisecond, unitSecond, unitMinute, unitHour:
		return clockPart(u, t), nil
	}
	return part{}, errUnitUnsupported(name, typ)
}

func intervalPart(u unit, name string, v interval) (part, error) {
	us, months := v.Nanoseconds/1000, int64(v.Months)
	switch u {
	case unitMicrosecond, unitMillisecond, unitSecond, unitMinute, unitHour:
		return clockPart(u, us), nil
	case unitDay:
		return whole(int64(v.Days)), nil
	case unitMonth:
		return whole(months % 12), nil
	case unitQuarter:
		return whole(months%12/3 + 1), nil
	case unitYear:
		return whole(months / 12), nil
	case unitDecade:
		return whole(months / 120), nil
	case unitCentury:
		return whole(months / 1200), nil
	case unitMillennium:
		return whole(months / 12000), nil
	case unitEpoch: // a year of 365.25 days, a month of 30
		days := months/12*36525*864 + (months%12*30+int64(v.Days))*86400
		return part{value: days, micros: us, epoch: true}, nil
	case noUnit:
		return part{}, errUnitUnknown(name, "interval")
	}
	return part{}, errUnitUnsupported(name, "interval")
}
