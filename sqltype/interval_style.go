package sqltype

import (
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
)

// intervalFields are an interval's parts; those of the time share their sign.
type intervalFields struct {
	year, month, day           int64
	hour, minute, second, frac int64
}

func fieldsOf(v arrow.MonthDayNanoInterval) intervalFields {
	micros := v.Nanoseconds / 1000
	return intervalFields{
		year: int64(v.Months / 12), month: int64(v.Months % 12), day: int64(v.Days),
		hour: micros / (3600 * MicrosPerSecond), minute: micros / (60 * MicrosPerSecond) % 60,
		second: micros / MicrosPerSecond % 60, frac: micros % MicrosPerSecond,
	}
}

func (f *intervalFields) all() [7]int64 {
	return [...]int64{f.year, f.month, f.day, f.hour, f.minute, f.second, f.frac}
}

func (f *intervalFields) timeNegative() bool {
	return f.hour < 0 || f.minute < 0 || f.second < 0 || f.frac < 0
}

// AppendInterval appends an interval in the style's form; nanoseconds below a
// microsecond are cut.
func (s Style) AppendInterval(dst []byte, v arrow.MonthDayNanoInterval) []byte {
	f := fieldsOf(v)
	switch s.Interval {
	case IntervalVerbose:
		return f.appendVerbose(dst)
	case IntervalSQL:
		return f.appendSQL(dst)
	case IntervalISO:
		return f.appendISO(dst)
	}
	return AppendInterval(dst, v)
}

// appendVerbose appends "@ 1 year 2 mons -3 days 4 hours ago": the first part
// is never negative, "ago" turns all of them round.
func (f *intervalFields) appendVerbose(dst []byte) []byte {
	dst = append(dst, '@')
	any, ago := false, false
	for i, v := range [...]int64{f.year, f.month, f.day, f.hour, f.minute} {
		if v == 0 {
			continue
		}
		if !any {
			any, ago = true, v < 0
		}
		if ago {
			v = -v
		}
		dst = strconv.AppendInt(append(dst, ' '), v, 10)
		dst = append(dst, [...]string{" year", " mon", " day", " hour", " min"}[i]...)
		if v != 1 {
			dst = append(dst, 's')
		}
	}
	if f.second != 0 || f.frac != 0 {
		negative := f.second < 0 || f.frac < 0
		dst = append(dst, ' ')
		switch {
		case !any:
			ago = negative
		case negative != ago:
			dst = append(dst, '-')
		}
		any = true
		dst = appendMicros(strconv.AppendInt(dst, magnitude(f.second), 10), magnitude(f.frac))
		dst = append(dst, " sec"...)
		if magnitude(f.second) != 1 || f.frac != 0 {
			dst = append(dst, 's')
		}
	}
	if !any {
		dst = append(dst, " 0"...)
	}
	if ago {
		dst = append(dst, " ago"...)
	}
	return dst
}

// appendSQL appends the literals of the SQL standard, "1-2" and "3 4:05:06", or
// both with a sign before each part where the standard has no literal.
func (f *intervalFields) appendSQL(dst []byte) []byte {
	var negative, positive bool
	for _, v := range f.all() {
		negative, positive = negative || v < 0, positive || v > 0
	}
	months := f.year != 0 || f.month != 0
	days := f.day != 0 || f.hour != 0 || f.minute != 0 || f.second != 0 || f.frac != 0
	switch {
	case !negative && !positive:
		return append(dst, '0')
	case negative && positive || months && days:
		dst = append(dst, signOf(f.year < 0 || f.month < 0))
		dst = append(f.appendYearMonth(dst), ' ', signOf(f.day < 0))
		dst = append(strconv.AppendInt(dst, magnitude(f.day), 10), ' ', signOf(f.timeNegative()))
		return f.appendClock(dst)
	case negative:
		dst = append(dst, '-')
	}
	if months {
		return f.appendYearMonth(dst)
	}
	if f.day != 0 {
		dst = append(strconv.AppendInt(dst, magnitude(f.day), 10), ' ')
	}
	return f.appendClock(dst)
}

func (f *intervalFields) appendYearMonth(dst []byte) []byte {
	dst = append(strconv.AppendInt(dst, magnitude(f.year), 10), '-')
	return strconv.AppendInt(dst, magnitude(f.month), 10)
}

// appendClock appends h:mm:ss[.ffffff] without a sign.
func (f *intervalFields) appendClock(dst []byte) []byte {
	dst = append(strconv.AppendInt(dst, magnitude(f.hour), 10), ':')
	dst = append(appendTwo(dst, magnitude(f.minute)), ':')
	return appendMicros(appendTwo(dst, magnitude(f.second)), magnitude(f.frac))
}

// appendISO appends ISO 8601's form with designators, P1Y2M3DT4H5M6S.
func (f *intervalFields) appendISO(dst []byte) []byte {
	if *f == (intervalFields{}) {
		return append(dst, "PT0S"...)
	}
	part := func(v int64, unit byte) {
		if v != 0 {
			dst = append(strconv.AppendInt(dst, v, 10), unit)
		}
	}
	dst = append(dst, 'P')
	part(f.year, 'Y')
	part(f.month, 'M')
	part(f.day, 'D')
	if f.hour == 0 && f.minute == 0 && f.second == 0 && f.frac == 0 {
		return dst
	}
	dst = append(dst, 'T')
	part(f.hour, 'H')
	part(f.minute, 'M')
	if f.second == 0 && f.frac == 0 {
		return dst
	}
	if f.second < 0 || f.frac < 0 {
		dst = append(dst, '-')
	}
	dst = appendMicros(strconv.AppendInt(dst, magnitude(f.second), 10), magnitude(f.frac))
	return append(dst, 'S')
}

func signOf(negative bool) byte {
	if negative {
		return '-'
	}
	return '+'
}

func magnitude(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}
