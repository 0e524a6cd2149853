package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// modifierCall is the function that applies a type's modifiers, which are no
// part of the Arrow type: timestamp(3), numeric(210,10).
const modifierCall = "typmod"

func registerModifiers(b *registrar) {
	micros := func(v int64, p int32) (int64, error) { return sqltype.RoundMicros(v, p), nil }
	b.strict(modifierCall, types(tTime, tInt4), tTime, map2(tTime, micros))
	for _, t := range types(tTimestamp, tTimestamptz) {
		b.strict(modifierCall, types(t, tInt4), t, map2(t, func(v int64, p int32) (int64, error) { return sqltype.RoundTimestamp(v, p), nil }))
	}
	b.strict(modifierCall, types(tTimetz, tInt4), tTimetz, pure2(tTimetz, func(v int64, p int32) int64 {
		us, east := sqltype.SplitTimeTZ(v)
		return sqltype.MakeTimeTZ(sqltype.RoundMicros(us, p), east)
	}))
	b.strict(modifierCall, types(tInterval, tInt4), tInterval, pure2(tInterval, func(v arrow.MonthDayNanoInterval, p int32) arrow.MonthDayNanoInterval {
		v.Nanoseconds = sqltype.RoundMicros(v.Nanoseconds/1000, p) * 1000
		return v
	}))
	b.strict(modifierCall, types(tInterval, tInt4, tInt4), tInterval, map3(tInterval, func(v arrow.MonthDayNanoInterval, p, fields int32) (arrow.MonthDayNanoInterval, error) {
		v.Nanoseconds = sqltype.RoundMicros(v.Nanoseconds/1000, p) * 1000
		return sqltype.IntervalFields(fields).Cut(v), nil
	}))
	b.strict(modifierCall, types(tNumeric, tInt4, tInt4), tNumeric, map3(tNumeric, num.Fit))
}
