package sqltype

import "time"

// now is the clock behind 'now', 'today', 'tomorrow' and 'yesterday'; tests
// replace it.
var now = time.Now

// readWord reads an abbreviation of a zone, a keyword, or a zone's name.
func (f *dateFields) readWord(i int, t []byte) (fieldMask, parseResult) {
	if a, ok := zoneAbbreviation(t); ok {
		switch {
		case a.Region != nil:
			region := a
			f.zone.abbrev = &region
			return fieldZone | fieldDynamicZone, readOK
		case a.Summer:
			f.zone.offset, f.zone.known = a.East, true
			return fieldZone | fieldDST, readOK
		}
		f.zone.offset, f.zone.known = a.East, true
		return fieldZone, readOK
	}
	k, ok := keywordOf(t)
	if !ok {
		if f.zone.region = NamedZone(string(t)); f.zone.region == nil {
			return 0, badSyntax
		}
		return fieldZone, readOK
	}
	switch k.kind {
	case wordIgnored:
		return 0, readOK
	case wordMoment:
		return f.readMoment(moment(k.value))
	case wordMonth:
		return f.readMonthName(k.value)
	case wordWeekday:
		if f.timeOnly {
			return 0, badSyntax
		}
		return fieldWeekday, readOK
	case wordDST:
		f.zone.offset += 3600
		f.zone.known = true
		return fieldDSTMod | fieldDST, readOK
	case wordMeridiem:
		f.am, f.pm = k.value == meridiemAM, k.value == meridiemPM
		return fieldMeridiem, readOK
	case wordEra:
		f.bc = k.value == eraBC
		return fieldEra, readOK
	case wordPrefix:
		f.prefix = prefix(k.value)
		return 0, readOK
	}
	return 0, f.readTimeMark(i) // wordTime
}

// readTimeMark reads the T before a time.
func (f *dateFields) readTimeMark(i int) parseResult {
	if !f.timeOnly && !f.has(fieldsDate) || i+1 >= f.tokens.n {
		return badSyntax
	}
	switch f.tokens.tokens[i+1].kind {
	case tokenNumber, tokenTime, tokenDate:
		f.prefix = prefixTime
		return readOK
	}
	return badSyntax
}

// readMonthName reads a month's name. A number before it that was taken for the
// month was the day.
func (f *dateFields) readMonthName(month uint8) (fieldMask, parseResult) {
	if f.timeOnly {
		return 0, badSyntax
	}
	found := fieldMonth
	if f.has(fieldMonth) && !f.textMonth && !f.has(fieldDay) && f.month >= 1 && f.month <= 31 {
		f.day, found = f.month, fieldDay
	}
	f.textMonth, f.month = true, int64(month)
	return found, readOK
}

// readMoment reads a word that stands for a moment.
func (f *dateFields) readMoment(m moment) (fieldMask, parseResult) {
	if f.timeOnly && m != momentNow && m != momentMidnight {
		return 0, badSyntax
	}
	if m == momentMidnight {
		f.hour, f.minute, f.sec, f.special = 0, 0, 0, specialNone
		f.zone.offset, f.zone.known = 0, true
		return fieldsTime | fieldZone, readOK
	}
	moment := f.options.Now
	if moment.IsZero() {
		moment = now()
	}
	utc := moment.UnixMicro()
	local := UTCToLocal(utc, f.options.TimeZone)
	days := floorDiv(local, MicrosPerDay)
	switch m {
	case momentNow:
		f.setClock(local - days*MicrosPerDay)
		if f.timeOnly {
			return fieldsTime, readOK
		}
		f.setDays(days)
		f.zone.offset, f.zone.known = (local-utc)/MicrosPerSecond, true
		return fieldsDate | fieldsTime | fieldZone, readOK
	case momentToday:
		f.setDays(days)
		return fieldsDate, readOK
	case momentTomorrow:
		f.setDays(days + 1)
		return fieldsDate, readOK
	case momentYesterday:
		f.setDays(days - 1)
		return fieldsDate, readOK
	case momentEpoch:
		f.special = specialEpoch
	case momentInfinity:
		f.special = specialInfinity
	default:
		f.special = specialNegInfinity
	}
	return fieldReserved, readOK
}

func (f *dateFields) setDays(days int64) {
	var month, day int
	f.year, month, day = CivilFromDays(days)
	f.month, f.day = int64(month), int64(day)
	f.special = specialNone
}
