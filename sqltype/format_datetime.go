package sqltype

import (
	"strconv"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
)

// AppendDate appends a date, in days from 1970-01-01, in ISO form.
func AppendDate(dst []byte, days int32) []byte {
	switch days {
	case DateInfinity:
		return append(dst, "infinity"...)
	case DateNegInfinity:
		return append(dst, "-infinity"...)
	}
	dst, bc := appendCivil(dst, int64(days))
	return appendEra(dst, bc)
}

// AppendTime appends a time of day in microseconds.
func AppendTime(dst []byte, micros int64) []byte {
	sec := micros / MicrosPerSecond
	dst = appendTwo(dst, sec/3600)
	dst = append(dst, ':')
	dst = appendTwo(dst, sec/60%60)
	dst = append(dst, ':')
	dst = appendTwo(dst, sec%60)
	return appendMicros(dst, micros%MicrosPerSecond)
}

// AppendTimestamp appends a timestamp without time zone, in microseconds from
// 1970-01-01.
func AppendTimestamp(dst []byte, micros int64) []byte {
	if s := infinityName(micros); s != "" {
		return append(dst, s...)
	}
	dst, bc := appendWallClock(dst, micros)
	return appendEra(dst, bc)
}

// AppendTimestampTZ appends a moment, in microseconds from 1970-01-01 UTC, as
// loc's wall clock and offset. A nil loc is UTC.
func AppendTimestampTZ(dst []byte, micros int64, loc *time.Location) []byte {
	if s := infinityName(micros); s != "" {
		return append(dst, s...)
	}
	off := LocalOffset(floorDiv(micros, MicrosPerSecond), loc)
	dst, bc := appendWallClock(dst, micros+off*MicrosPerSecond)
	return appendEra(AppendOffset(dst, off), bc)
}

// AppendOffset appends ±hh[:mm[:ss]] for an offset in seconds east of UTC.
func AppendOffset(dst []byte, off int64) []byte {
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	dst = append(dst, sign)
	dst = appendTwo(dst, off/3600)
	if off%3600 != 0 {
		dst = append(dst, ':')
		dst = appendTwo(dst, off/60%60)
	}
	if off%60 != 0 {
		dst = append(dst, ':')
		dst = appendTwo(dst, off%60)
	}
	return dst
}

func infinityName(micros int64) string {
	switch micros {
	case TimestampInfinity:
		return "infinity"
	case TimestampNegInfinity:
		return "-infinity"
	}
	return ""
}

// appendWallClock appends "date time" and tells whether the year is BC, whose
// mark comes last.
func appendWallClock(dst []byte, micros int64) (_ []byte, bc bool) {
	days := floorDiv(micros, MicrosPerDay)
	dst, bc = appendCivil(dst, days)
	dst = append(dst, ' ')
	return AppendTime(dst, micros-days*MicrosPerDay), bc
}

func appendCivil(dst []byte, days int64) (_ []byte, bc bool) {
	year, month, day := CivilFromDays(days)
	if year <= 0 {
		year, bc = 1-year, true
	}
	if year < 10000 {
		dst = appendTwo(dst, year/100)
		dst = appendTwo(dst, year%100)
	} else {
		dst = strconv.AppendInt(dst, year, 10)
	}
	dst = append(dst, '-')
	dst = appendTwo(dst, int64(month))
	dst = append(dst, '-')
	return appendTwo(dst, int64(day)), bc
}

func appendEra(dst []byte, bc bool) []byte {
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// appendTwo appends v ≥ 0 with at least two digits.
func appendTwo(dst []byte, v int64) []byte {
	if v < 100 {
		return append(dst, byte('0'+v/10), byte('0'+v%10))
	}
	return strconv.AppendInt(dst, v, 10)
}

// appendMicros appends a fraction of a second without the zeros that end it.
func appendMicros(dst []byte, micros int64) []byte {
	if micros == 0 {
		return dst
	}
	dst = append(dst, '.')
	for unit := int64(100000); micros > 0; unit /= 10 {
		dst = append(dst, byte('0'+micros/unit))
		micros %= unit
	}
	return dst
}

// AppendInterval appends an interval in PostgreSQL's own style:
// "1 year 2 mons -3 days +04:05:06.7". Nanoseconds below a microsecond are cut.
func AppendInterval(dst []byte, v arrow.MonthDayNanoInterval) []byte {
	w := intervalWriter{dst: dst}
	w.part(int64(v.Months/12), " year")
	w.part(int64(v.Months%12), " mon")
	w.part(int64(v.Days), " day")
	micros := v.Nanoseconds / 1000
	if micros == 0 && w.any {
		return w.dst
	}
	if w.any {
		w.dst = append(w.dst, ' ')
	}
	if micros < 0 {
		w.dst = append(w.dst, '-')
		micros = -micros
	} else if w.negative {
		w.dst = append(w.dst, '+')
	}
	return AppendTime(w.dst, micros)
}

// intervalWriter knows whether a part was written and whether the last one was
// negative: then a positive one after it shows its sign.
type intervalWriter struct {
	dst           []byte
	any, negative bool
}

func (w *intervalWriter) part(v int64, unit string) {
	if v == 0 {
		return
	}
	if w.any {
		w.dst = append(w.dst, ' ')
	}
	if w.negative && v > 0 {
		w.dst = append(w.dst, '+')
	}
	w.dst = strconv.AppendInt(w.dst, v, 10)
	w.dst = append(w.dst, unit...)
	if v != 1 {
		w.dst = append(w.dst, 's')
	}
	w.any, w.negative = true, v < 0
}
