package builtin

import (
	"bytes"
	"cmp"

	"github.com/apache/arrow/go/v15/arrow"
)

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func compareUUID(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) }

// compareFloat orders as PostgreSQL does: NaN equals NaN and is greater than
// every number.
func compareFloat[T float](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	switch aNaN, bNaN := a != a, b != b; {
	case aNaN && bNaN:
		return 0
	case aNaN:
		return 1
	}
	return -1
}

const nanosPerDay = 24 * 60 * 60 * 1_000_000_000

// compareInterval orders intervals with a month of 30 days and a day of 24
// hours.
func compareInterval(a, b arrow.MonthDayNanoInterval) int {
	ad, an := intervalSpan(a)
	bd, bn := intervalSpan(b)
	return cmp.Or(cmp.Compare(ad, bd), cmp.Compare(an, bn))
}

// intervalSpan is an interval's whole days, and the nanoseconds left, from 0 to
// less than a day.
func intervalSpan(v arrow.MonthDayNanoInterval) (days, nanos int64) {
	days = int64(v.Months)*30 + int64(v.Days) + v.Nanoseconds/nanosPerDay
	nanos = v.Nanoseconds % nanosPerDay
	if nanos < 0 {
		days, nanos = days-1, nanos+nanosPerDay
	}
	return days, nanos
}
