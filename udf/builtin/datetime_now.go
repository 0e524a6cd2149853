package builtin

import (
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// registerNow adds the functions that tell the time: the transaction's start,
// but for clock_timestamp and timeofday.
func registerNow(b *registrar) {
	now := func(t arrow.DataType, v udf.Volatility, f func(ctx *udf.Context) int64, names ...string) {
		for _, name := range names {
			b.scalar(udf.Scalar{
				Name: name, Returns: t, Volatility: v,
				Batch: func(ctx *udf.Context, _ []udf.Arg, n int) (arrow.Array, error) {
					return constantOf(t, f(ctx))(ctx, nil, n)
				},
			})
		}
	}
	local := func(ctx *udf.Context) int64 { return sqltype.UTCToLocal(ctx.Now.UnixMicro(), ctx.TimeZone) }
	now(tTimestamptz, udf.Stable, func(ctx *udf.Context) int64 { return ctx.Now.UnixMicro() },
		"now", "current_timestamp", "transaction_timestamp")
	now(tTimestamptz, udf.Stable, func(ctx *udf.Context) int64 { return ctx.Statement.UnixMicro() }, "statement_timestamp")
	now(tTimestamp, udf.Stable, local, "localtimestamp")
	registerNowRounded(b, tTimestamptz, func(ctx *udf.Context) int64 { return ctx.Now.UnixMicro() }, "current_timestamp")
	registerNowRounded(b, tTimestamp, local, "localtimestamp")
	registerNowRounded(b, tTime, func(ctx *udf.Context) int64 { return civilOf(local(ctx)).us }, "localtime")
	now(tTime, udf.Stable, func(ctx *udf.Context) int64 { return civilOf(local(ctx)).us }, "localtime")
	now(tTimestamptz, udf.Volatile, func(*udf.Context) int64 { return time.Now().UnixMicro() }, "clock_timestamp")
	b.scalar(udf.Scalar{
		Name: "timeofday", Returns: tText, Volatility: udf.Volatile,
		Batch: func(ctx *udf.Context, _ []udf.Arg, n int) (arrow.Array, error) {
			return constantOf(tText, time.Now().In(ctx.TimeZone).Format("Mon Jan 02 15:04:05.000000 2006 MST"))(ctx, nil, n)
		},
	})
	for _, name := range []string{"current_date", "today"} {
		b.scalar(udf.Scalar{
			Name: name, Returns: tDate, Volatility: udf.Stable,
			Batch: func(ctx *udf.Context, _ []udf.Arg, n int) (arrow.Array, error) {
				return constantOf(tDate, int32(floorDiv(local(ctx), usPerDay)))(ctx, nil, n)
			},
		})
	}
}

// registerNowRounded adds the form of a function that takes the number of
// decimals of the seconds.
func registerNowRounded(b *registrar, t arrow.DataType, f func(ctx *udf.Context) int64, name string) {
	b.stable(name, types(tInt4), t, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		moment := f(ctx)
		return map1(t, func(decimals int32) (int64, error) { return roundNow(name, moment, decimals) })(ctx, args, n)
	})
}

// roundNow rounds a moment to so many decimals of its seconds.
func roundNow(name string, moment int64, decimals int32) (int64, error) {
	if decimals < 0 {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "%s(%d) precision must not be negative", strings.ToUpper(name), decimals)
	}
	unit := int64(1)
	for d := decimals; d < 6; d++ {
		unit *= 10
	}
	return floorDiv(moment+unit/2, unit) * unit, nil
}
