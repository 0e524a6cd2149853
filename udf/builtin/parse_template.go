package builtin

import (
	"math"
	"strings"
	"unicode/utf8"

	"volley/sqlerr"
)

// calendar is by what dates a template counts; the two do not mix.
type calendar uint8

const (
	anyCalendar calendar = iota
	gregorian
	isoWeeks
)

// templateFields are what a template has found in a text. 0 stands for a field
// that was not there, as in PostgreSQL.
type templateFields struct {
	hour, minute, second, secondOfDay int32
	millis, micros                    int32
	pm, bc                            int32
	year, yearDigits, century         int32
	month, day, yearDay, weekday      int32 // weekday 1 is Sunday
	week, monthWeek, julian           int32
	precision                         int32 // decimals of the seconds, with FF1 to FF6
	zoneSign, zoneHour, zoneMinute    int32
	calendar                          calendar
	twelve                            bool // a clock of 12 hours
}

// templateReader reads a text by a template. Between fields, white space and one
// separator for each of the template's are skipped; with FX nothing is.
type templateReader struct {
	templateFields
	items   []templateItem
	text    string // all of it
	s       string // what is left
	exact   bool
	skipped int // characters skipped that the template has none for
}

// readTemplate reads text as far as it goes: a template may be longer. When it is
// strict, as in the SQL standard, text and template match to the end, and so do
// separators.
func readTemplate(text string, t *template, strict bool) (templateFields, error) {
	r := templateReader{items: t.items, text: text, s: text, exact: strict}
	i := 0
	for ; i < len(t.items) && r.s != ""; i++ {
		it := &t.items[i]
		action := it.field > fieldSpace
		if !r.exact && it.field != fieldFX && (action || i == 0) {
			r.skipSpace()
		}
		switch {
		case strict && !action:
			if err := r.matchText(it); err != nil {
				return r.templateFields, err
			}
			continue
		case it.field == fieldSeparator || it.field == fieldSpace:
			r.skipSeparator()
			continue
		case !action:
			r.skipLiteral()
			continue
		}
		if err := r.setCalendar(it.field); err != nil {
			return r.templateFields, err
		}
		if err := r.read(it, i); err != nil {
			return r.templateFields, err
		}
		if !r.exact {
			r.skipped = 0
			r.skipSpace()
		}
	}
	if strict {
		return r.templateFields, r.atEnd(i)
	}
	return r.templateFields, nil
}

// matchText skips the text of an item, which must be there.
func (r *templateReader) matchText(it *templateItem) error {
	if strings.HasPrefix(r.s, it.text) {
		r.s = r.s[len(it.text):]
		return nil
	}
	what := "separator"
	if it.quoted {
		what = "character"
	}
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, "unmatched format %s \"%s\"", what, it.text)
}

// atEnd checks that text and template, read up to item i, are both at their end.
func (r *templateReader) atEnd(i int) error {
	if i < len(r.items) {
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, "input string is too short for datetime format")
	}
	if r.skipSpace(); r.s != "" {
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, "trailing characters remain in input string after datetime format")
	}
	return nil
}

func (r *templateReader) skipSpace() {
	for r.s != "" && isSpace(r.s[0]) {
		r.s = r.s[1:]
		r.skipped++
	}
}

// skipSeparator skips one character that is a space or separator, where the
// template has one.
func (r *templateReader) skipSeparator() {
	switch {
	case r.exact:
		r.skipRune()
	case r.s != "" && (isSpace(r.s[0]) || isSeparator(r.s[0])):
		r.s = r.s[1:]
	default:
		r.skipped--
	}
}

// skipLiteral skips any one character, where the template has a letter or quoted
// text, unless one too many was skipped before.
func (r *templateReader) skipLiteral() {
	if !r.exact && r.skipped > 0 {
		r.skipped--
		return
	}
	r.skipRune()
}

func (r *templateReader) skipRune() {
	_, n := utf8.DecodeRuneInString(r.s)
	r.s = r.s[n:]
}

func (r *templateReader) setCalendar(f field) error {
	c := f.calendar()
	switch {
	case c == anyCalendar || c == r.calendar:
	case r.calendar == anyCalendar:
		r.calendar = c
	default:
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid combination of date conventions").
			WithHint("Do not mix Gregorian and ISO week date conventions in a formatting template.")
	}
	return nil
}

func (f field) calendar() calendar {
	switch f {
	case fieldIDDD, fieldID, fieldIW, fieldIYYY, fieldIYY, fieldIY, fieldI:
		return isoWeeks
	case fieldDDD, fieldDD, fieldD, fieldMM, fieldMonth, fieldMon, fieldRM, fieldWW, fieldW,
		fieldYcommaYYY, fieldYYYY, fieldYYY, fieldYY, fieldY:
		return gregorian
	}
	return anyCalendar
}

// digits tells whether a pattern stands for digits, so that the one before it
// must not take them.
func (f field) digits() bool {
	switch f {
	case fieldLiteral, fieldSeparator, fieldSpace, fieldFX, fieldAM, fieldAD, fieldDay, fieldDy, fieldMonth, fieldMon,
		fieldRM, fieldTZ, fieldOF, fieldTZH:
		return false
	}
	return true
}

// openEnded tells whether item i takes all digits that there are: what follows it
// is no digit.
func (r *templateReader) openEnded(i int) bool {
	if r.items[i].fill || r.items[i].ordinal != "" || i+1 == len(r.items) {
		return true
	}
	next := &r.items[i+1]
	if next.field > fieldSpace {
		return !next.field.digits()
	}
	return len(next.text) != 1 || !isDigit(next.text[0])
}

// set gives a field its value; another one than before is an error.
func set(dst *int32, v int32, it *templateItem) error {
	if *dst != 0 && *dst != v {
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, "conflicting values for \"%s\" field in formatting string", it.text).
			WithDetail("This value contradicts a previous setting for the same field type.")
	}
	*dst = v
	return nil
}

// number reads an integer of so many digits, or of all there are, and gives how
// many characters it took. A nil dst drops it.
func (r *templateReader) number(dst *int32, width int, it *templateItem, i int) (int, error) {
	before := r.s
	trimmed := strings.TrimLeft(r.s, " \t\n\v\f\r")
	fixed := trimmed[:min(width, len(trimmed))]
	var v int64
	var ok bool
	if r.openEnded(i) {
		n := 0
		if v, n, ok = leadingNumber(trimmed); n > 0 {
			r.s = trimmed[n:]
		}
	} else {
		if len(trimmed) < width {
			return 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, "source string too short for \"%s\" formatting field", it.text).
				WithDetail("Field requires %d characters, but only %d remain.", width, len(trimmed)).
				WithHint("If your source string is not fixed-width, try using the \"FM\" modifier.")
		}
		n := 0
		if v, n, ok = leadingNumber(fixed); n > 0 && n < width {
			return 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid value \"%s\" for \"%s\"", fixed, it.text).
				WithDetail("Field requires %d characters, but only %d could be parsed.", width, n).
				WithHint("If your source string is not fixed-width, try using the \"FM\" modifier.")
		}
		r.s = trimmed[n:]
	}
	if len(r.s) == len(before) {
		return 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid value \"%s\" for \"%s\"", fixed, it.text).
			WithDetail("Value must be an integer.")
	}
	if !ok || v < math.MinInt32 || v > math.MaxInt32 {
		return 0, sqlerr.New(sqlerr.DatetimeOverflow, "value for \"%s\" in source string is out of range", it.text).
			WithDetail("Value must be in the range %d to %d.", math.MinInt32, math.MaxInt32)
	}
	if dst != nil {
		if err := set(dst, int32(v), it); err != nil {
			return 0, err
		}
	}
	return len(before) - len(r.s), nil
}

// leadingNumber reads [±]digits as C's strtol does; n is 0 when there are none,
// !ok when they do not fit.
func leadingNumber(s string) (v int64, n int, ok bool) {
	i, neg := 0, false
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		neg = s[i] == '-'
		i++
	}
	start, ok := i, true
	for ; i < len(s) && isDigit(s[i]); i++ {
		if v > math.MaxInt32 {
			ok = false
			continue
		}
		v = v*10 + int64(s[i]-'0')
	}
	if i == start {
		return 0, 0, true
	}
	if neg {
		v = -v
	}
	return v, i, ok
}
