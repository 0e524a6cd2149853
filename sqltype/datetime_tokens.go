package sqltype

import (
	"math"
	"strconv"
	"time"
)

// readTokens splits a date/time text as PostgreSQL's ParseDateTime does and
// reads each token into f: a time has colons, a date has '-', '/' or '.'
// between its parts, a sign after a time starts an offset, letters are a word.
func (f *dateFields) readTokens(t []byte, loc *time.Location) parseResult {
	if len(t) == 0 {
		return badSyntax
	}
	for len(t) > 0 {
		c := t[0]
		var n int
		var r parseResult
		switch {
		case isSpace(c) || c == ',':
			t = t[1:]
			continue
		case isDigit(c):
			n = f.numberLength(t)
			r = f.readNumber(t[:n])
		case c == '-' && hasPrefixFold(t[1:], "infinity"):
			n, r = len("-infinity"), f.setSpecial(specialNegInfinity)
		case (c == '+' || c == '-') && (f.hasTime || f.hasDay || f.julian):
			n = 1
			for n < len(t) && (isDigit(t[n]) || t[n] == ':') {
				n++
			}
			r = f.setOffset(t[:n])
		case c|0x20 == 'j' && len(t) > 1 && isDigit(t[1]):
			day, rest, ok := leadingInt(t[1:])
			if !ok {
				return badField
			}
			frac := 0
			for len(rest) > frac && (frac == 0 && rest[0] == '.' || frac > 0 && isDigit(rest[frac])) {
				frac++
			}
			micros := int64(0)
			if frac > 1 {
				part, err := strconv.ParseFloat(string(rest[:frac]), 64)
				if err != nil {
					return badSyntax
				}
				micros = int64(math.RoundToEven(part * MicrosPerDay))
			}
			n, r = len(t)-len(rest)+frac, f.setMoment(day+minDate, micros)
		case isLetter(c):
			n = f.wordLength(t)
			r = f.readWord(t[:n], loc)
		default:
			return badSyntax
		}
		if r != readOK {
			return r
		}
		t = t[n:]
	}
	return readOK
}

func (f *dateFields) setSpecial(s special) parseResult {
	if f.special != specialNone || f.hasYear || f.hasTime || f.hasMonth || f.hasDay {
		return badSyntax
	}
	f.special = s
	return readOK
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// numberLength is the length of the token that starts with the digit t[0]: a
// time, a date with separators, or a number.
func (f *dateFields) numberLength(t []byte) int {
	n := 0
	for n < len(t) && isDigit(t[n]) {
		n++
	}
	if n == len(t) {
		return n
	}
	switch sep := t[n]; {
	case sep == ':':
		for n < len(t) && (isDigit(t[n]) || t[n] == ':' || t[n] == '.') {
			n++
		}
	case (sep == '-' || sep == '/' || sep == '.') && n+1 < len(t) && !f.dateKnown() &&
		(isDigit(t[n+1]) || isLetter(t[n+1])):
		return dateLength(t, n, sep)
	case sep == '.': // a compact time with a fraction
		for n++; n < len(t) && isDigit(t[n]); n++ {
		}
	}
	return n
}

// dateLength is the length of a date whose first part has n bytes: up to three
// parts, each of digits or of letters; after two numbers no name may come.
func dateLength(t []byte, n int, sep byte) int {
	numbers := isDigit(t[0])
	for parts := 1; parts < 3 && n+1 < len(t) && t[n] == sep && (isDigit(t[n+1]) || isLetter(t[n+1])); parts++ {
		if parts == 2 && numbers && !isDigit(t[n+1]) {
			break
		}
		n++
		numbers = numbers && isDigit(t[n])
		same := isLetter
		if isDigit(t[n]) {
			same = isDigit
		}
		for n < len(t) && same(t[n]) {
			n++
		}
	}
	return n
}

// dateKnown tells whether the text has given a whole date.
func (f *dateFields) dateKnown() bool {
	return f.julian || f.hasYear && (f.dayOfYear > 0 || f.hasMonth && f.hasDay)
}

// wordLength is the length of a word; a zone's name may hold '/', '_', '-', '+'
// and digits after its first letters, a month may be the first part of a date
// like Jan-08-1999.
func (f *dateFields) wordLength(t []byte) int {
	n := 0
	for n < len(t) && isLetter(t[n]) {
		n++
	}
	if n < len(t) && (t[n] == '/' || t[n] == '_') {
		for n < len(t) && (isLetter(t[n]) || isDigit(t[n]) || t[n] == '/' || t[n] == '_' || t[n] == '-' || t[n] == '+') {
			n++
		}
		return n
	}
	if n < len(t) && t[n] == '-' && monthOf(t[:n]) > 0 {
		return dateLength(t, n, '-')
	}
	return n
}

// readNumber reads a time, a date with separators, or a bare number.
func (f *dateFields) readNumber(t []byte) parseResult {
	for i, c := range t {
		switch {
		case c == ':':
			return f.setTime(t)
		case c == '.' && (f.dateKnown() || i == 6):
			return f.readCompactTime(t[:i], t[i:])
		case !isDigit(c):
			return f.readDate(t)
		}
	}
	v, _, ok := leadingInt(t)
	if !ok {
		return badField
	}
	switch {
	case f.timeOnly && !f.hasTime && (len(t) == 6 || len(t) == 4):
		return f.readCompactTime(t, nil)
	case len(t) >= 6 && !f.dateKnown():
		return f.setDate(v/10000, len(t)-4, v/100%100, v%100)
	case f.dateKnown():
		return f.readCompactTime(t, nil)
	}
	return f.takeNumber(v, len(t), f.textMonth)
}

// readCompactTime reads HHMMSS or HHMM and a fraction.
func (f *dateFields) readCompactTime(t, frac []byte) parseResult {
	v, _, ok := leadingInt(t)
	if !ok || f.hasTime || len(t) != 6 && (len(t) != 4 || len(frac) > 0) {
		return badSyntax
	}
	if len(t) == 4 {
		v *= 100
	}
	f.hour, f.minute, f.sec, f.hasTime = v/10000, v/100%100, v%100, true
	if len(frac) > 0 {
		if f.fsc, ok = fractionMicros(frac); !ok {
			return badSyntax
		}
	}
	return readOK
}

func (f *dateFields) setDate(year int64, yearDigits int, month, day int64) parseResult {
	if f.hasYear || f.hasMonth || f.hasDay {
		return badSyntax
	}
	f.year, f.yearDigits, f.month, f.day = year, yearDigits, month, day
	f.hasYear, f.hasMonth, f.hasDay = true, true, true
	return readOK
}

// readDate reads two or three parts separated by '-', '/' or '.': numbers, and a
// month that may be a name.
func (f *dateFields) readDate(t []byte) parseResult {
	if f.hasYear || f.hasMonth || f.hasDay {
		return badSyntax
	}
	var num [3]int64
	var digits [3]int
	month, n := int64(0), 0
	for len(t) > 0 {
		if isDigit(t[0]) {
			if n == len(num) {
				return badSyntax
			}
			v, rest, ok := leadingInt(t)
			if !ok {
				return badField
			}
			num[n], digits[n] = v, len(t)-len(rest)
			n++
			t = rest
		} else {
			k := 0
			for k < len(t) && isLetter(t[k]) {
				k++
			}
			if month > 0 || k == 0 || monthOf(t[:k]) == 0 {
				return badSyntax
			}
			month = monthOf(t[:k])
			t = t[k:]
		}
		if len(t) > 0 {
			t = t[1:] // the separator
		}
	}
	if month > 0 {
		f.month, f.hasMonth = month, true
	}
	for i, v := range num[:n] {
		if f.dateKnown() {
			return badSyntax
		}
		if r := f.takeNumber(v, digits[i], month > 0); r != readOK {
			return r
		}
	}
	if !f.dateKnown() {
		return badSyntax
	}
	return readOK
}
