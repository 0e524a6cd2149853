package sqltype

import (
	"math"
	"strconv"
	"time"
	"unsafe"

	"volley/sqlerr"
)

type special uint8

const (
	specialNone special = iota
	specialInfinity
	specialNegInfinity
	specialEpoch
)

// dateTime is what a date/time text says, checked and put together.
type dateTime struct {
	special special
	hasDate bool
	days    int64 // from 1970-01-01
	micros  int64 // of the day; up to and including 24 hours
	zone    textZone
}

// textZone is the zone a text names: an offset, a region, an abbreviation of a
// region, or, when none of them is set, the session's.
type textZone struct {
	known  bool // offset holds
	offset int64
	region *time.Location
	abbrev *Abbreviation
}

// toUTC is the moment of a wall-clock time; session is the zone of texts without
// one.
func (z *textZone) toUTC(local int64, session *time.Location) int64 {
	switch {
	case z.region != nil:
		return LocalToUTC(local, z.region)
	case z.abbrev != nil:
		return z.abbrev.ToUTC(local)
	case z.known:
		return local - z.offset*MicrosPerSecond
	}
	return LocalToUTC(local, session)
}

// dateFields collects the parts of a date/time text as its tokens are read.
type dateFields struct {
	dateTime
	options  TextOptions
	timeOnly bool // time and timetz; a bare number is a time
	tokens   dateTokens

	mask                   fieldMask
	year, month, day       int64
	yearDay                int64
	hour, minute, sec, fsc int64
	prefix                 prefix
	textMonth, julian      bool
	shortYear, bc          bool
	am, pm                 bool
	unknownZone            string
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
	f := dateFields{options: o, timeOnly: typeName == "time" || typeName == "time with time zone"}
	r := badSyntax
	if f.tokens.split(b, maxDateText) {
		if r = f.readTokens(); r == readOK {
			r = f.finish()
		}
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
		return dateTime{}, sqlerr.New(sqlerr.InvalidParameterValue, "time zone \"%s\" not recognized", f.unknownZone)
	}
	return f.dateTime, nil
}

func (f *dateFields) has(m fieldMask) bool { return f.mask&m == m }

// setTime reads h:m[:s[.f]] and m:s.f.
func (f *dateFields) setTime(t []byte) parseResult {
	c, r := readClock(t)
	if r != readOK {
		return r
	}
	f.hour, f.minute, f.sec, f.fsc = c.hour, c.minute, c.sec, c.micros
	if c.hour > math.MaxInt32 || !f.timeOnly && f.overflows() { // a time is checked at the end
		return badField
	}
	return readOK
}

// overflows tells whether the time is later than 24:00.
func (f *dateFields) overflows() bool {
	return f.hour > 24 || f.minute > 59 || f.sec > 60 || f.fsc > MicrosPerSecond || f.clock() > MicrosPerDay
}

func (f *dateFields) clock() int64 {
	return (f.hour*3600+f.minute*60+f.sec)*MicrosPerSecond + f.fsc
}

// clockText is a time as a text with colons says it; hours have no bound.
type clockText struct{ hour, minute, sec, micros int64 }

// readClock reads h:m[:s[.f]], and m:s.f, which has no hours.
func readClock(t []byte) (c clockText, r parseResult) {
	var ok bool
	if c.hour, t, ok = leadingInt(t); !ok {
		return c, badField
	}
	if len(t) == 0 || t[0] != ':' {
		return c, badSyntax
	}
	if c.minute, t, ok = leadingInt(t[1:]); !ok || c.minute > math.MaxInt32 {
		return c, badField
	}
	short := true
	if len(t) > 0 && t[0] == ':' {
		short = false
		if c.sec, t, ok = leadingInt(t[1:]); !ok || c.sec > math.MaxInt32 {
			return c, badField
		}
	}
	if len(t) > 0 {
		if t[0] != '.' {
			return c, badSyntax
		}
		if c.micros, ok = fractionMicros(t); !ok {
			return c, badSyntax
		}
		if short {
			c.hour, c.minute, c.sec = 0, c.hour, c.minute
		}
	}
	if c.minute > 59 || c.sec > 60 || c.micros > MicrosPerSecond {
		return c, badField
	}
	return c, readOK
}

// fractionMicros reads ".ddd" as microseconds, rounded as PostgreSQL does: in
// double precision, ties to even.
func fractionMicros(t []byte) (int64, bool) {
	v, ok := fraction(t)
	return int64(math.RoundToEven(v * MicrosPerSecond)), ok
}

// fraction reads ".ddd"; a point alone is 0.
func fraction(t []byte) (float64, bool) {
	if len(t) == 1 {
		return 0, true
	}
	for _, c := range t[1:] {
		if !isDigit(c) {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(t), len(t)), 64)
	return v, err == nil
}

// leadingInt reads the digits at the start of t, none of which is 0; !ok when the
// number does not fit.
func leadingInt(t []byte) (v int64, rest []byte, ok bool) {
	i := 0
	for ; i < len(t) && isDigit(t[i]); i++ {
		d := int64(t[i] - '0')
		if v > (math.MaxInt64-d)/10 {
			return 0, nil, false
		}
		v = v*10 + d
	}
	return v, t[i:], true
}

// setOffset reads ±HH, ±HHMM, ±HH:MM or ±HH:MM:SS.
func (f *dateFields) setOffset(t []byte) parseResult {
	off, r := readOffset(t)
	if r == readOK {
		f.zone.offset, f.zone.known = off, true
	}
	return r
}

// OffsetResult tells whether a text is an offset from UTC.
type OffsetResult uint8

// What ParseOffset finds.
const (
	OffsetRead OffsetResult = iota
	OffsetUnknown
	OffsetTooLarge
)

// ParseOffset reads ±HH, ±HHMM, ±HH:MM or ±HH:MM:SS as seconds east of UTC.
func ParseOffset(text string) (east int64, r OffsetResult) {
	east, read := readOffset([]byte(text))
	switch read {
	case readOK:
		return east, OffsetRead
	case badOffset:
		return 0, OffsetTooLarge
	}
	return 0, OffsetUnknown
}

// readOffset gives an offset in seconds east of UTC.
func readOffset(t []byte) (int64, parseResult) {
	if len(t) == 0 || t[0] != '-' && t[0] != '+' {
		return 0, badSyntax
	}
	h, rest, ok := leadingInt(t[1:])
	var m, s int64
	switch {
	case ok && len(rest) > 0 && rest[0] == ':':
		if m, rest, ok = leadingInt(rest[1:]); ok && len(rest) > 0 && rest[0] == ':' {
			s, rest, ok = leadingInt(rest[1:])
		}
	case ok && len(rest) == 0 && len(t) > 3:
		h, m = h/100, h%100
	}
	if !ok || h > 15 || m > 59 || s > 59 {
		return 0, badOffset
	}
	if len(rest) > 0 {
		return 0, badSyntax
	}
	off := h*3600 + m*60 + s
	if t[0] == '-' {
		off = -off
	}
	return off, readOK
}
