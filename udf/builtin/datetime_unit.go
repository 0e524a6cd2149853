package builtin

import (
	"strings"

	"volley/sqlerr"
)

// unit is a field of a date or time, as extract and date_trunc name it.
type unit uint8

const (
	noUnit unit = iota
	unitMicrosecond
	unitMillisecond
	unitSecond
	unitMinute
	unitHour
	unitDay
	unitWeek
	unitMonth
	unitQuarter
	unitYear
	unitDecade
	unitCentury
	unitMillennium
	unitISOYear
	unitDOW
	unitISODOW
	unitDOY
	unitJulian
	unitEpoch
	unitTimezone
	unitTimezoneHour
	unitTimezoneMinute
)

// unitNames are the spellings PostgreSQL accepts.
var unitNames = map[string]unit{
	"microsecond": unitMicrosecond, "microseconds": unitMicrosecond, "us": unitMicrosecond, "usec": unitMicrosecond, "usecs": unitMicrosecond, "usecond": unitMicrosecond, "useconds": unitMicrosecond,
	"millisecond": unitMillisecond, "milliseconds": unitMillisecond, "ms": unitMillisecond, "msec": unitMillisecond, "msecs": unitMillisecond, "msecond": unitMillisecond, "mseconds": unitMillisecond,
	"second": unitSecond, "seconds": unitSecond, "s": unitSecond, "sec": unitSecond, "secs": unitSecond,
	"minute": unitMinute, "minutes": unitMinute, "m": unitMinute, "min": unitMinute, "mins": unitMinute,
	"hour": unitHour, "hours": unitHour, "h": unitHour, "hr": unitHour, "hrs": unitHour,
	"day": unitDay, "days": unitDay, "d": unitDay,
	"week": unitWeek, "weeks": unitWeek, "w": unitWeek,
	"month": unitMonth, "months": unitMonth, "mon": unitMonth, "mons": unitMonth,
	"quarter": unitQuarter, "qtr": unitQuarter,
	"year": unitYear, "years": unitYear, "y": unitYear, "yr": unitYear, "yrs": unitYear,
	"decade": unitDecade, "decades": unitDecade, "dec": unitDecade, "decs": unitDecade,
	"century": unitCentury, "centuries": unitCentury, "c": unitCentury, "cent": unitCentury,
	"millennium": unitMillennium, "millennia": unitMillennium, "mil": unitMillennium, "mils": unitMillennium,
	"isoyear": unitISOYear, "dow": unitDOW, "isodow": unitISODOW, "doy": unitDOY,
	"julian": unitJulian, "jd": unitJulian, "j": unitJulian, "epoch": unitEpoch,
	"timezone": unitTimezone, "timezone_h": unitTimezoneHour, "timezone_hour": unitTimezoneHour,
	"timezone_m": unitTimezoneMinute, "timezone_minute": unitTimezoneMinute,
}

// units reads the names of units; reading the last one again is free.
type units struct {
	name string
	unit unit
}

// read gives noUnit for a name that is none.
func (u *units) read(name string) unit {
	if u.unit == noUnit || u.name != name {
		u.name, u.unit = name, unitNames[strings.ToLower(name)]
	}
	return u.unit
}

func errUnitUnknown(name, typ string) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "unit \"%s\" not recognized for type %s", strings.ToLower(name), typ)
}

func errUnitUnsupported(name, typ string) error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "unit \"%s\" not supported for type %s", strings.ToLower(name), typ)
}
