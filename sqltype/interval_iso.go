package sqltype

import "bytes"

// readISO reads an ISO 8601 duration after its P: designators ('1Y2M3DT4H5M6S',
// '2W') or the alternative form ('0001-02-03T04:05:06').
func (p *intervalParser) readISO(t []byte) bool {
	inTime, any := false, false
	for len(t) > 0 {
		if t[0] == 'T' {
			if inTime {
				return false
			}
			inTime = true
			t = t[1:]
			continue
		}
		q, rest, ok := p.readQuantity(t)
		if !ok {
			return false
		}
		if len(rest) == 0 || rest[0] == '-' || rest[0] == ':' || rest[0] == 'T' {
			return !any && p.readISOAlternative(t, inTime)
		}
		u, ok := isoUnit(rest[0], inTime)
		if !ok {
			return false
		}
		p.add(q, u)
		any = true
		t = rest[1:]
	}
	return any || inTime
}

// isoUnit is the unit of a designator; M is months before the T and minutes
// after it.
func isoUnit(c byte, inTime bool) (intervalUnit, bool) {
	if inTime {
		switch c {
		case 'H':
			return unitHour, true
		case 'M':
			return unitMinute, true
		case 'S':
			return unitSecond, true
		}
		return intervalUnit{}, false
	}
	switch c {
	case 'Y':
		return unitYear, true
	case 'M':
		return unitMonth, true
	case 'W':
		return unitWeek, true
	case 'D':
		return unitDay, true
	}
	return intervalUnit{}, false
}

// readISOAlternative reads y[-m[-d]][Th[:m[:s]]], without the T when the time
// has begun already; the basic form YYYYMMDD and HHMMSS, too.
func (p *intervalParser) readISOAlternative(t []byte, inTime bool) bool {
	date, clock := t, []byte(nil)
	if inTime {
		date, clock = nil, t
	} else if i := bytes.IndexByte(t, 'T'); i >= 0 {
		date, clock = t[:i], t[i+1:]
	}
	if len(date) == 8 && allDigits(date) {
		date = []byte{date[0], date[1], date[2], date[3], '-', date[4], date[5], '-', date[6], date[7]}
	}
	if len(clock) == 6 && allDigits(clock) {
		clock = []byte{clock[0], clock[1], ':', clock[2], clock[3], ':', clock[4], clock[5]}
	}
	return p.readParts(date, '-', unitYear, unitMonth, unitDay) &&
		p.readParts(clock, ':', unitHour, unitMinute, unitSecond)
}

// readParts reads up to one number per unit between separators.
func (p *intervalParser) readParts(t []byte, sep byte, units ...intervalUnit) bool {
	for _, u := range units {
		if len(t) == 0 {
			return true
		}
		q, rest, ok := p.readQuantity(t)
		if !ok {
			return false
		}
		p.add(q, u)
		if len(rest) > 0 {
			if rest[0] != sep || len(rest) == 1 {
				return false
			}
			rest = rest[1:]
		}
		t = rest
	}
	return len(t) == 0
}

func allDigits(t []byte) bool {
	for _, c := range t {
		if !isDigit(c) {
			return false
		}
	}
	return true
}
