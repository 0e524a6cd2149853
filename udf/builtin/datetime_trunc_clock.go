package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// constantStep is the length in microseconds of the unit below the day that a
// constant names, or 0.
func constantStep(name udf.Arg) int64 {
	if !name.Const || name.Array.IsNull(0) {
		return 0
	}
	var us units
	return clockStep(us.read(load[string](name).At(0)))
}

// truncClock truncates a column of timestamps to multiples of step. The usual
// steps are constants in the loop, so that no division is left in it.
func truncClock(a udf.Arg, step int64, n int) arrow.Array {
	v, out := valid([]udf.Arg{a}, n), make([]int64, n)
	in := load[int64](a)
	switch step {
	case usPerSecond:
		for i := range out {
			out[i] = truncTo(in.At(i), usPerSecond)
		}
	case usPerMinute:
		for i := range out {
			out[i] = truncTo(in.At(i), usPerMinute)
		}
	case usPerHour:
		for i := range out {
			out[i] = truncTo(in.At(i), usPerHour)
		}
	default:
		for i := range out {
			out[i] = truncTo(in.At(i), step)
		}
	}
	return vector.FromFixed(tTimestamp, out, v)
}

// truncTo leaves infinities as they are.
func truncTo(us, step int64) int64 {
	if endless(us) {
		return us
	}
	q := us / step * step
	if q > us {
		q -= step
	}
	return q
}
