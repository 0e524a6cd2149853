package sqltype

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
)

// IntervalFields are the fields that a type like interval day to hour keeps; 0 is
// all of them.
type IntervalFields uint8

// The fields of intervals.
const (
	IntervalYear IntervalFields = 1 << iota
	IntervalMonth
	IntervalDay
	IntervalHour
	IntervalMinute
	IntervalSecond
)

var intervalFieldNames = [...]string{"year", "month", "day", "hour", "minute", "second"}

// ParseFieldsOfInterval reads a qualifier: "day", "hour to second"; !ok when it
// is none.
func ParseFieldsOfInterval(qualifier string) (IntervalFields, bool) {
	from, to, isRange := strings.Cut(qualifier, " to ")
	if !isRange {
		to = from
	}
	var fields IntervalFields
	for i, name := range intervalFieldNames {
		if name == from || fields != 0 {
			fields |= 1 << i
		}
		if name == to && fields != 0 {
			return fields, true
		}
	}
	return 0, false
}

// last is the unit of a number without a unit.
func (f IntervalFields) last() intervalUnit {
	switch {
	case f&IntervalSecond != 0:
		return unitSecond
	case f&IntervalMinute != 0:
		return unitMinute
	case f&IntervalHour != 0:
		return unitHour
	case f&IntervalDay != 0:
		return unitDay
	case f&IntervalMonth != 0:
		return unitMonth
	case f&IntervalYear != 0:
		return unitYear
	}
	return unitSecond
}

// Cut drops what is below the last field; days and time of a type that has only
// years and months.
func (f IntervalFields) Cut(v arrow.MonthDayNanoInterval) arrow.MonthDayNanoInterval {
	const nanosPerMinute = 60 * MicrosPerSecond * 1000
	switch {
	case f == 0 || f&IntervalSecond != 0:
	case f&IntervalMinute != 0:
		v.Nanoseconds -= v.Nanoseconds % nanosPerMinute
	case f&IntervalHour != 0:
		v.Nanoseconds -= v.Nanoseconds % (60 * nanosPerMinute)
	case f&IntervalDay != 0:
		v.Nanoseconds = 0
	case f&IntervalMonth != 0:
		v.Days, v.Nanoseconds = 0, 0
	default:
		v = arrow.MonthDayNanoInterval{Months: v.Months - v.Months%12}
	}
	return v
}
