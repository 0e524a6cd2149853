package sqltype

import (
	"strings"
	"time"
)

// readWord reads a month, a weekday (ignored), AM or PM, AD or BC, a zone, a
// Julian day, or a word that stands for a moment.
func (f *dateFields) readWord(t []byte, loc *time.Location) parseResult {
	if m := monthOf(t); m > 0 {
		if f.hasMonth && !f.textMonth && !f.hasDay && f.month >= 1 && f.month <= 31 {
			f.day, f.hasDay, f.hasMonth = f.month, true, false
		}
		if f.hasMonth {
			return badSyntax
		}
		f.month, f.hasMonth, f.textMonth = m, true, true
		return readOK
	}
	if len(t) > 4 && t[3] == '-' || len(t) > 5 && isDigit(t[len(t)-1]) && monthPrefix(t) {
		return f.readDate(t)
	}
	var buf [24]byte
	w := lowerWord(buf[:0], t)
	switch string(w) {
	case "t", "at", "on", "sun", "sunday", "mon", "monday", "tue", "tues", "tuesday", "wed", "weds",
		"wednesday", "thu", "thur", "thurs", "thursday", "fri", "friday", "sat", "saturday":
		return readOK
	case "am":
		f.am = true
		return readOK
	case "pm":
		f.pm = true
		return readOK
	case "ad", "bc":
		if f.era {
			return badSyntax
		}
		f.era, f.bc = true, string(w) == "bc"
		return readOK
	case "infinity":
		return f.setSpecial(specialInfinity)
	case "epoch":
		f.offset = 0
		return f.setMoment(0, 0)
	case "now", "today", "tomorrow", "yesterday":
		return f.setRelative(string(w), loc)
	case "allballs":
		f.hasTime, f.offset = true, 0
		return readOK
	}
	return f.setZone(string(w), t)
}

// setMoment sets the day and, when it is past midnight, the time.
func (f *dateFields) setMoment(days, micros int64) parseResult {
	if f.hasYear || f.hasMonth || f.hasDay || f.julian {
		return badSyntax
	}
	f.julian, f.days = true, days
	if !f.hasTime {
		f.micros = micros
	}
	return readOK
}

func (f *dateFields) setRelative(word string, loc *time.Location) parseResult {
	local := UTCToLocal(now().UnixMicro(), loc)
	days := floorDiv(local, MicrosPerDay)
	switch word {
	case "now":
		return f.setMoment(days, local-days*MicrosPerDay)
	case "tomorrow":
		days++
	case "yesterday":
		days--
	}
	return f.setMoment(days, 0)
}

// zoneAbbreviations are PostgreSQL's default abbreviations in common use, in
// seconds east of UTC.
var zoneAbbreviations = map[string]int64{
	"z": 0, "utc": 0, "gmt": 0, "zulu": 0, "ut": 0, "uct": 0, "wet": 0,
	"est": -5 * 3600, "edt": -4 * 3600, "cst": -6 * 3600, "cdt": -5 * 3600,
	"mst": -7 * 3600, "mdt": -6 * 3600, "pst": -8 * 3600, "pdt": -7 * 3600,
	"akst": -9 * 3600, "akdt": -8 * 3600, "hst": -10 * 3600,
	"bst": 3600, "cet": 3600, "met": 3600, "west": 3600, "cest": 7200, "mest": 7200, "eet": 7200, "sast": 7200,
	"eest": 3 * 3600, "msk": 3 * 3600, "ist": 2 * 3600, "jst": 9 * 3600, "kst": 9 * 3600,
	"aest": 10 * 3600, "aedt": 11 * 3600, "awst": 8 * 3600, "nzst": 12 * 3600, "nzdt": 13 * 3600,
}

// setZone reads an abbreviation or the name of a zone.
func (f *dateFields) setZone(word string, t []byte) parseResult {
	if f.offset != noOffset || f.zone != nil {
		return badSyntax
	}
	if off, ok := zoneAbbreviations[word]; ok {
		f.offset = off
		return readOK
	}
	if f.zone = RegionZone(string(t)); f.zone != nil {
		return readOK
	}
	if strings.Contains(word, "/") {
		f.badZone = word
		return unknownZone
	}
	return badSyntax
}

var monthNames = [...]string{
	"january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december",
}

// monthOf is 1–12 for a month's name or its first three letters ("sept" too),
// in any case, and 0 for any other word.
func monthOf(t []byte) int64 {
	if len(t) < 3 {
		return 0
	}
	for i, name := range monthNames {
		if equalFold(t, name) || len(t) == 3 && equalFold(t, name[:3]) {
			return int64(i + 1)
		}
	}
	if equalFold(t, "sept") {
		return 9
	}
	return 0
}

// monthPrefix tells whether t starts with a month and '-'.
func monthPrefix(t []byte) bool {
	for i, c := range t {
		if c == '-' {
			return monthOf(t[:i]) > 0
		}
	}
	return false
}

// lowerWord appends t in lower case, cut to dst's capacity.
func lowerWord(dst, t []byte) []byte {
	for _, c := range t[:min(len(t), cap(dst))] {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}

func hasPrefixFold(t []byte, w string) bool {
	return len(t) >= len(w) && equalFold(t[:len(w)], w)
}
