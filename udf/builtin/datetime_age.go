package builtin

import (
	"math"
	"time"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"

	"github.com/apache/arrow/go/v15/arrow"
)

func registerAge(b *registrar) {
	b.strict("age", types(tTimestamp, tTimestamp), tInterval, map2(tInterval, age))
	b.stable("age", types(tTimestamptz, tTimestamptz), tInterval, inZone(func(loc *time.Location) batchFunc {
		return map2(tInterval, func(x, y int64) (interval, error) { return ageIn(x, y, loc) })
	}))
	since := func(zoned bool) batchFunc {
		return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			today := floorDiv(sqltype.UTCToLocal(ctx.Now.UnixMicro(), ctx.TimeZone), usPerDay) * usPerDay
			return map1(tInterval, func(us int64) (interval, error) {
				if zoned && !endless(us) {
					us = sqltype.UTCToLocal(us, ctx.TimeZone)
				}
				return age(today, us)
			})(ctx, args, n)
		}
	}
	b.stable("age", types(tTimestamp), tInterval, since(false))
	b.stable("age", types(tTimestamptz), tInterval, since(true))
}

func ageIn(x, y int64, loc *time.Location) (interval, error) {
	if endless(x) || endless(y) {
		return age(x, y)
	}
	return age(sqltype.UTCToLocal(x, loc), sqltype.UTCToLocal(y, loc))
}

// age is x − y in years, months and days, as PostgreSQL's timestamp_age: borrowed
// days are those of the earlier month.
func age(x, y int64) (interval, error) {
	if x == math.MinInt64 || y == math.MinInt64 {
		return interval{}, sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range")
	}
	sign := int64(1)
	early, late := civilOrEnd(y), civilOrEnd(x)
	if x < y {
		early, late, sign = late, early, -1
	}
	us := late.us - early.us
	days := int64(late.day - early.day)
	months := (late.year-early.year)*12 + int64(late.month-early.month)
	if us < 0 {
		us, days = us+usPerDay, days-1
	}
	// PostgreSQL takes the length of the first argument's month when it is the
	// earlier one, else that of the second's: the earlier one's, in both cases.
	for days < 0 {
		days += int64(sqltype.DaysInMonth(early.year, early.month))
		months--
	}
	return interval{Months: int32(sign * months), Days: int32(sign * days), Nanoseconds: sign * us * 1000}, nil
}

// civilOrEnd is civilOf, and for infinity what the largest number of microseconds
// since 2000 is, by which PostgreSQL writes it.
func civilOrEnd(us int64) civil {
	if us == math.MaxInt64 {
		return civil{294277, 1, 9, 4*3_600_000_000 + 54_775_807}
	}
	return civilOf(us)
}
