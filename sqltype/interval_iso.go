package sqltype

import (
	"bytes"
	"math"
	"strconv"
)

// readISO reads an ISO 8601 duration after its P: designators ('1Y2M3DT4H5M6S',
// '2W') or the alternative form ('0001-02-03T04:05:06', '00010203T040506').
func (p *intervalParser) readISO(t []byte) parseResult {
	inTime, any := false, false
	for len(t) > 0 {
		if t[0] == 'T' {
			inTime, any = true, false
			t = t[1:]
			continue
		}
		n, r := readISONumber(t)
		if r != readOK {
			return r
		}
		designator := byte(0)
		if n.size < len(t) {
			designator = t[n.size]
		}
		u, ok := isoUnit(designator, inTime)
		if !ok {
			if any {
				return badSyntax
			}
			done := false
			if t, done, r = p.readAlternative(t, n, designator, inTime); r != readOK || done {
				return r
			}
			inTime = true
			continue
		}
		if !p.add(n.whole, n.frac, u) {
			return badField
		}
		any = true
		t = t[n.size+1:]
	}
	return readOK
}

// isoNumber is a number and the length of its text.
type isoNumber struct {
	whole  int64
	frac   float64
	digits int // before the point
	size   int
}

// readISONumber reads a number as C's strtod does, but of no more than 10^15.
func readISONumber(t []byte) (n isoNumber, r parseResult) {
	if !isDigit(t[0]) && t[0] != '-' && t[0] != '.' {
		return n, badSyntax
	}
	i := 0
	if t[0] == '-' {
		i = 1
	}
	start := i
	for i < len(t) && isDigit(t[i]) {
		i++
	}
	n.digits = i - start
	if i < len(t) && t[i] == '.' {
		for i++; i < len(t) && isDigit(t[i]); i++ {
		}
	}
	if i == start || i == start+1 && t[start] == '.' {
		return n, badSyntax
	}
	if i < len(t) && t[i]|0x20 == 'e' {
		k := i + 1
		if k < len(t) && (t[k] == '-' || t[k] == '+') {
			k++
		}
		if k < len(t) && isDigit(t[k]) {
			for i = k; i < len(t) && isDigit(t[i]); i++ {
			}
		}
	}
	v, err := strconv.ParseFloat(string(t[:i]), 64)
	if err != nil {
		return n, badSyntax
	}
	if v < -1e15 || v > 1e15 {
		return n, badField
	}
	whole := math.Trunc(v)
	n.whole, n.frac, n.size = int64(whole), v-whole, i
	return n, readOK
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

// readAlternative reads y[-m[-d]] or yyyymmdd up to the T, or h[:m[:s]] or hhmmss
// to the end, whose first number is n. It gives what is behind the T, and whether
// that was all.
func (p *intervalParser) readAlternative(t []byte, n isoNumber, next byte, inTime bool) (rest []byte, done bool, r parseResult) {
	sep, units, basic := byte('-'), []intervalUnit{unitYear, unitMonth, unitDay}, 8
	if inTime {
		sep, units, basic = ':', []intervalUnit{unitHour, unitMinute, unitSecond}, 6
	}
	ends := next == 0 || next == 'T' && !inTime
	if ends && n.digits == basic {
		if !p.add(n.whole/10000, 0, units[0]) || !p.add(n.whole/100%100, 0, units[1]) || !p.add(n.whole%100, n.frac, units[2]) {
			return nil, false, badField
		}
		return bytes.TrimPrefix(t[n.size:], []byte("T")), next == 0, readOK
	}
	if !ends && next != sep {
		return nil, false, badSyntax
	}
	for i, u := range units {
		if !p.add(n.whole, n.frac, u) {
			return nil, false, badField
		}
		if t = t[n.size:]; len(t) == 0 {
			return nil, true, readOK
		}
		if t[0] == 'T' && !inTime {
			return t[1:], false, readOK
		}
		if t[0] != sep || i == len(units)-1 || len(t) == 1 {
			return nil, false, badSyntax
		}
		t = t[1:]
		if n, r = readISONumber(t); r != readOK {
			return nil, false, r
		}
	}
	return nil, false, badSyntax
}
