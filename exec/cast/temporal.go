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

// toTimestamp fails, or gives the nearest timestamp, beyond their range.
func toTimestamp(from, to arrow.DataType, o Options) Func {
	zone := o.TimeZone
	switch {
	case from.ID() == arrow.DATE32:
		if !sqltype.IsTimestampTZ(to) {
			zone = nil
		}
		return fixed(to, o, func(d int32) (int64, error) { return dateToTimestamp(d, zone, o.Bounded) })
	case from.ID() != arrow.TIMESTAMP:
		return nil
	}
	shift := sqltype.UTCToLocal
	if sqltype.IsTimestampTZ(to) {
		shift = sqltype.LocalToUTC
	}
	return fixed(to, o, func(v int64) (int64, error) {
		if isInfinite(v) {
			return v, nil
		}
		return checkTimestamp(v, shift(v, zone), o.Bounded, "timestamp out of range")
	})
}

// checkTimestamp checks what has become of the timestamp v in another zone.
func checkTimestamp(v, shifted int64, bounded bool, message string) (int64, error) {
	switch {
	case v > math.MaxInt64/2 && shifted < 0 || shifted == math.MaxInt64:
		if bounded {
			return math.MaxInt64 - 1, nil
		}
	case !sqltype.TimestampInRange(shifted):
		if bounded {
			return math.MinInt64 + 1, nil
		}
	default:
		return shifted, nil
	}
	return 0, sqlerr.New(sqlerr.DatetimeOverflow, "%s", message)
}

// dateToTimestamp is midnight in a zone, nil for a timestamp without one.
func dateToTimestamp(d int32, zone *time.Location, bounded bool) (int64, error) {
	const message = "date out of range for timestamp"
	switch {
	case d == math.MaxInt32:
		return math.MaxInt64, nil
	case d == math.MinInt32:
		return math.MinInt64, nil
	case int64(d) > math.MaxInt64/microsPerDay-1: // PostgreSQL's last timestamp is in the year 294276
		return checkTimestamp(math.MaxInt64, -1, bounded, message)
	}
	v := int64(d) * microsPerDay
	return checkTimestamp(v, sqltype.LocalToUTC(v, zone), bounded, message)
}
