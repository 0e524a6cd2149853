package builtin

import (
	"math"
	"time"

	"volley/sqlerr"
	"volley/sqltype"
)

func registerDatetimeArithmetic(b *registrar) {
	b.strict("+", types(tDate, tInt4), tDate, map2(tDate, addDays))
	b.strict("+", types(tInt4, tDate), tDate, map2(tDate, func(n, d int32) (int32, error) { return addDays(d, n) }))
	b.strict("-", types(tDate, tInt4), tDate, map2(tDate, subDays))
	b.strict("-", types(tDate, tDate), tInt4, map2(tInt4, subDates))
	b.strict("+", types(tDate, tTime), tTimestamp, map2(tTimestamp, addDateTime))
	b.strict("+", types(tTime, tDate), tTimestamp, map2(tTimestamp, func(t int64, d int32) (int64, error) { return addDateTime(d, t) }))
	b.strict("-", types(tTime, tTime), tInterval, pure2(tInterval, func(x, y int64) interval { return intervalOf(x - y) }))
	b.strict("-", types(tTimestamp, tTimestamp), tInterval, map2(tInterval, subTimestamps))
	b.strict("-", types(tTimestamptz, tTimestamptz), tInterval, map2(tInterval, subTimestamps))

	dateAdd := func(d int32, v interval) (int64, error) {
		us, err := dateToTimestamp(d)
		if err != nil {
			return us, err
		}
		return addInterval(us, v, nil)
	}
	withInterval := func(op string, apply func(interval) (interval, error)) {
		b.strict(op, types(tDate, tInterval), tTimestamp, map2(tTimestamp, func(d int32, v interval) (int64, error) {
			if endlessDate(d) {
				return dateToTimestamp(d)
			}
			v, err := apply(v)
			if err != nil {
				return 0, err
			}
			return dateAdd(d, v)
		}))
		b.strict(op, types(tTimestamp, tInterval), tTimestamp, map2(tTimestamp, func(us int64, v interval) (int64, error) {
			if endless(us) {
				return us, nil
			}
			v, err := apply(v)
			if err != nil {
				return 0, err
			}
			return addInterval(us, v, nil)
		}))
		b.stable(op, types(tTimestamptz, tInterval), tTimestamptz, inZone(func(loc *time.Location) batchFunc {
			return map2(tTimestamptz, func(us int64, v interval) (int64, error) {
				if endless(us) {
					return us, nil
				}
				v, err := apply(v)
				if err != nil {
					return 0, err
				}
				return addInterval(us, v, loc)
			})
		}))
		b.strict(op, types(tTime, tInterval), tTime, map2(tTime, func(t int64, v interval) (int64, error) {
			v, err := apply(interval{Nanoseconds: v.Nanoseconds})
			return addToTime(t, v), err
		}))
	}
	withInterval("+", func(v interval) (interval, error) { return v, nil })
	withInterval("-", negInterval)
	b.strict("+", types(tInterval, tDate), tTimestamp, map2(tTimestamp, func(v interval, d int32) (int64, error) { return dateAdd(d, v) }))
	b.strict("+", types(tInterval, tTimestamp), tTimestamp, map2(tTimestamp, func(v interval, us int64) (int64, error) { return addInterval(us, v, nil) }))
	b.stable("+", types(tInterval, tTimestamptz), tTimestamptz, inZone(func(loc *time.Location) batchFunc {
		return map2(tTimestamptz, func(v interval, us int64) (int64, error) { return addInterval(us, v, loc) })
	}))
	b.strict("+", types(tInterval, tTime), tTime, pure2(tTime, func(v interval, t int64) int64 { return addToTime(t, v) }))

	b.strict("+", types(tInterval, tInterval), tInterval, map2(tInterval, addIntervals))
	b.strict("-", types(tInterval, tInterval), tInterval, map2(tInterval, subIntervals))
	b.strict("-", types(tInterval), tInterval, map1(tInterval, negInterval))
	b.strict("*", types(tInterval, tFloat8), tInterval, map2(tInterval, mulInterval))
	b.strict("*", types(tFloat8, tInterval), tInterval, map2(tInterval, func(f float64, v interval) (interval, error) { return mulInterval(v, f) }))
	b.strict("/", types(tInterval, tFloat8), tInterval, map2(tInterval, divInterval))
}

func addDays(d, n int32) (int32, error) {
	if endlessDate(d) {
		return d, nil
	}
	return checkDate(int64(d) + int64(n))
}

func subDays(d, n int32) (int32, error) {
	if endlessDate(d) {
		return d, nil
	}
	return checkDate(int64(d) - int64(n))
}

func subDates(a, b int32) (int32, error) {
	if endlessDate(a) || endlessDate(b) {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "cannot subtract infinite dates")
	}
	return a - b, nil
}

func addDateTime(d int32, t int64) (int64, error) {
	us, err := dateToTimestamp(d)
	if err != nil || endless(us) {
		return us, err
	}
	return checkTimestamp(us + t)
}

// addToTime goes round the clock; months and days do not matter.
func addToTime(t int64, v interval) int64 {
	t = (t + v.Nanoseconds/1000) % usPerDay
	if t < 0 {
		t += usPerDay
	}
	return t
}

// intervalOf is microseconds as an interval without months and days.
func intervalOf(us int64) interval { return interval{Nanoseconds: us * 1000} }

func subTimestamps(a, b int64) (interval, error) {
	if endless(a) || endless(b) {
		return interval{}, sqlerr.New(sqlerr.DatetimeOverflow, "cannot subtract infinite timestamps")
	}
	d := a - b // wraps around, as it does in PostgreSQL
	return interval{Days: int32(d / usPerDay), Nanoseconds: d % usPerDay * 1000}, nil
}

// addInterval adds months, keeping to the end of shorter months, then days on
// the clock of loc, then time.
func addInterval(us int64, v interval, loc *time.Location) (int64, error) {
	if endless(us) {
		return us, nil
	}
	if v.Months != 0 || v.Days != 0 {
		local := sqltype.UTCToLocal(us, loc)
		c := civilOf(local)
		if v.Months != 0 {
			m := c.year*12 + int64(c.month-1) + int64(v.Months)
			c.year, c.month = floorDiv(m, 12), int(m-floorDiv(m, 12)*12)+1
			c.day = min(c.day, sqltype.DaysInMonth(c.year, c.month))
		}
		days := sqltype.DaysFromCivil(c.year, c.month, c.day) + int64(v.Days)
		if days < firstDay || days >= math.MaxInt64/usPerDay {
			return 0, errTimestampRange()
		}
		us = sqltype.LocalToUTC(days*usPerDay+c.us, loc)
	}
	add := v.Nanoseconds / 1000
	r := us + add
	if (us^r)&(add^r) < 0 {
		return 0, errTimestampRange()
	}
	return checkTimestamp(r)
}
