package cast

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/sqltype"
)

// toTimeTZ takes a time, in the session's zone today, or a timestamp with time
// zone.
func toTimeTZ(from, to arrow.DataType, o Options) Func {
	switch {
	case from.ID() == arrow.TIME64:
		return func(a arrow.Array) (arrow.Array, error) {
			now := time.Now().UnixMicro()
			east := (sqltype.UTCToLocal(now, o.TimeZone) - now) / 1_000_000
			return total(to, func(dst, src []int64) {
				for i, v := range src {
					dst[i] = sqltype.MakeTimeTZ(v, east)
				}
			})(a)
		}
	case sqltype.IsTimestampTZ(from):
		return func(a arrow.Array) (arrow.Array, error) {
			r := newOutcome(a, o)
			src := kernel.Values[int64](a)
			dst := make([]int64, len(src))
			for i, v := range src {
				if r.isNull(i) {
					continue
				}
				if isInfinite(v) {
					r.setNull(i) // infinity has no time of day
					continue
				}
				wall := sqltype.UTCToLocal(v, o.TimeZone)
				dst[i] = sqltype.MakeTimeTZ(wall-floorDay(wall)*microsPerDay, (wall-v)/1_000_000)
			}
			return kernel.FromValues(to, dst, r.valid), nil
		}
	}
	return nil
}
