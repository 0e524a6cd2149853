package sqltype

import (
	"math"
	"strings"
	"time"
)

// Ranges and special values of the temporal types, which count days and
// microseconds from 1970-01-01.
const (
	// DateInfinity and DateNegInfinity are 'infinity' and '-infinity'.
	DateInfinity    = math.MaxInt32
	DateNegInfinity = math.MinInt32
	// TimestampInfinity and TimestampNegInfinity are 'infinity' and '-infinity'.
	TimestampInfinity    = math.MaxInt64
	TimestampNegInfinity = math.MinInt64

	// MicrosPerSecond and MicrosPerDay are the units of time and timestamp.
	MicrosPerSecond = 1_000_000
	MicrosPerDay    = 86400 * MicrosPerSecond

	minDate      = -2440588               // 4714-11-24 BC, Julian day 0
	maxDate      = 2145042905             // 5874897-12-31
	minTimestamp = minDate * MicrosPerDay // the same day
	// PostgreSQL goes on to the year 294276; microseconds from 1970 end in 294247.
	maxTimestamp = math.MaxInt64 - 1
)

// DaysFromCivil is the day of a proleptic Gregorian date; year 0 is 1 BC, and
// month must be 1–12. The algorithm is Howard Hinnant's days_from_civil.
func DaysFromCivil(year int64, month, day int) int64 {
	if month <= 2 {
		year--
	}
	era := floorDiv(year, 400)
	yoe := year - era*400
	doy := int64((153*((month+9)%12)+2)/5 + day - 1) // from 1 March
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// CivilFromDays is the inverse of DaysFromCivil.
func CivilFromDays(days int64) (year int64, month, day int) {
	days += 719468
	era := floorDiv(days, 146097)
	doe := days - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy - (153*mp+2)/5 + 1)
	month = int(mp + 3)
	year = yoe + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// DaysInMonth is 28–31; month must be 1–12.
func DaysInMonth(year int64, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// LocalOffset is loc's offset from UTC, in seconds east, at a moment given in
// seconds since 1970. A nil loc is UTC.
func LocalOffset(sec int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC {
		return 0
	}
	_, off := ZoneAt(sec, loc)
	return off
}

// ZoneAt is the abbreviation of loc's zone and its offset, in seconds east of
// UTC, at a moment given in seconds since 1970.
func ZoneAt(sec int64, loc *time.Location) (name string, east int64) {
	if sec < 0 && strings.HasPrefix(loc.String(), ruleMark) {
		// Package time takes years before 1970 for a day too long; the calendar,
		// weekdays included, repeats itself after 400 years.
		const cycle = 146097 * 86400
		sec -= floorDiv(sec, cycle) * cycle
	}
	name, off := time.Unix(sec, 0).In(loc).Zone()
	return name, int64(off)
}

// LocalToUTC turns a wall-clock time in loc, in microseconds, into the moment.
// As PostgreSQL does, a time that a change of the clock skips is read with the
// offset before the change, one that occurs twice with the offset after it.
func LocalToUTC(local int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC {
		return local
	}
	sec := floorDiv(local, MicrosPerSecond)
	before := LocalOffset(sec-86400, loc)
	after := LocalOffset(sec+86400, loc)
	off := after
	if before != after && LocalOffset(sec-after, loc) != after {
		off = before
	}
	return local - off*MicrosPerSecond
}

// UTCToLocal is the wall-clock time in loc, in microseconds, at a moment.
func UTCToLocal(utc int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC {
		return utc
	}
	return utc + LocalOffset(floorDiv(utc, MicrosPerSecond), loc)*MicrosPerSecond
}
