package sqltype

import (
	"bytes"
	"math"
	"strconv"
)

// readTokens reads the tokens one by one; each gives fields that none before it
// has given.
func (f *dateFields) readTokens() parseResult {
	for i := range f.tokens.n {
		var found fieldMask
		var r parseResult
		t := f.tokens.text(i)
		switch f.tokens.tokens[i].kind {
		case tokenDate:
			found, r = f.readDateToken(i, t)
		case tokenTime:
			f.prefix = f.prefix.afterTime(f.timeOnly)
			if f.prefix != noPrefix && !f.timeOnly {
				return badSyntax
			}
			found, r = fieldsTime, f.setTime(t)
		case tokenOffset:
			found, r = fieldZone, f.setOffset(t)
		case tokenNumber:
			if f.prefix != noPrefix {
				found, r = f.readPrefixed(t)
			} else {
				found, r = f.readNumber(i, t)
			}
		default:
			found, r = f.readWord(i, t)
		}
		if r != readOK {
			return r
		}
		if f.mask&found != 0 {
			return badSyntax
		}
		f.mask |= found
	}
	return readOK
}

// afterTime is the prefix left after a time with colons: the T before it is used
// up. A time alone has no date that the prefix could be wrong for.
func (p prefix) afterTime(timeOnly bool) prefix {
	if p == prefixTime && !timeOnly {
		return noPrefix
	}
	return p
}

// readDateToken reads a date, or, where one is known, the name of a zone or a time
// without colons and its offset.
func (f *dateFields) readDateToken(i int, t []byte) (fieldMask, parseResult) {
	if f.timeOnly {
		last := f.tokens.tokens[f.tokens.n-1].kind
		if i == 0 && f.tokens.n >= 2 && (last == tokenDate || f.tokens.tokens[1].kind == tokenTime) {
			return f.readDate(t)
		}
		if isDigit(t[0]) {
			return f.readRunWithOffset(t, f.mask|fieldsDate)
		}
		return f.readZoneName(t)
	}
	switch {
	case f.prefix == prefixJulian:
		return f.readJulianWithOffset(t)
	case f.prefix != noPrefix || f.has(fieldMonth|fieldDay):
		if !isDigit(t[0]) && f.prefix == noPrefix {
			return f.readZoneName(t)
		}
		if f.prefix != noPrefix && f.prefix != prefixTime {
			return 0, badSyntax
		}
		f.prefix = noPrefix
		return f.readRunWithOffset(t, f.mask)
	}
	return f.readDate(t)
}

// readRunWithOffset reads hhmmss-zz.
func (f *dateFields) readRunWithOffset(t []byte, known fieldMask) (fieldMask, parseResult) {
	i := bytes.IndexByte(t, '-')
	if f.has(fieldsTime) || i < 0 {
		return 0, badSyntax
	}
	if r := f.setOffset(t[i:]); r != readOK {
		return 0, r
	}
	found, r := f.takeRun(t[:i], known)
	return found | fieldZone, r
}

func (f *dateFields) readJulianWithOffset(t []byte) (fieldMask, parseResult) {
	day, rest, ok := leadingInt(t)
	if !ok || day > math.MaxInt32 {
		return 0, badField
	}
	f.setJulian(day)
	f.prefix = noPrefix
	return fieldsDate | fieldsTime | fieldZone, f.setOffset(rest)
}

func (f *dateFields) setJulian(day int64) {
	var month, dayOfMonth int
	f.year, month, dayOfMonth = CivilFromDays(day + minDate)
	f.month, f.day, f.julian = int64(month), int64(dayOfMonth), true
}

func (f *dateFields) readZoneName(t []byte) (fieldMask, parseResult) {
	if f.zone.region = NamedZone(string(t)); f.zone.region == nil {
		f.unknownZone = string(t)
		return 0, unknownZone
	}
	return fieldZone, readOK
}

// readNumber reads a number that no letter before it explains.
func (f *dateFields) readNumber(i int, t []byte) (fieldMask, parseResult) {
	point := bytes.IndexByte(t, '.')
	if f.timeOnly {
		switch {
		case point >= 0 && i == 0 && f.tokens.n >= 2 && f.tokens.tokens[f.tokens.n-1].kind == tokenDate:
			return f.readDate(t)
		case point >= 0 && point <= 2:
			return 0, badSyntax
		case point >= 0 || len(t) > 4:
			return f.takeRun(t, f.mask|fieldsDate)
		}
		return f.takeNumber(t, false, f.mask|fieldsDate)
	}
	switch {
	case point >= 0 && f.mask&fieldsDate == 0:
		return f.readDate(t)
	case point > 2, len(t) >= 6 && (f.mask&fieldsDate == 0 || f.mask&fieldsTime == 0):
		return f.takeRun(t, f.mask)
	}
	return f.takeNumber(t, f.textMonth, f.mask)
}

// readPrefixed reads the number of the field that a letter has named.
func (f *dateFields) readPrefixed(t []byte) (found fieldMask, r parseResult) {
	v, rest, ok := leadingInt(t)
	if !ok || v > math.MaxInt32 {
		return 0, badField
	}
	p := f.prefix
	if len(rest) > 0 && (rest[0] != '.' || p != prefixJulian && p != prefixTime && p != prefixSecond) {
		return 0, badSyntax
	}
	f.prefix, f.special = noPrefix, specialNone
	switch p {
	case prefixYear:
		f.year = v
		return fieldYear, readOK
	case prefixMonth:
		if f.has(fieldMonth) && f.has(fieldHour) {
			f.minute = v
			return fieldMinute, readOK
		}
		return f.takeMonth(v), readOK
	case prefixDay:
		return f.takeDay(v), readOK
	case prefixHour:
		f.hour = v
		return fieldHour, readOK
	case prefixMinute:
		f.minute = v
		return fieldMinute, readOK
	case prefixSecond:
		f.sec = v
		if len(rest) == 0 {
			return fieldSecond, readOK
		}
		if f.fsc, ok = fractionMicros(rest); !ok {
			return 0, badSyntax
		}
		return fieldsSeconds, readOK
	case prefixJulian:
		f.setJulian(v)
		if len(rest) == 0 {
			return fieldsDate, readOK
		}
		part, err := strconv.ParseFloat("0"+string(rest), 64)
		if err != nil {
			return 0, badSyntax
		}
		f.setClock(int64(part * MicrosPerDay))
		return fieldsDate | fieldsTime, readOK
	case prefixTime:
		if found, r = f.takeRun(t, f.mask|fieldsDate); r == readOK && found != fieldsTime {
			r = badSyntax
		}
		return found, r
	}
	return 0, badSyntax
}

// setClock sets the time of day from microseconds.
func (f *dateFields) setClock(micros int64) {
	f.hour, f.minute = micros/(3600*MicrosPerSecond), micros/(60*MicrosPerSecond)%60
	f.sec, f.fsc = micros/MicrosPerSecond%60, micros%MicrosPerSecond
}
