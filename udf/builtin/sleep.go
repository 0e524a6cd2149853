package builtin

import (
	"math"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// registerSleep adds pg_sleep and its kin. They wait once for each row, until the
// time is over or the statement is cancelled.
func registerSleep(b *registrar) {
	b.sleep("pg_sleep", tFloat8, func(a arrow.Array, row int) time.Duration {
		seconds := a.(*array.Float64).Value(row)
		if seconds >= float64(math.MaxInt64/int64(time.Second)) {
			return math.MaxInt64
		}
		return time.Duration(seconds * float64(time.Second))
	})
	b.sleep("pg_sleep_for", sqltype.Interval, func(a arrow.Array, row int) time.Duration {
		v := a.(*array.MonthDayNanoInterval).Value(row)
		days := 30*int64(v.Months) + int64(v.Days)
		if days > 100*365 {
			return math.MaxInt64
		}
		return time.Duration(days)*24*time.Hour + time.Duration(v.Nanoseconds)
	})
	b.sleep("pg_sleep_until", sqltype.TimestampTZ, func(a arrow.Array, row int) time.Duration {
		return time.Until(time.UnixMicro(int64(a.(*array.Timestamp).Value(row))))
	})
}

// sleep adds a function that waits for as long as wait says.
func (b *registrar) sleep(name string, param arrow.DataType, wait func(a arrow.Array, row int) time.Duration) {
	b.scalar(udf.Scalar{
		Name: name, Params: types(param), Returns: tText, Volatility: udf.Volatile, Cost: 1e9,
		Batch: func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
			out := array.NewStringBuilder(memory.DefaultAllocator)
			for row := range n {
				if args[0].Const {
					row = 0
				}
				if args[0].Array.IsNull(row) {
					out.AppendNull()
					continue
				}
				if err := sleep(ctx, wait(args[0].Array, row)); err != nil {
					return nil, err
				}
				out.Append("")
			}
			return out.NewArray(), nil
		},
	})
}

// sleep waits; 57014 when the statement is cancelled meanwhile.
func sleep(ctx *udf.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done:
		return sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
	}
}
