package builtin

import (
	"math"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// Dates are int32 days, timestamps int64 microseconds, both from 1970; a
// timestamptz is a moment in UTC, and is taken apart in the session's zone.

const (
	usPerSecond = sqltype.MicrosPerSecond
	usPerMinute = 60 * usPerSecond
	usPerHour   = 60 * usPerMinute
	usPerDay    = sqltype.MicrosPerDay

	firstDay       = -2440588 // 4714-11-24 BC
	lastDay        = 2145042905
	firstTimestamp = firstDay * usPerDay
)

func errTimestampRange() error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range")
}

func errDateRange() error { return sqlerr.New(sqlerr.DatetimeOverflow, "date out of range") }

func endless(us int64) bool { return us == math.MaxInt64 || us == math.MinInt64 }

func endlessDate(d int32) bool { return d == math.MaxInt32 || d == math.MinInt32 }

func checkTimestamp(us int64) (int64, error) {
	if us < firstTimestamp || us == math.MaxInt64 {
		return 0, errTimestampRange()
	}
	return us, nil
}

func checkDate(d int64) (int32, error) {
	if d < firstDay || d > lastDay {
		return 0, errDateRange()
	}
	return int32(d), nil
}

// civil is a timestamp taken apart. Year 0 is 1 BC; us is the time of day.
type civil struct {
	year       int64
	month, day int
	us         int64
}

func civilOf(us int64) civil {
	days := floorDiv(us, usPerDay)
	y, m, d := sqltype.CivilFromDays(days)
	return civil{y, m, d, us - days*usPerDay}
}

// timestamp is the inverse of civilOf; it fails when out of range.
func (c civil) timestamp() (int64, error) {
	days := sqltype.DaysFromCivil(c.year, c.month, c.day)
	if days < firstDay || days >= math.MaxInt64/usPerDay {
		return 0, errTimestampRange()
	}
	return checkTimestamp(days*usPerDay + c.us)
}

func (c civil) hour() int64   { return c.us / usPerHour }
func (c civil) minute() int64 { return c.us / usPerMinute % 60 }
func (c civil) second() int64 { return c.us / usPerSecond % 60 }
func (c civil) micros() int64 { return c.us % usPerSecond }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// dateToTimestamp is midnight of a day.
func dateToTimestamp(d int32) (int64, error) {
	switch {
	case d == math.MaxInt32:
		return math.MaxInt64, nil
	case d == math.MinInt32:
		return math.MinInt64, nil
	case int64(d) >= math.MaxInt64/usPerDay:
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "date out of range for timestamp")
	}
	return int64(d) * usPerDay, nil
}

// inZone makes a kernel that depends on the session's time zone.
func inZone(f func(loc *time.Location) batchFunc) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		return f(ctx.TimeZone)(ctx, args, n)
	}
}

// stable adds a strict overload whose result depends on the session.
func (b *registrar) stable(name string, params []arrow.DataType, returns arrow.DataType, f batchFunc) {
	b.scalar(udf.Scalar{Name: name, Params: params, Returns: returns, Volatility: udf.Stable, Batch: f})
}

func registerDatetime(b *registrar) {
	registerDatetimeArithmetic(b)
	registerDatetimeParts(b)
	registerDatetimeTrunc(b)
	registerDatetimeMake(b)
	registerAge(b)
	registerNow(b)
	registerTimeZone(b)
}
