package builtin

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// registerFromChar adds to_date and to_timestamp by template.
func registerFromChar(b *registrar) {
	b.strict("to_date", types(tText, tText), tDate, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		var cache templates
		return map2(tDate, func(s, format string) (int32, error) {
			t, err := cache.parse(format)
			if err != nil {
				return 0, err
			}
			m, err := momentByTemplate(s, t, false)
			if err != nil {
				return 0, err
			}
			d, ok := m.days()
			if !ok || d > lastDay {
				return 0, sqlerr.New(sqlerr.DatetimeOverflow, "date out of range: \"%s\"", s)
			}
			return int32(d), nil
		})(ctx, args, n)
	})
	b.stable("to_timestamp", types(tText, tText), tTimestamptz, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		var cache templates
		return map2(tTimestamptz, func(s, format string) (int64, error) {
			t, err := cache.parse(format)
			if err != nil {
				return 0, err
			}
			m, err := momentByTemplate(s, t, false)
			if err != nil {
				return 0, err
			}
			return m.timestamp(ctx.TimeZone)
		})(ctx, args, n)
	})
}

// templateMoment is the moment that a template's fields make; what they leave out
// is the first of January of 1 BC, midnight.
type templateMoment struct {
	year, month, day int32
	micros           int64 // of the day
	precision        int32 // decimals of the seconds; 0: all
	zoned            bool
	east             int64 // seconds, when zoned
}

// momentByTemplate reads s by a template; strict as readTemplate has it.
func momentByTemplate(s string, t *template, strict bool) (templateMoment, error) {
	f, err := readTemplate(s, t, strict)
	if err != nil {
		return templateMoment{}, err
	}
	m := templateMoment{month: 1, day: 1, precision: f.precision}
	hour, minute, second, err := f.clock()
	if err != nil {
		return m, err
	}
	if err := f.date(&m, s); err != nil {
		return m, err
	}
	fraction := int64(f.millis*1000 + f.micros)
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || fraction < 0 || fraction >= usPerSecond {
		return m, errFieldRange(s)
	}
	m.micros = int64(hour)*usPerHour + int64(minute)*usPerMinute + int64(second)*usPerSecond + fraction
	if f.zoneSign != 0 {
		if f.zoneHour < 0 || f.zoneHour > 15 || f.zoneMinute < 0 || f.zoneMinute > 59 {
			return m, sqlerr.New(sqlerr.InvalidTimeZoneDisplacement, "time zone displacement out of range: \"%s\"", s)
		}
		m.zoned, m.east = true, int64(f.zoneSign*(f.zoneHour*3600+f.zoneMinute*60))
	}
	return m, nil
}

func errFieldRange(s string) error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "date/time field value out of range: \"%s\"", s)
}

func (f *templateFields) clock() (hour, minute, second int32, err error) {
	hour, minute, second = f.secondOfDay/3600, f.secondOfDay/60%60, f.secondOfDay%60
	for _, v := range [...]struct {
		dst *int32
		set int32
	}{{&hour, f.hour}, {&minute, f.minute}, {&second, f.second}} {
		if v.set != 0 {
			*v.dst = v.set
		}
	}
	if !f.twelve {
		return hour, minute, second, nil
	}
	if hour < 1 || hour > 12 {
		return 0, 0, 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, "hour \"%d\" is invalid for the 12-hour clock", hour).
			WithHint("Use the 24-hour clock, or give an hour between 1 and 12.")
	}
	switch {
	case f.pm != 0 && hour < 12:
		hour += 12
	case f.pm == 0 && hour == 12:
		hour = 0
	}
	return hour, minute, second, nil
}

// date sets m's date from the fields that are there, later ones of this list over
// earlier ones: year or century, Julian day, week, day, month, day of the year.
func (f *templateFields) date(m *templateMoment, s string) error {
	hasYear := f.setYear(m)
	hasMonth, hasDay := false, false
	whole := func(julian int32) {
		m.year, m.month, m.day = dateOfJulian(julian)
		hasYear, hasMonth, hasDay = true, true, true
	}
	if f.julian != 0 {
		whole(f.julian)
	}
	switch {
	case f.week == 0:
	case f.calendar != isoWeeks:
		f.yearDay = (f.week-1)*7 + 1
	default:
		day := isoWeekStart(m.year, f.week)
		if f.weekday > 1 {
			day += f.weekday - 2
		} else if f.weekday != 0 {
			day += 6
		}
		whole(day)
	}
	if f.monthWeek != 0 {
		f.day = (f.monthWeek-1)*7 + 1
	}
	if f.day != 0 {
		m.day, hasDay = f.day, true
	}
	if f.month != 0 {
		m.month, hasMonth = f.month, true
	}
	if f.yearDay != 0 && (m.month <= 1 || m.day <= 1) {
		if m.year == 0 && f.bc == 0 {
			return sqlerr.New(sqlerr.InvalidDatetimeFormat, "cannot calculate day of year without year information")
		}
		if f.calendar == isoWeeks {
			whole(isoWeekStart(m.year, 1) - 1 + f.yearDay)
		} else {
			f.setYearDay(m)
			hasMonth, hasDay = true, true
		}
	}
	if hasMonth && (m.month < 1 || m.month > 12) || hasDay && (m.day < 1 || m.day > 31) {
		return errFieldRange(s)
	}
	if hasYear && hasMonth && hasDay && int(m.day) > sqltype.DaysInMonth(int64(m.year), int(m.month)) {
		return errFieldRange(s)
	}
	return nil
}

// setYear sets the year, and tells whether the fields say it. Two digits are of
// the century given, whose last year ends in 00.
func (f *templateFields) setYear(m *templateMoment) bool {
	if f.bc != 0 {
		f.century = -f.century
	}
	switch {
	case f.year == 0 && f.century == 0:
		return false
	case f.year == 0 && f.century >= 0:
		m.year = (f.century-1)*100 + 1
	case f.year == 0:
		m.year = f.century*100 + 1
	case f.century != 0 && f.yearDigits <= 2:
		m.year = f.year % 100
		switch {
		case m.year != 0 && f.century >= 0:
			m.year += (f.century - 1) * 100
		case m.year != 0:
			m.year = (f.century+1)*100 - m.year + 1
		case f.century >= 0:
			m.year = f.century * 100
		default:
			m.year = f.century*100 + 1
		}
	default:
		if m.year = f.year; f.bc != 0 {
			m.year = -m.year
		}
		if m.year < 0 {
			m.year++
		}
	}
	return true
}

// setYearDay sets month and day where they are not known from the day of the
// year; a day beyond the year makes a month 13, which is refused.
func (f *templateFields) setYearDay(m *templateMoment) {
	month, before := int32(1), int32(0)
	for month <= 12 {
		n := int32(sqltype.DaysInMonth(int64(m.year), int(month)))
		if f.yearDay <= before+n {
			break
		}
		before += n
		month++
	}
	if m.month <= 1 {
		m.month = month
	}
	if m.day <= 1 {
		m.day = f.yearDay - before
	}
}

// days is the day from 1970, if it has a Julian day.
func (m *templateMoment) days() (int64, bool) {
	if m.year < -4713 || m.year == -4713 && m.month < 11 || m.year > 5874898 || m.year == 5874898 && m.month > 5 {
		return 0, false
	}
	d := sqltype.DaysFromCivil(int64(m.year), int(m.month), 1) + int64(m.day) - 1
	return d, d >= firstDay
}

func (m *templateMoment) timestamp(loc *time.Location) (int64, error) {
	d, ok := m.days()
	if !ok || d > lastDay {
		return 0, errTimestampRange()
	}
	us, err := addDateTime(int32(d), m.micros)
	if err != nil {
		return 0, errTimestampRange()
	}
	if m.zoned {
		us -= m.east * usPerSecond
	} else {
		us = sqltype.LocalToUTC(us, loc)
	}
	if m.precision > 0 {
		us = sqltype.RoundTimestamp(us, m.precision)
	}
	return checkTimestamp(us)
}
