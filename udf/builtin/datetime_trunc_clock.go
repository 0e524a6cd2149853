package builtin

import (
	"slices"

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
	in := load[int64](a).Values
	if a.Const {
		in = slices.Repeat(in, n)
	}
	in = in[:n]
	switch step {
	case usPerSecond:
		for i, us := range in {
			out[i] = truncTo(us, usPerSecond)
		}
	case usPerMinute:
		for i, us := range in {
			out[i] = truncTo(us, usPerMinute)
		}
	case usPerHour:
		for i, us := range in {
			out[i] = truncTo(us, usPerHour)
		}
	default:
		for i, us := range in {
			out[i] = truncTo(us, step)
		}
	}
	return vector.FromFixed(tTimestamp, out, v)
}

// truncTo leaves infinities, the least and the greatest integer, as they are.
func truncTo(us, step int64) int64 {
	rest := us % step
	rest += rest >> 63 & step
	if uint64(us)+1-1<<63 <= 1 {
		rest = 0
	}
	return us - rest
}
