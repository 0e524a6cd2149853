package sqltype

import "bytes"

// readISO reads an ISO 8601 duration after its P: designators ('1Y2M3DT4H5M6S',
// '2W') or the alternative form ('0001-02-03T04:05:06').
func (p *intervalParser) readISO(t []byte) bool {
	inTime, any := false, false
	for len(t) > 0 {
		if t[0] == 'T' || t[0] == 't' {
			if inTime || len(t) == 1 {
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
	return any
}

// isoUnit is the unit of a designator; M is months before the T and minutes
// after it.
func isoUnit(c byte, inTime bool) (intervalUnit, bool) {
	if inTime {
		switch c | 0x20 {
		case 'h':
			return unitHour, true
		case 'm':
			return unitMinute, true
		case 's':
			return unitSecond, true
		}
		return intervalUnit{}, false
	}
	switch c | 0x20 {
	case 'y':
		return unitYear, true
	case 'm':
		return unitMonth, true
	case 'w':
		return unitWeek, true
	case 'd':
		return unitDay, true
	}
	return intervalUnit{}, false
}

// readISOAlternative reads y[-m[-d]][Th[:m[:s]]], without the T when the time
// has begun already.
func (p *intervalParser) readISOAlternative(t []byte, inTime bool) bool {
	date, clock := t, []byte(nil)
	if inTime {
		date, clock = nil, t
	} else if i := bytes.IndexAny(t, "Tt"); i >= 0 {
		date, clock = t[:i], t[i+1:]
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
