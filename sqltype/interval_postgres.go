package sqltype

import (
	"bytes"
	"math"
)

// readTokens reads everything but ISO 8601, from the end: a unit comes before
// its number then. A number without a unit is days before a time or hours, and
// seconds, or the type's last field, at the end.
func (p *intervalParser) readTokens() parseResult {
	p.findSign()
	known, ago := false, false // a unit is known
	for i := p.tokens.n - 1; i >= 0; i-- {
		t, kind := p.tokens.text(i), p.tokens.tokens[i].kind
		switch kind {
		case tokenTime:
			if r := p.readClock(t, false); r != readOK {
				return r
			}
			p.unit, known = unitDay, true
		case tokenOffset, tokenDate, tokenNumber:
			if kind == tokenOffset && bytes.IndexByte(t, ':') >= 0 {
				if r := p.readClock(t[1:], t[0] == '-'); r == readOK {
					p.unit, known = unitDay, true
					continue
				}
			}
			if !known {
				p.unit, known = p.last, true
			}
			if r := p.readNumber(t); r != readOK {
				return r
			}
		default:
			if string(t) == "ago" {
				ago, p.unit, known = true, intervalUnit{}, true
				continue
			}
			u, ok := intervalUnits[string(t[:min(len(t), maxKeyword)])]
			if !ok {
				return badSyntax
			}
			p.unit, known = u, true
		}
	}
	if p.seen == 0 {
		return badSyntax
	}
	if ago && !p.negate() {
		return badField
	}
	return readOK
}

// findSign tells whether the first token's sign is that of all parts: in the SQL
// standard's style, when no other token has one.
func (p *intervalParser) findSign() {
	if !p.sqlStyle || p.tokens.n == 0 || p.tokens.text(0)[0] != '-' {
		return
	}
	p.negative = true
	for i := 1; i < p.tokens.n; i++ {
		if c := p.tokens.text(i)[0]; c == '-' || c == '+' {
			p.negative = false
		}
	}
}

// first tells whether these fields come for the first time; each may come once.
func (p *intervalParser) first(fields uint16) bool {
	again := p.seen & fields
	p.seen |= fields
	return again == 0
}

// readClock reads h:mm[:ss[.f]] and mm:ss.f. As in PostgreSQL, it takes the place
// of what fractions of days have given after it.
func (p *intervalParser) readClock(t []byte, negative bool) parseResult {
	c, r := readClock(t)
	if r != readOK {
		return r
	}
	if p.minuteToSecond && bytes.IndexByte(t, '.') < 0 && bytes.Count(t, []byte(":")) == 1 {
		c = clockText{minute: c.hour, sec: c.minute}
	}
	p.micros = c.micros
	if !p.addTime(c.hour, unitHour.micros) || !p.addTime(c.minute, unitMinute.micros) || !p.addTime(c.sec, unitSecond.micros) {
		return badField
	}
	if negative || p.negative {
		p.micros = -p.micros
	}
	if !p.first(allTime) {
		return badSyntax
	}
	return readOK
}

// readNumber reads [±]digits[.digits] of the unit at hand, or [±]years-months.
func (p *intervalParser) readNumber(t []byte) parseResult {
	signed := t[0] == '-' || t[0] == '+'
	sign := int64(1)
	if t[0] == '-' {
		sign = -1
	}
	digits := t
	if signed {
		digits = t[1:]
	}
	v, rest, ok := leadingInt(digits)
	if !ok {
		return badField
	}
	v *= sign
	frac := 0.0
	switch {
	case len(rest) == 0:
	case rest[0] == '-':
		m, rest, ok := leadingInt(rest[1:])
		if !ok || m > 11 {
			return badField
		}
		if len(rest) > 0 {
			return badSyntax
		}
		if v > math.MaxInt64/12-12 || v < math.MinInt64/12+12 {
			return badField
		}
		v, p.unit = v*12+sign*m, unitMonth
	case rest[0] == '.':
		if frac, ok = fraction(rest); !ok {
			return badSyntax
		}
		frac *= float64(sign)
	default:
		return badSyntax
	}
	if p.negative {
		v, frac = -magnitude(v), -math.Abs(frac)
	}
	if p.unit.field == 0 {
		return badSyntax
	}
	if !p.add(v, frac, p.unit) {
		return badField
	}
	field := p.unit.field
	switch {
	case p.unit == unitHour:
		p.unit = unitDay
	case p.unit == unitSecond && frac != 0: // takes milliseconds and microseconds, too
		field |= unitMilli.field | unitMicro.field
	}
	if !p.first(field) {
		return badSyntax
	}
	return readOK
}
