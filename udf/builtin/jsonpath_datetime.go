package builtin

import (
	"cmp"
	"math"
	"strings"
	"time"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/sqltype/jsonpath"
	"volley/sqltype/jsontext"
)

// pathTime is what .datetime() gives.
type pathTime struct {
	kind   pathTimeKind
	micros int64 // since 1970, or since midnight; of a kind with a zone, there
	east   int64 // the zone's seconds east of UTC
}

type pathTimeKind uint8

const (
	pathDate pathTimeKind = iota
	pathTimeOfDay
	pathTimeTZ
	pathTimestamp
	pathTimestampTZ
)

// String is the type's name.
func (k pathTimeKind) String() string {
	return [...]string{
		"date", "time without time zone", "time with time zone", "timestamp without time zone", "timestamp with time zone",
	}[k]
}

// short is the type's name in messages about casts.
func (k pathTimeKind) short() string {
	return [...]string{"date", "time", "timetz", "timestamp", "timestamptz"}[k]
}

const microsPerDay = 24 * 60 * 60 * sqltype.MicrosPerSecond

// String is the text in ISO 8601.
func (t *pathTime) String() string {
	var b []byte
	switch t.kind {
	case pathDate:
		return string(sqltype.AppendDate(nil, int32(floorDiv(t.micros, microsPerDay))))
	case pathTimeOfDay, pathTimeTZ:
		b = sqltype.AppendTime(nil, t.micros)
	default:
		b = []byte(strings.Replace(string(sqltype.AppendTimestamp(nil, t.micros)), " ", "T", 1))
	}
	if t.kind == pathTimeTZ || t.kind == pathTimestampTZ {
		sign, off := byte('+'), t.east
		if off < 0 {
			sign, off = '-', -off
		}
		b = append(b, sign, byte('0'+off/36000), byte('0'+off/3600%10), ':', byte('0'+off/600%6), byte('0'+off/60%10))
	}
	return string(b)
}

// compare orders two times; ok is false for those that do not compare.
func (t *pathTime) compare(o *pathTime, calls *pathCalls) (order int, ok bool, err error) {
	if t.dated() != o.dated() {
		return 0, false, nil
	}
	if t.zoned() != o.zoned() && !calls.mode.zones {
		from, to := t.kind, o.kind
		if t.zoned() {
			from, to = to, from
		}
		return 0, false, sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert value from %s to %s without time zone usage", from.short(), to.short()).
			WithHint("Use *_tz() function for time zone support.")
	}
	if !t.zoned() && !o.zoned() {
		return cmp.Compare(t.micros, o.micros), true, nil
	}
	a, b := t.utc(calls.zone), o.utc(calls.zone)
	if c := cmp.Compare(a, b); c != 0 || t.dated() {
		return c, true, nil
	}
	return cmp.Compare(o.offset(calls.zone), t.offset(calls.zone)), true, nil
}

func (t *pathTime) dated() bool { return t.kind != pathTimeOfDay && t.kind != pathTimeTZ }
func (t *pathTime) zoned() bool { return t.kind == pathTimeTZ || t.kind == pathTimestampTZ }

// offset is the zone's seconds east of UTC, by the session's zone if t has none.
func (t *pathTime) offset(zone *time.Location) int64 {
	switch {
	case t.zoned():
		return t.east
	case !t.dated():
		_, east := time.Now().In(zone).Zone()
		return int64(east)
	}
	u := time.UnixMicro(t.micros).UTC()
	_, east := time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), u.Second(), u.Nanosecond(), zone).Zone()
	return int64(east)
}

func (t *pathTime) utc(zone *time.Location) int64 {
	return t.micros - t.offset(zone)*sqltype.MicrosPerSecond
}

func (e *pathEval) datetime(i *jsonpath.Item, v pathItem, all *[]pathItem) (pathResult, error) {
	if !v.is(jsontext.String) {
		return e.fail(jsonInvalidDatetime, "jsonpath item method .%s() can only be applied to a string", i.Kind.Operator())
	}
	var t *pathTime
	if i.Left == nil {
		if t = parseISOTime(v.json.Text); t == nil {
			if !e.throw {
				return pathError, nil
			}
			return pathError, sqlerr.New(jsonInvalidDatetime, "datetime format is not recognized: \"%s\"", v.json.Text).
				WithHint("Use a datetime template argument to specify the input data format.")
		}
	} else {
		var err error
		if t, err = parseTimeBy(v.json.Text, i.Left.Text); err != nil {
			if e.throw {
				return pathError, err
			}
			return pathError, nil
		}
	}
	return e.next(i, pathItem{time: t}, all)
}

// parseISOTime reads a date, a time or both, joined by a blank or T, with a zone
// or without; nil when text is none.
func parseISOTime(text string) *pathTime {
	s := isoScanner{rest: text}
	t := &pathTime{}
	year, ok := s.number(1, 10)
	dated := ok && s.char('-')
	if dated {
		month, ok1 := s.number(1, 2)
		ok2 := s.char('-')
		day, ok3 := s.number(1, 2)
		if !ok1 || !ok2 || !ok3 || !validDate(year, month, day) {
			return nil
		}
		t.micros = sqltype.DaysFromCivil(year, int(month), int(day)) * microsPerDay
		if s.rest == "" {
			return t
		}
		if !s.char(' ') && !s.char('T') {
			return nil
		}
	} else {
		s.rest = text
	}
	hour, ok1 := s.number(1, 2)
	ok2 := s.char(':')
	minute, ok3 := s.number(1, 2)
	ok4 := s.char(':')
	second, ok5 := s.number(1, 2)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || hour > 23 || minute > 59 || second > 59 {
		return nil
	}
	t.micros += (hour*3600+minute*60+second)*sqltype.MicrosPerSecond + s.fraction()
	zoned := s.zone(&t.east)
	switch {
	case s.rest != "":
		return nil
	case dated && zoned:
		t.kind = pathTimestampTZ
	case dated:
		t.kind = pathTimestamp
	case zoned:
		t.kind = pathTimeTZ
	default:
		t.kind = pathTimeOfDay
	}
	return t
}

func validDate(year, month, day int64) bool {
	if year < 1 || month < 1 || month > 12 || day < 1 || year > 294276 {
		return false
	}
	return day <= int64(time.Date(int(year), time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day())
}

// isoScanner reads the parts of a time.
type isoScanner struct{ rest string }

func (s *isoScanner) char(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *isoScanner) number(least, most int) (n int64, ok bool) {
	i := 0
	for i < len(s.rest) && i < most && isDigit(s.rest[i]) {
		n = n*10 + int64(s.rest[i]-'0')
		i++
	}
	s.rest = s.rest[i:]
	return n, i >= least
}

// fraction reads a fraction of a second, in microseconds.
func (s *isoScanner) fraction() int64 {
	saved := s.rest
	if !s.char('.') {
		return 0
	}
	digits := len(s.rest)
	n, ok := s.number(1, 6)
	if !ok {
		s.rest = saved
		return 0
	}
	for digits -= len(s.rest); digits < 6; digits++ {
		n *= 10
	}
	return n
}

// zone reads +hh or +hh:mm.
func (s *isoScanner) zone(east *int64) bool {
	sign := int64(1)
	switch {
	case s.char('-'):
		sign = -1
	case !s.char('+'):
		return false
	}
	hours, ok := s.number(1, 2)
	minutes := int64(0)
	if ok && s.char(':') {
		minutes, ok = s.number(1, 2)
	}
	if !ok || hours > 15 || minutes > 59 {
		s.rest += "?" // not read to its end
	}
	*east = sign * (hours*3600 + minutes*60)
	return true
}

// parseTimeBy reads a text by a template of to_timestamp's, whose fields decide
// the kind.
func parseTimeBy(text, format string) (*pathTime, error) {
	var cache templates
	template, err := cache.parse(format)
	if err != nil {
		return nil, err
	}
	dated, timed, zoned := false, false, false
	for i := range template.items {
		it := &template.items[i]
		switch it.field {
		case fieldFX:
		case fieldLiteral, fieldSeparator, fieldSpace:
			if !it.quoted && !strings.Contains("-./,':; ", it.text) {
				return nil, sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid datetime format separator: \"%s\"", it.text)
			}
		case fieldTZ, fieldTZH, fieldTZM, fieldOF:
			zoned = true
		case fieldHH24, fieldHH12, fieldMI, fieldSS, fieldMS, fieldUS, fieldFF, fieldSSSS, fieldAM:
			timed = true
		default:
			dated = true
		}
	}
	m, err := momentByTemplate(text, template, true)
	if err != nil {
		return nil, err
	}
	t := &pathTime{}
	switch {
	case dated && timed && zoned:
		t.kind = pathTimestampTZ
	case dated && timed:
		t.kind = pathTimestamp
	case dated && zoned:
		return nil, sqlerr.New(sqlerr.InvalidDatetimeFormat, "datetime format is zoned but not timed")
	case dated:
		t.kind = pathDate
	case timed && zoned:
		t.kind = pathTimeTZ
	case timed:
		t.kind = pathTimeOfDay
	case zoned:
		return nil, sqlerr.New(sqlerr.InvalidDatetimeFormat, "datetime format is zoned but not timed")
	default:
		return nil, sqlerr.New(sqlerr.InvalidDatetimeFormat, "datetime format is not dated and not timed")
	}
	if zoned && !m.zoned {
		return nil, sqlerr.New(sqlerr.InvalidDatetimeFormat, "missing time zone in input string for type %s", t.kind.short())
	}
	t.east, t.micros = m.east, m.micros
	if !t.dated() {
		if m.precision > 0 {
			t.micros = sqltype.RoundMicros(t.micros, m.precision)
		}
		return t, nil
	}
	days, ok := m.days()
	switch {
	case !ok && t.kind == pathDate:
		return nil, sqlerr.New(sqlerr.DatetimeOverflow, "date out of range: \"%s\"", text)
	case !ok || days > math.MaxInt64/microsPerDay-1:
		return nil, sqlerr.New(sqlerr.DatetimeOverflow, "%s out of range", t.kind.short())
	}
	if t.kind == pathDate {
		t.micros = 0
	}
	t.micros += days * microsPerDay
	if m.precision > 0 && t.kind != pathDate {
		t.micros = sqltype.RoundTimestamp(t.micros, m.precision)
	}
	return t, nil
}
