package sqltype

import "bytes"

// readPostgres reads everything but ISO 8601. A number takes the unit of the
// word after it; without a word it is days before a time and seconds at the end.
func (p *intervalParser) readPostgres(t []byte) bool {
	if len(t) > 0 && t[0] == '@' {
		t = trimSpace(t[1:])
	}
	if len(t) == 0 {
		return false
	}
	ago, any := false, false
	for len(t) > 0 {
		if isSpace(t[0]) || t[0] == ',' {
			t = t[1:]
			continue
		}
		if ago {
			return false
		}
		if isLetter(t[0]) {
			n := letters(t)
			if !any || !equalFold(t[:n], "ago") {
				return false
			}
			ago, t = true, t[n:]
			continue
		}
		any = true
		var ok bool
		switch token := t[:intervalToken(t)]; {
		case bytes.IndexByte(token, ':') >= 0:
			ok = p.first(allTime) && p.readClock(token)
			t = t[len(token):]
		case bytes.IndexByte(token[1:], '-') > 0 || len(token) > 2 && token[0] != '-' && bytes.IndexByte(token, '-') > 0:
			ok = p.readYearMonth(token)
			t = t[len(token):]
		default:
			t, ok = p.readQuantityUnit(t)
		}
		if !ok {
			return false
		}
	}
	if ago {
		p.negate()
	}
	return any
}

func letters(t []byte) int {
	n := 0
	for n < len(t) && isLetter(t[n]) {
		n++
	}
	return n
}

// intervalToken is the length of a token of a sign, digits, '.', ':' and '-'.
func intervalToken(t []byte) int {
	n := 1
	for n < len(t) && (isDigit(t[n]) || t[n] == '.' || t[n] == ':' || t[n] == '-' && isDigit(t[n-1])) {
		n++
	}
	return n
}

// readQuantityUnit reads a number and its unit, if it has one, and gives what
// follows them.
func (p *intervalParser) readQuantityUnit(t []byte) ([]byte, bool) {
	q, rest, ok := p.readQuantity(t)
	if !ok {
		return nil, false
	}
	next := skipSpace(rest)
	if n := letters(next); n > 0 {
		u, ok := unitNamed(next[:n])
		if !ok || !p.first(q.fields(u)) {
			return nil, false
		}
		p.add(q, u)
		return next[n:], true
	}
	unit := unitSecond
	if len(next) > 0 {
		if unit = unitDay; !startsWithTime(next) {
			return nil, false
		}
	}
	if !p.first(q.fields(unit)) {
		return nil, false
	}
	p.add(q, unit)
	return rest, true
}

func unitNamed(t []byte) (intervalUnit, bool) {
	var buf [16]byte
	u, ok := intervalUnits[string(lowerWord(buf[:0], t))]
	return u, ok
}

// startsWithTime tells whether t starts with hh:mm or a number of hours, before
// which a bare number is days.
func startsWithTime(t []byte) bool {
	n := intervalToken(t)
	if bytes.IndexByte(t[:n], ':') >= 0 {
		return true
	}
	t = skipSpace(t[n:])
	u, ok := unitNamed(t[:letters(t)])
	return ok && u == unitHour
}

func skipSpace(t []byte) []byte {
	for len(t) > 0 && isSpace(t[0]) {
		t = t[1:]
	}
	return t
}

// first tells whether these fields come for the first time; each may come once.
func (p *intervalParser) first(fields uint16) bool {
	again := p.seen & fields
	p.seen |= fields
	return again == 0
}

// fields are those a quantity of unit u gives: a fraction of a second takes
// milliseconds and microseconds, too.
func (q quantity) fields(u intervalUnit) uint16 {
	if u == unitSecond && q.frac != 0 {
		return u.field | unitMilli.field | unitMicro.field
	}
	return u.field
}

// readClock reads [±]h:mm[:ss[.f]] and mm:ss.f.
func (p *intervalParser) readClock(t []byte) bool {
	neg := t[0] == '-'
	if neg || t[0] == '+' {
		t = t[1:]
	}
	var parts [3]int64
	n := 0
	for {
		v, rest, ok := leadingInt(t)
		if !ok || n == len(parts) {
			return false
		}
		parts[n] = v
		n++
		t = rest
		if len(t) == 0 || t[0] != ':' {
			break
		}
		if t = t[1:]; len(t) == 0 { // "1:" is one hour
			break
		}
	}
	var frac int64
	if len(t) > 0 {
		var ok bool
		if t[0] != '.' || n < 2 {
			return false
		}
		if frac, ok = fractionMicros(t); !ok {
			return false
		}
		if n == 2 { // mm:ss.f
			parts = [3]int64{0, parts[0], parts[1]}
		}
	}
	if parts[1] > 59 || parts[2] > 60 {
		p.overflow = true
		return false
	}
	sign := int64(1)
	if neg {
		sign = -1
	}
	p.addTo(&p.micros, sign*parts[0], unitHour.micros)
	p.addTo(&p.micros, sign*((parts[1]*60+parts[2])*MicrosPerSecond+frac), 1)
	return true
}

// readYearMonth reads [±]y-m, both of the same sign.
func (p *intervalParser) readYearMonth(t []byte) bool {
	sign := int64(1)
	if t[0] == '-' || t[0] == '+' {
		if t[0] == '-' {
			sign = -1
		}
		t = t[1:]
	}
	y, rest, ok := leadingInt(t)
	if !ok || len(rest) < 2 || rest[0] != '-' {
		return false
	}
	m, rest, ok := leadingInt(rest[1:])
	if !ok || len(rest) > 0 {
		return false
	}
	if m > 11 {
		p.overflow = true
		return false
	}
	if !p.first(unitYear.field | unitMonth.field) {
		return false
	}
	p.addTo(&p.months, sign*y, 12)
	p.addTo(&p.months, sign*m, 1)
	return true
}
