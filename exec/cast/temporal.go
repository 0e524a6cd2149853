package cast

import (
	"math"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
)

const microsPerDay = 24 * 60 * 60 * 1_000_000

// toTemporal is the cast between dates, times and intervals, or nil.
func toTemporal(from, to arrow.DataType, o Options) Func {
	switch {
	case sqltype.Equal(to, sqltype.TimeTZ):
		return toTimeTZ(from, to, o)
	case sqltype.Equal(from, sqltype.TimeTZ):
		if to.ID() != arrow.TIME64 {
			return nil
		}
		return total(to, func(dst, src []int64) {
			for i, v := range src {
				dst[i], _ = sqltype.SplitTimeTZ(v)
			}
		})
	}
	switch to.ID() {
	case arrow.DATE32:
		return toDate(from, to, o)
	case arrow.TIME64:
		return toTime(from, to, o)
	case arrow.TIMESTAMP:
		return toTimestamp(from, to, o)
	case arrow.INTERVAL_MONTH_DAY_NANO:
		if from.ID() == arrow.TIME64 {
			return total(to, func(dst []arrow.MonthDayNanoInterval, src []int64) {
				for i, v := range src {
					dst[i] = arrow.MonthDayNanoInterval{Nanoseconds: v * 1000}
				}
			})
		}
	}
	return nil
}

func isInfinite(v int64) bool { return v == math.MaxInt64 || v == math.MinInt64 }

// local is the wall-clock time of a timestamp column's value.
func local(from arrow.DataType, loc *time.Location) func(int64) int64 {
	if !sqltype.IsTimestampTZ(from) {
		loc = nil
	}
	return func(v int64) int64 { return sqltype.UTCToLocal(v, loc) }
}

func floorDay(micros int64) int64 {
	d := micros / microsPerDay
	if micros%microsPerDay < 0 {
		d--
	}
	return d
}

func toDate(from, to arrow.DataType, o Options) Func {
	if from.ID() != arrow.TIMESTAMP {
		return nil
	}
	wall := local(from, o.TimeZone)
	return total(to, func(dst []int32, src []int64) {
		for i, v := range src {
			switch v {
			case math.MaxInt64:
				dst[i] = math.MaxInt32
			case math.MinInt64:
				dst[i] = math.MinInt32
			default:
				dst[i] = int32(floorDay(wall(v)))
			}
		}
	})
}

func toTime(from, to arrow.DataType, o Options) Func {
	switch from.ID() {
	case arrow.TIMESTAMP:
		wall := local(from, o.TimeZone)
		return func(a arrow.Array) (arrow.Array, error) {
			r := newOutcome(a, o)
			src := kernel.Values[int64](a)
			dst := make([]int64, len(src))
			for i, v := range src {
				if isInfinite(v) && !r.isNull(i) {
					r.setNull(i) // infinity has no time of day
				}
				w := wall(v)
				dst[i] = w - floorDay(w)*microsPerDay
			}
			return kernel.FromValues(to, dst, r.valid), nil
		}
	case arrow.INTERVAL_MONTH_DAY_NANO:
		return total(to, func(dst []int64, src []arrow.MonthDayNanoInterval) {
			for i, v := range src {
				m := v.Nanoseconds / 1000
				dst[i] = m - floorDay(m)*microsPerDay
			}
		})
	}
	return nil
}

func toTimestamp(from, to arrow.DataType, o Options) Func {
	zoned := sqltype.IsTimestampTZ(to)
	switch from.ID() {
	case arrow.DATE32:
		return fixed(to, o, func(d int32) (int64, error) { return dateToTimestamp(d, zoned, o.TimeZone) })
	case arrow.TIMESTAMP:
		if zoned {
			return total(to, shift(func(v int64) int64 { return sqltype.LocalToUTC(v, o.TimeZone) }))
		}
		return total(to, shift(func(v int64) int64 { return sqltype.UTCToLocal(v, o.TimeZone) }))
	}
	return nil
}

func shift(f func(int64) int64) func(dst, src []int64) {
	return func(dst, src []int64) {
		for i, v := range src {
			if dst[i] = v; !isInfinite(v) {
				dst[i] = f(v)
			}
		}
	}
}

func dateToTimestamp(d int32, zoned bool, loc *time.Location) (int64, error) {
	switch d {
	case math.MaxInt32:
		return math.MaxInt64, nil
	case math.MinInt32:
		return math.MinInt64, nil
	}
	// PostgreSQL's last timestamp is in the year 294276.
	if int64(d) > math.MaxInt64/microsPerDay-1 || int64(d) < math.MinInt64/microsPerDay+1 {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "date out of range for timestamp")
	}
	v := int64(d) * microsPerDay
	if zoned {
		v = sqltype.LocalToUTC(v, loc)
	}
	return v, nil
}
