package sqltype

import (
	"strconv"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// styledEncoder is the encoder of a type whose text a style changes, or nil.
func styledEncoder(t arrow.DataType, o TextOptions) TextEncoder {
	s := o.Style
	switch t := t.(type) {
	case *arrow.Date32Type:
		if s.Date != DateISO {
			return func(dst []byte, a arrow.Array, row int) []byte {
				return s.AppendDate(dst, int32(a.(*array.Date32).Value(row)))
			}
		}
	case *arrow.TimestampType:
		if s.Date != DateISO {
			zoned := t.TimeZone != ""
			return func(dst []byte, a arrow.Array, row int) []byte {
				micros := toMicros(int64(a.(*array.Timestamp).Value(row)), t.Unit)
				if zoned {
					return s.AppendTimestampTZ(dst, micros, o.TimeZone)
				}
				return s.AppendTimestamp(dst, micros)
			}
		}
	case *arrow.MonthDayNanoIntervalType:
		if s.Interval != IntervalPostgres {
			return func(dst []byte, a arrow.Array, row int) []byte {
				return s.AppendInterval(dst, a.(*array.MonthDayNanoInterval).Value(row))
			}
		}
	case *arrow.Float64Type:
		if s.FloatDigits > 0 {
			return func(dst []byte, a arrow.Array, row int) []byte {
				return appendRounded(dst, a.(*array.Float64).Value(row), int(s.FloatDigits))
			}
		}
	case *arrow.Float32Type:
		if s.FloatDigits > 0 {
			digits := max(int(s.FloatDigits)-9, 1)
			return func(dst []byte, a arrow.Array, row int) []byte {
				return appendRounded(dst, float64(a.(*array.Float32).Value(row)), digits)
			}
		}
	case *arrow.BinaryType:
		if s.ByteaEscape {
			return func(dst []byte, a arrow.Array, row int) []byte {
				return appendByteaEscaped(dst, a.(*array.Binary).Value(row))
			}
		}
	}
	return nil
}

// appendRounded appends v as C's %.*g does.
func appendRounded(dst []byte, v float64, digits int) []byte {
	if v-v != 0 { // infinite or NaN
		return AppendFloat64(dst, v)
	}
	return strconv.AppendFloat(dst, v, 'g', digits, 64)
}

// appendByteaEscaped appends bytea's old form: printable ASCII as it is, a
// backslash doubled, other bytes in three octal digits.
func appendByteaEscaped(dst, v []byte) []byte {
	for _, c := range v {
		switch {
		case c == '\\':
			dst = append(dst, '\\', '\\')
		case c < ' ' || c > '~':
			dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// AppendDate appends a date, in days from 1970-01-01.
func (s Style) AppendDate(dst []byte, days int32) []byte {
	if s.Date == DateISO || days == DateInfinity || days == DateNegInfinity {
		return AppendDate(dst, days)
	}
	sep := byte('-')
	switch s.Date {
	case DateSQL:
		sep = '/'
	case DateGerman:
		sep = '.'
	}
	dst, bc := s.appendNumericDate(dst, int64(days), sep)
	return appendEra(dst, bc)
}

// appendNumericDate appends day, month and year, the month first unless the
// order or the style says otherwise.
func (s Style) appendNumericDate(dst []byte, days int64, sep byte) (_ []byte, bc bool) {
	year, month, day := CivilFromDays(days)
	first, second := int64(month), int64(day)
	if s.Order == DayFirst || s.Date == DateGerman {
		first, second = second, first
	}
	dst = append(appendTwo(dst, first), sep)
	dst = append(appendTwo(dst, second), sep)
	return appendYear(dst, year)
}

func appendYear(dst []byte, year int64) (_ []byte, bc bool) {
	if year <= 0 {
		year, bc = 1-year, true
	}
	if year >= 10000 {
		return strconv.AppendInt(dst, year, 10), bc
	}
	return appendTwo(appendTwo(dst, year/100), year%100), bc
}

// AppendTimestamp appends a timestamp without time zone, in microseconds from
// 1970-01-01.
func (s Style) AppendTimestamp(dst []byte, micros int64) []byte {
	if s.Date == DateISO || infinityName(micros) != "" {
		return AppendTimestamp(dst, micros)
	}
	dst, bc := s.appendWallClock(dst, micros)
	return appendEra(dst, bc)
}

// AppendTimestampTZ appends a moment, in microseconds from 1970-01-01 UTC, as
// loc's wall clock and the abbreviation of its zone.
func (s Style) AppendTimestampTZ(dst []byte, micros int64, loc *time.Location) []byte {
	if s.Date == DateISO || infinityName(micros) != "" {
		return AppendTimestampTZ(dst, micros, loc)
	}
	if loc == nil {
		loc = time.UTC
	}
	sec := floorDiv(micros, MicrosPerSecond)
	off := LocalOffset(sec, loc)
	dst, bc := s.appendWallClock(dst, micros+off*MicrosPerSecond)
	if name, _ := ZoneAt(sec, loc); name != "" {
		dst = append(append(dst, ' '), name...)
	} else {
		if s.Date == DatePostgres {
			dst = append(dst, ' ')
		}
		dst = AppendOffset(dst, off)
	}
	return appendEra(dst, bc)
}

// appendWallClock appends date and time; the form called Postgres is
// "Sat Jan 01 11:00:00 1994".
func (s Style) appendWallClock(dst []byte, micros int64) (_ []byte, bc bool) {
	days := floorDiv(micros, MicrosPerDay)
	clock := micros - days*MicrosPerDay
	switch s.Date {
	case DateSQL:
		dst, bc = s.appendNumericDate(dst, days, '/')
		return AppendTime(append(dst, ' '), clock), bc
	case DateGerman:
		dst, bc = s.appendNumericDate(dst, days, '.')
		return AppendTime(append(dst, ' '), clock), bc
	}
	year, month, day := CivilFromDays(days)
	weekday := time.Weekday(((days+4)%7 + 7) % 7) // 1970-01-01 was a Thursday
	dst = append(append(dst, weekday.String()[:3]...), ' ')
	name := time.Month(month).String()[:3]
	if s.Order == DayFirst {
		dst = append(append(appendTwo(dst, int64(day)), ' '), name...)
	} else {
		dst = appendTwo(append(append(dst, name...), ' '), int64(day))
	}
	dst = AppendTime(append(dst, ' '), clock)
	return appendYear(append(dst, ' '), year)
}
