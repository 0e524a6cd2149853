package builtin

import (
	"math"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

func registerDatetimeTrunc(b *registrar) {
	b.strict("date_trunc", types(tText, tTimestamp), tTimestamp, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		if step := constantStep(args[0]); step > 0 {
			return truncClock(args[1], step, n), nil
		}
		var us units
		return map2(tTimestamp, func(name string, t int64) (int64, error) {
			return truncTimestamp(us.read(name), name, t, nameTimestamp)
		})(ctx, args, n)
	})
	b.stable("date_trunc", types(tText, tTimestamptz), tTimestamptz, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		var us units
		return map2(tTimestamptz, func(name string, t int64) (int64, error) {
			return truncInZone(us.read(name), name, t, ctx.TimeZone)
		})(ctx, args, n)
	})
	b.strict("date_trunc", types(tText, tTimestamptz, tText), tTimestamptz, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		var us units
		var zs zones
		return map3(tTimestamptz, func(name string, t int64, zone string) (int64, error) {
			z, err := zs.read(zone)
			if err != nil {
				return 0, err
			}
			return truncInZone(us.read(name), name, t, z.loc)
		})(ctx, args, n)
	})
	b.strict("date_trunc", types(tText, tInterval), tInterval, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		var us units
		return map2(tInterval, func(name string, v interval) (interval, error) {
			return truncInterval(us.read(name), name, v)
		})(ctx, args, n)
	})
	bin := func(stride interval, t, origin int64) (int64, error) { return dateBin(stride, t, origin) }
	b.strict("date_bin", types(tInterval, tTimestamp, tTimestamp), tTimestamp, map3(tTimestamp, bin))
	b.strict("date_bin", types(tInterval, tTimestamptz, tTimestamptz), tTimestamptz, map3(tTimestamptz, bin))
}

// clockStep is the length of a unit below the day, 0 for others.
func clockStep(u unit) int64 {
	switch u {
	case unitMicrosecond:
		return 1
	case unitMillisecond:
		return 1000
	case unitSecond:
		return usPerSecond
	case unitMinute:
		return usPerMinute
	case unitHour:
		return usPerHour
	}
	return 0
}

func truncTimestamp(u unit, name string, us int64, typ string) (int64, error) {
	if endless(us) {
		return us, nil
	}
	if step := clockStep(u); step > 0 {
		return floorDiv(us, step) * step, nil
	}
	day := floorDiv(us, usPerDay)
	switch u {
	case unitDay:
		return day * usPerDay, nil
	case unitWeek:
		return checkTimestamp((day - (weekday(day)+6)%7) * usPerDay)
	}
	c := civilOf(us)
	c.day, c.us = 1, 0
	switch u {
	case unitMonth:
	case unitQuarter:
		c.month = (c.month-1)/3*3 + 1
	case unitYear:
		c.month = 1
	case unitDecade:
		c.month, c.year = 1, floorDiv(c.year, 10)*10
	case unitCentury:
		c.month, c.year = 1, floorDiv(c.year-1, 100)*100+1
	case unitMillennium:
		c.month, c.year = 1, floorDiv(c.year-1, 1000)*1000+1
	case unitTimezone, unitTimezoneHour, unitTimezoneMinute:
		return 0, errUnitUnsupported(name, typ)
	default:
		return 0, errUnitUnknown(name, typ)
	}
	return c.timestamp()
}

// truncInZone cuts the clock of loc. Units below the day keep the offset.
func truncInZone(u unit, name string, us int64, loc *time.Location) (int64, error) {
	if endless(us) {
		return truncTimestamp(u, name, us, nameTimestamptz)
	}
	local := sqltype.UTCToLocal(us, loc)
	t, err := truncTimestamp(u, name, local, nameTimestamptz)
	if err != nil {
		return 0, err
	}
	if clockStep(u) > 0 {
		return us - (local - t), nil
	}
	return checkTimestamp(sqltype.LocalToUTC(t, loc))
}

func truncInterval(u unit, name string, v interval) (interval, error) {
	if step := clockStep(u); step > 0 {
		v.Nanoseconds -= v.Nanoseconds % (step * 1000)
		return v, nil
	}
	months := int32(0)
	switch u {
	case unitDay:
		return interval{Months: v.Months, Days: v.Days}, nil
	case unitMonth:
		months = 1
	case unitQuarter:
		months = 3
	case unitYear:
		months = 12
	case unitDecade:
		months = 120
	case unitCentury:
		months = 1200
	case unitMillennium:
		months = 12000
	case unitWeek:
		return v, sqlerr.Find(errUnitUnsupported(name, "interval")).WithDetail("Months usually have fractional weeks.")
	case unitTimezone, unitTimezoneHour, unitTimezoneMinute:
		return v, errUnitUnsupported(name, "interval")
	default:
		return v, errUnitUnknown(name, "interval")
	}
	return interval{Months: v.Months - v.Months%months}, nil
}

func dateBin(stride interval, us, origin int64) (int64, error) {
	switch {
	case endless(us):
		return us, nil
	case endless(origin):
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "origin out of range")
	case stride.Months != 0:
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years")
	}
	const mostDays = math.MaxInt64 / usPerDay
	diff, add := us-origin, stride.Nanoseconds/1000
	step := int64(stride.Days)*usPerDay + add
	if int64(stride.Days) > mostDays || int64(stride.Days) < -mostDays || step < add && stride.Days > 0 || (us^origin)&(us^diff) < 0 {
		return 0, errIntervalRange()
	}
	if step <= 0 {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "stride must be greater than zero")
	}
	return checkTimestamp(origin + floorDiv(diff, step)*step)
}
