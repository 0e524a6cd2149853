package builtin

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
)

// registerTimeTZ adds the operators and functions of time with time zone.
func registerTimeTZ(b *registrar) {
	b.scalar(udf.Scalar{
		Name: "current_time", Returns: tTimetz, Volatility: udf.Stable,
		Batch: func(ctx *udf.Context, _ []udf.Arg, n int) (arrow.Array, error) {
			now := ctx.Now.UnixMicro()
			wall := sqltype.UTCToLocal(now, ctx.TimeZone)
			return constantOf(tTimetz, sqltype.MakeTimeTZ(civilOf(wall).us, (wall-now)/1e6))(ctx, nil, n)
		},
	})
	b.stable("current_time", types(tInt4), tTimetz, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		now := ctx.Now.UnixMicro()
		wall := sqltype.UTCToLocal(now, ctx.TimeZone)
		return map1(tTimetz, func(decimals int32) (int64, error) {
			us, err := roundNow("current_time", civilOf(wall).us, decimals)
			return sqltype.MakeTimeTZ(us, (wall-now)/1e6), err
		})(ctx, args, n)
	})
	shifted := func(v int64, by interval) int64 {
		us, east := sqltype.SplitTimeTZ(v)
		return sqltype.MakeTimeTZ(addToTime(us, by), east)
	}
	b.strict("+", types(tTimetz, tInterval), tTimetz, pure2(tTimetz, shifted))
	b.strict("+", types(tInterval, tTimetz), tTimetz, pure2(tTimetz, func(by interval, v int64) int64 { return shifted(v, by) }))
	b.strict("-", types(tTimetz, tInterval), tTimetz, map2(tTimetz, func(v int64, by interval) (int64, error) {
		by, err := negInterval(interval{Nanoseconds: by.Nanoseconds})
		return shifted(v, by), err
	}))
	at := func(d int32, v int64) (int64, error) {
		us, east := sqltype.SplitTimeTZ(v)
		wall, err := addDateTime(d, us)
		if err != nil || endless(wall) {
			return wall, err
		}
		return checkTimestamp(wall - east*1e6)
	}
	b.strict("+", types(tDate, tTimetz), tTimestamptz, map2(tTimestamptz, at))
	b.strict("timestamptz", types(tDate, tTimetz), tTimestamptz, map2(tTimestamptz, at))
	b.stable("timestamptz", types(tDate, tTime), tTimestamptz, inZone(func(loc *time.Location) batchFunc {
		return map2(tTimestamptz, func(d int32, t int64) (int64, error) {
			us, err := addDateTime(d, t)
			if err != nil || endless(us) {
				return us, err
			}
			return checkTimestamp(sqltype.LocalToUTC(us, loc))
		})
	}))
	b.strict("timestamp", types(tDate, tTime), tTimestamp, map2(tTimestamp, addDateTime))
	b.strict("+", types(tTimetz, tDate), tTimestamptz, map2(tTimestamptz, func(v int64, d int32) (int64, error) { return at(d, v) }))
	b.scalar(udf.Scalar{
		Name: "timezone", Params: types(tText, tTimetz), Returns: tTimetz, Volatility: udf.Stable,
		Batch: func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			var zs zones
			return map2(tTimetz, func(name string, v int64) (int64, error) {
				zone, err := zs.read(name)
				if err != nil {
					return 0, err
				}
				now := ctx.Now.UnixMicro()
				return sqltype.TimeTZIn(v, (zone.toLocal(now)-now)/usPerSecond), nil
			})(ctx, args, n)
		},
	})
	b.strict("timezone", types(tInterval, tTimetz), tTimetz, map2(tTimetz, func(zone interval, v int64) (int64, error) {
		east, err := intervalZone(zone)
		return sqltype.TimeTZIn(v, east), err
	}))
	registerPart(b, tTimetz, false, func(*udf.Context) func(unit, string, int64) (part, error) { return timetzPart })
}

func timetzPart(u unit, name string, v int64) (part, error) {
	const typ = "time with time zone"
	us, east := sqltype.SplitTimeTZ(v)
	switch u {
	case noUnit:
		return part{}, errUnitUnknown(name, typ)
	case unitEpoch:
		return part{value: us - east*1e6, scale: 6}, nil
	case unitTimezone:
		return whole(east), nil
	case unitTimezoneHour:
		return whole(east / 3600), nil
	case unitTimezoneMinute:
		return whole(east / 60 % 60), nil
	case unitMicrosecond, unitMillisecond, unitSecond, unitMinute, unitHour:
		return clockPart(u, us), nil
	}
	return part{}, errUnitUnsupported(name, typ)
}
