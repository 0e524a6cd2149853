package sqltype

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"volley/sqlerr"
)

type special uint8

const (
	specialNone special = iota
	specialInfinity
	specialNegInfinity
)

// dateTime is what a date/time text says, checked and put together.
type dateTime struct {
	special          special
	hasDate, hasTime bool
	days             int64 // from 1970-01-01
	micros           int64 // of the day; up to and including 24 hours
	offset           int64 // seconds east of UTC, or noOffset
	zone             *time.Location
}

// dateFields collects the parts of a date/time text as its tokens are read.
type dateFields struct {
	dateTime
	order                  DateOrder
	year, month, day       int64
	hasYear, hasMonth      bool
	hasDay, textMonth      bool
	yearDigits             int
	dayOfYear              int64 // 0 when not given
	era, bc, am, pm        bool
	timeOnly               bool   // a number of four or six digits is a time
	badZone                string // the name of an unknown zone
	julian                 bool   // days is set from a Julian day or a word
	hour, minute, sec, fsc int64
}

// parseResult is the outcome of reading one token.
type parseResult uint8

const (
	readOK parseResult = iota
	badSyntax
	badField
	badMonthDay // the hint about DateStyle
	badOffset
	unknownZone
)

// parseDateTime reads any of the forms that dates, times and timestamps share.
// typeName is for the errors; o has the zone of 'today' and its like, and the
// order of a date's fields.
func parseDateTime(b []byte, typeName string, o TextOptions) (dateTime, error) {
	f := dateFields{order: o.Style.Order, timeOnly: strings.HasPrefix(typeName, "time") && typeName != "timestamp" && typeName != "timestamp with time zone"}
	f.offset = noOffset
	r := f.readTokens(trimSpace(b), o.TimeZone)
	if r == readOK {
		r = f.finish()
	}
	switch r {
	case badSyntax:
		return dateTime{}, invalidDateTime(typeName, b)
	case badField:
		return dateTime{}, fieldOutOfRange(b)
	case badMonthDay:
		return dateTime{}, fieldOutOfRange(b).WithHint("Perhaps you need a different \"datestyle\" setting.")
	case badOffset:
		return dateTime{}, sqlerr.New(sqlerr.InvalidTimeZoneDisplacement, "time zone displacement out of range: \"%s\"", b)
	case unknownZone:
		return dateTime{}, sqlerr.New(sqlerr.InvalidParameterValue, "time zone \"%s\" not recognized", f.badZone)
	}
	return f.dateTime, nil
}

// finish checks the fields against each other and computes the day and the time.
func (f *dateFields) finish() parseResult {
	if f.special != specialNone {
		return readOK
	}
	if f.hasTime {
		if r := f.finishTime(); r != readOK {
			return r
		}
	} else if f.am || f.pm {
		return badSyntax
	}
	if f.julian {
		f.hasDate = true
		return readOK
	}
	if f.dayOfYear > 0 && f.hasYear {
		return f.finishDayOfYear()
	}
	if !f.hasYear && !f.hasMonth && !f.hasDay {
		return readOK // a time alone
	}
	if f.hasYear {
		if r := f.finishYear(); r != readOK {
			return r
		}
	}
	if f.hasMonth && (f.month < 1 || f.month > 12) || f.hasDay && (f.day < 1 || f.day > 31) {
		return badMonthDay
	}
	if !f.hasYear || !f.hasMonth || !f.hasDay {
		return badSyntax
	}
	if int(f.day) > DaysInMonth(f.year, int(f.month)) {
		return badField
	}
	f.days = DaysFromCivil(f.year, int(f.month), int(f.day))
	f.hasDate = true
	return readOK
}

// finishYear widens a year of two digits and turns BC into astronomical years.
func (f *dateFields) finishYear() parseResult {
	switch {
	case f.bc:
		if f.year <= 0 {
			return badField
		}
		f.year = 1 - f.year
	case f.yearDigits <= 2 && f.year < 70:
		f.year += 2000
	case f.yearDigits <= 2 && f.year < 100:
		f.year += 1900
	case f.year <= 0:
		return badField
	}
	return readOK
}

func (f *dateFields) finishDayOfYear() parseResult {
	if r := f.finishYear(); r != readOK {
		return r
	}
	first := DaysFromCivil(f.year, 1, 1)
	if f.dayOfYear > 366 {
		return badField
	}
	f.days = first + f.dayOfYear - 1
	f.hasDate = true
	return readOK
}

func (f *dateFields) finishTime() parseResult {
	if f.am || f.pm {
		if f.hour > 12 {
			return badField
		}
		if f.pm && f.hour != 12 {
			f.hour += 12
		} else if f.am && f.hour == 12 {
			f.hour = 0
		}
	}
	if f.hour > 24 || f.minute > 59 || f.sec > 60 || f.hour == 24 && (f.minute|f.sec|f.fsc) != 0 {
		return badField
	}
	f.micros = (f.hour*3600+f.minute*60+f.sec)*MicrosPerSecond + f.fsc
	return readOK
}

// setTime reads HH:MM[:SS[.fff]].
func (f *dateFields) setTime(t []byte) parseResult {
	if f.hasTime {
		return badSyntax
	}
	f.hasTime = true
	var parts [3]int64
	n := 0
	for {
		v, rest, ok := leadingInt(t)
		if !ok {
			return badSyntax
		}
		parts[n] = v
		n++
		t = rest
		if len(t) == 0 || t[0] != ':' {
			break
		}
		if n == len(parts) {
			return badSyntax
		}
		t = t[1:]
	}
	f.hour, f.minute, f.sec = parts[0], parts[1], parts[2]
	if n < 2 {
		return badSyntax
	}
	if len(t) > 0 {
		if t[0] != '.' || n != 3 {
			return badSyntax
		}
		fsc, ok := fractionMicros(t)
		if !ok {
			return badSyntax
		}
		f.fsc = fsc
	}
	if f.minute > 59 || f.sec > 60 {
		return badField
	}
	return readOK
}

// fractionMicros reads ".ddd" as microseconds, rounded as PostgreSQL does: in
// double precision, ties to even.
func fractionMicros(t []byte) (int64, bool) {
	if len(t) == 1 {
		return 0, true
	}
	for _, c := range t[1:] {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(t), len(t)), 64)
	if err != nil {
		return 0, false
	}
	return int64(math.RoundToEven(v * MicrosPerSecond)), true
}

// leadingInt reads the digits at the start of t.
func leadingInt(t []byte) (v int64, rest []byte, ok bool) {
	i := 0
	for ; i < len(t) && t[i] >= '0' && t[i] <= '9'; i++ {
		if v > 1<<40 {
			return 0, nil, false
		}
		v = v*10 + int64(t[i]-'0')
	}
	return v, t[i:], i > 0
}

// setOffset reads ±HH, ±HHMM, ±HH:MM or ±HH:MM:SS.
func (f *dateFields) setOffset(t []byte) parseResult {
	if f.offset != noOffset || f.zone != nil {
		return badSyntax
	}
	neg := t[0] == '-'
	t = t[1:]
	h, rest, ok := leadingInt(t)
	if !ok {
		return badSyntax
	}
	var m, s int64
	if digits := len(t) - len(rest); digits > 2 && len(rest) == 0 {
		if digits > 6 {
			return badSyntax
		}
		if digits > 4 {
			s = h % 100
			h /= 100
		}
		h, m = h/100, h%100
	}
	if len(rest) > 0 && rest[0] == ':' {
		if m, rest, ok = leadingInt(rest[1:]); !ok {
			return badSyntax
		}
		if len(rest) > 0 && rest[0] == ':' {
			if s, rest, ok = leadingInt(rest[1:]); !ok {
				return badSyntax
			}
		}
	}
	if len(rest) > 0 {
		return badSyntax
	}
	if h > 15 || m > 59 || s > 59 {
		return badOffset
	}
	f.offset = h*3600 + m*60 + s
	if neg {
		f.offset = -f.offset
	}
	return readOK
}
