package sqltype

import (
	"bytes"
	"time"

	"volley/sqlerr"
)

// ParseDate reads PostgreSQL's date input (DateStyle ISO, MDY) as days from
// 1970-01-01: ISO forms, month names, BC, 'epoch', 'infinity', 'today'; a time of
// day is read and dropped. 22007 for bad syntax, 22008 for a field or date out of
// range.
func ParseDate(b []byte) (int32, error) {
	if d, ok := FastDate(b); ok {
		return d, nil
	}
	return parseDateIn(b, TextOptions{})
}

func parseDateIn(b []byte, o TextOptions) (int32, error) {
	f, err := parseDateTime(b, "date", o)
	if err != nil {
		return 0, err
	}
	switch f.special {
	case specialInfinity:
		return DateInfinity, nil
	case specialNegInfinity:
		return DateNegInfinity, nil
	case specialEpoch:
		return 0, nil
	}
	if f.days < minDate || f.days > maxDate {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "date out of range: \"%s\"", b)
	}
	return int32(f.days), nil
}

// ParseTimestamp reads timestamp without time zone as microseconds from
// 1970-01-01; a zone in the text is read and dropped. Errors as ParseDate.
func ParseTimestamp(b []byte) (int64, error) {
	if v, off, ok := fastTimestamp(b); ok && off == noOffset {
		return v, nil
	}
	return parseTimestampIn(b, TextOptions{})
}

func parseTimestampIn(b []byte, o TextOptions) (int64, error) {
	f, err := parseDateTime(b, "timestamp", o)
	if err != nil {
		return 0, err
	}
	if v, ok := f.fixed(); ok {
		return v, nil
	}
	v, ok := f.local()
	if !ok {
		return 0, timestampOutOfRange(b)
	}
	return v, nil
}

// ParseTimestampTZ reads timestamp with time zone as microseconds from
// 1970-01-01 UTC; a text without a zone is in loc (nil is UTC). Errors as
// ParseDate.
func ParseTimestampTZ(b []byte, loc *time.Location) (int64, error) {
	return parseTimestampTZ(b, TextOptions{TimeZone: loc})
}

func parseTimestampTZ(b []byte, o TextOptions) (int64, error) {
	loc := o.TimeZone
	if v, off, ok := fastTimestamp(b); ok {
		if off == noOffset {
			return LocalToUTC(v, loc), nil
		}
		return v - off*MicrosPerSecond, nil
	}
	f, err := parseDateTime(b, "timestamp with time zone", o)
	if err != nil {
		return 0, err
	}
	if v, ok := f.fixed(); ok {
		return v, nil
	}
	v, ok := f.local()
	if ok {
		v = f.zone.toUTC(v, loc)
	}
	if !ok || v < minTimestamp || v > maxTimestamp {
		return 0, timestampOutOfRange(b)
	}
	return v, nil
}

// ParseTime reads time without time zone as microseconds from midnight, 24:00:00
// included; a date and a zone in the text are dropped. Errors as ParseDate.
func ParseTime(b []byte) (int64, error) { return parseTimeIn(b, TextOptions{}) }

func parseTimeIn(b []byte, o TextOptions) (int64, error) {
	if len(b) >= 5 {
		if v, n, ok := fastClock(b); ok && n == len(b) {
			return v, nil
		}
	}
	f, err := parseDateTime(b, "time", o)
	if err != nil {
		return 0, err
	}
	return f.micros, nil
}

// fixed is the value of the words that no zone changes.
func (f *dateTime) fixed() (int64, bool) {
	switch f.special {
	case specialInfinity:
		return TimestampInfinity, true
	case specialNegInfinity:
		return TimestampNegInfinity, true
	case specialEpoch:
		return 0, true
	}
	return 0, false
}

// local is the wall-clock time in microseconds, if it is in range.
func (f *dateTime) local() (int64, bool) {
	const lastDay = maxTimestamp / MicrosPerDay
	if f.days < minDate || f.days > lastDay || f.days == lastDay && f.micros > maxTimestamp-lastDay*MicrosPerDay {
		return 0, false
	}
	return f.days*MicrosPerDay + f.micros, true
}

func invalidDateTime(typeName string, b []byte) error {
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid input syntax for type %s: \"%s\"", typeName, b)
}

func fieldOutOfRange(b []byte) *sqlerr.Error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "date/time field value out of range: \"%s\"", b)
}

func timestampOutOfRange(b []byte) error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "timestamp out of range: \"%s\"", b)
}

// noOffset marks a text without a zone.
const noOffset = 1 << 40

// FastDate reads YYYY-MM-DD; !ok means "take ParseDate".
func FastDate(b []byte) (days int32, ok bool) {
	if len(b) != 10 {
		return 0, false
	}
	d, ok := fastDay(b)
	return int32(d), ok
}

// FastTimestamp reads YYYY-MM-DD, with HH:MM[:SS[.ffffff]] after a space or T,
// and no zone, as microseconds; !ok means "take ParseTimestamp".
func FastTimestamp(b []byte) (micros int64, ok bool) {
	v, off, ok := fastTimestamp(b)
	return v, ok && off == noOffset
}

// FastTimestampTZ reads what FastTimestamp reads with Z or ±HH[:MM] after it;
// !ok means "take ParseTimestampTZ".
func FastTimestampTZ(b []byte) (micros int64, ok bool) {
	v, off, ok := fastTimestamp(b)
	return v - off*MicrosPerSecond, ok && off != noOffset
}

// fastTimestamp is FastTimestamp with an offset in seconds, or noOffset.
func fastTimestamp(b []byte) (micros, offset int64, ok bool) {
	if len(b) < 10 {
		return 0, 0, false
	}
	days, ok := fastDay(b[:10])
	if !ok {
		return 0, 0, false
	}
	micros = days * MicrosPerDay
	if len(b) == 10 {
		return micros, noOffset, true
	}
	if len(b) < 16 || b[10] != ' ' && b[10] != 'T' {
		return 0, 0, false
	}
	clock, n, ok := fastClock(b[11:])
	if !ok {
		return 0, 0, false
	}
	offset, ok = fastOffset(b[11+n:])
	return micros + clock, offset, ok
}

// fastOffset reads nothing, Z, ±HH or ±HH:MM.
func fastOffset(b []byte) (offset int64, ok bool) {
	switch {
	case len(b) == 0:
		return noOffset, true
	case len(b) == 1 && b[0] == 'Z':
		return 0, true
	case len(b) != 3 && (len(b) != 6 || b[3] != ':') || b[0] != '+' && b[0] != '-':
		return 0, false
	}
	h, ok := twoDigits(b[1], b[2])
	m := 0
	if ok && len(b) == 6 {
		m, ok = twoDigits(b[4], b[5])
	}
	if !ok || h > 15 || m > 59 {
		return 0, false
	}
	offset = int64(h*3600 + m*60)
	if b[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// fastDay reads the 10 bytes YYYY-MM-DD.
func fastDay(b []byte) (days int64, ok bool) {
	_ = b[9]
	if b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y1, ok1 := twoDigits(b[0], b[1])
	y2, ok2 := twoDigits(b[2], b[3])
	m, ok3 := twoDigits(b[5], b[6])
	d, ok4 := twoDigits(b[8], b[9])
	y := int64(y1*100 + y2)
	if !(ok1 && ok2 && ok3 && ok4) || y == 0 || m < 1 || m > 12 || d < 1 || d > 28 && d > DaysInMonth(y, m) {
		return 0, false
	}
	return DaysFromCivil(y, m, d), true
}

// fastClock reads HH:MM[:SS[.f…]] with up to six decimals at the start of b and
// gives its length.
func fastClock(b []byte) (micros int64, n int, ok bool) {
	_ = b[4]
	h, ok1 := twoDigits(b[0], b[1])
	m, ok2 := twoDigits(b[3], b[4])
	if !ok1 || !ok2 || b[2] != ':' || h > 23 || m > 59 {
		return 0, 0, false
	}
	sec, n := int64(h*3600+m*60), 5
	if len(b) >= 8 && b[5] == ':' {
		s, ok := twoDigits(b[6], b[7])
		if !ok || s > 59 {
			return 0, 0, false
		}
		sec, n = sec+int64(s), 8
	}
	micros = sec * MicrosPerSecond
	if len(b) > 8 && n == 8 && b[8] == '.' {
		unit := int64(100000)
		for n = 9; n < len(b) && b[n]-'0' <= 9; n++ {
			if unit == 0 {
				return 0, 0, false
			}
			micros += int64(b[n]-'0') * unit
			unit /= 10
		}
	}
	if n < len(b) && bytes.IndexByte([]byte(":.0123456789"), b[n]) >= 0 {
		return 0, 0, false
	}
	return micros, n, true
}

func twoDigits(a, b byte) (int, bool) {
	a -= '0'
	b -= '0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}
