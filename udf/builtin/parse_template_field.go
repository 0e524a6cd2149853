package builtin

import (
	"strings"

	"volley/sqlerr"
)

// Words that templates read, in the order in which they are tried.
var (
	halfDays       = []string{"am", "pm"}
	halfDaysDotted = []string{"a.m.", "p.m."}
	eras           = []string{"ad", "bc"}
	erasDotted     = []string{"a.d.", "b.c."}
	romanReversed  = []string{"xii", "xi", "x", "ix", "viii", "vii", "vi", "v", "iv", "iii", "ii", "i"}
)

// read reads the field of item i at the start of what is left.
func (r *templateReader) read(it *templateItem, i int) error {
	switch it.field {
	case fieldFX:
		r.exact = true
		return nil
	case fieldAM, fieldAD, fieldDay, fieldDy, fieldMonth, fieldMon, fieldRM:
		return r.readName(it)
	case fieldTZ, fieldOF:
		return sqlerr.New(sqlerr.FeatureNotSupported, "formatting field \"%s\" is only supported in to_char", it.text)
	case fieldTZH, fieldTZM:
		return r.readZone(it, i)
	case fieldMS, fieldUS, fieldFF:
		return r.readFraction(it, i)
	case fieldYcommaYYY, fieldYYYY, fieldYYY, fieldYY, fieldY, fieldIYYY, fieldIYY, fieldIY, fieldI:
		return r.readYear(it, i)
	}
	dst, width := r.integer(it.field)
	if width == 0 {
		width = len(it.text)
	}
	if _, err := r.number(dst, width, it, i); err != nil {
		return err
	}
	switch it.field {
	case fieldHH12:
		r.twelve = true
	case fieldID: // Monday is 1 in the text
		if r.weekday++; r.weekday > 7 {
			r.weekday = 1
		}
	}
	r.skipOrdinal(it)
	return nil
}

// integer is where a pattern's number goes, and its width where the pattern's is
// another one.
func (r *templateReader) integer(f field) (dst *int32, width int) {
	switch f {
	case fieldHH24, fieldHH12:
		return &r.hour, 2
	case fieldMI:
		return &r.minute, 0
	case fieldSS:
		return &r.second, 0
	case fieldSSSS:
		return &r.secondOfDay, 0
	case fieldMM:
		return &r.month, 0
	case fieldDDD:
		return &r.yearDay, 0
	case fieldIDDD:
		return &r.yearDay, 3
	case fieldDD:
		return &r.day, 0
	case fieldD:
		return &r.weekday, 0
	case fieldID:
		return &r.weekday, 1
	case fieldWW, fieldIW:
		return &r.week, 0
	case fieldW:
		return &r.monthWeek, 0
	case fieldCC:
		return &r.century, 0
	case fieldJ:
		return &r.julian, 0
	}
	return nil, 0 // Q, which does not tell a date
}

// skipOrdinal skips the two letters after a number, whatever they are.
func (r *templateReader) skipOrdinal(it *templateItem) {
	if it.ordinal != "" {
		for range 2 {
			r.skipRune()
		}
	}
}

// readFraction reads decimals of a second: 25 and 250 are a quarter, 025 is not.
func (r *templateReader) readFraction(it *templateItem, i int) error {
	dst, width := &r.micros, 6
	switch it.field {
	case fieldMS:
		dst, width = &r.millis, 3
	case fieldFF:
		r.precision = int32(it.text[2] - '0')
		width = int(r.precision)
	}
	n, err := r.number(dst, width, it, i)
	if err != nil {
		return err
	}
	full := 6
	if it.field == fieldMS {
		full = 3
	}
	for ; n < full; n++ {
		*dst *= 10
	}
	r.skipOrdinal(it)
	return nil
}

func (r *templateReader) readYear(it *templateItem, i int) error {
	switch it.field {
	case fieldYcommaYYY:
		if err := r.readGroupedYear(it); err != nil {
			return err
		}
		r.yearDigits = 4
		r.skipOrdinal(it)
		return nil
	case fieldYYYY, fieldIYYY:
		r.yearDigits = 4
	case fieldYYY, fieldIYY:
		r.yearDigits = 3
	case fieldYY, fieldIY:
		r.yearDigits = 2
	default:
		r.yearDigits = 1
	}
	n, err := r.number(&r.year, len(it.text), it, i)
	if err != nil {
		return err
	}
	if r.yearDigits < 4 && n < 4 {
		r.year = nearYear(r.year)
	}
	r.skipOrdinal(it)
	return nil
}

// readGroupedYear reads 2,024.
func (r *templateReader) readGroupedYear(it *templateItem) error {
	bad := sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid input string for \"Y,YYY\"")
	thousands, n, ok := leadingNumber(r.s)
	if n == 0 || !ok || n == len(r.s) || r.s[n] != ',' {
		return bad
	}
	rest := strings.TrimLeft(r.s[n+1:], " \t\n\v\f\r")
	years, n, _ := leadingNumber(rest[:min(3, len(rest))])
	if n == 0 {
		return bad
	}
	r.s = rest[n:]
	return set(&r.year, int32(years+thousands*1000), it)
}

// nearYear puts a year of fewer than four digits near 2020.
func nearYear(y int32) int32 {
	switch {
	case y < 70:
		return y + 2000
	case y < 100:
		return y + 1900
	case y < 520:
		return y + 2000
	case y < 1000:
		return y + 1000
	}
	return y
}

func (r *templateReader) readZone(it *templateItem, i int) error {
	if it.field == fieldTZM {
		if r.zoneSign == 0 {
			r.zoneSign = 1
		}
		_, err := r.number(&r.zoneMinute, 2, it, i)
		return err
	}
	sign := int32(1)
	switch {
	case r.s != "" && strings.IndexByte("+- ", r.s[0]) >= 0:
		if r.s[0] == '-' {
			sign = -1
		}
		r.s = r.s[1:]
	case r.skipped > 0 && r.text[len(r.text)-len(r.s)-1] == '-': // taken for a separator
		sign = -1
	}
	r.zoneSign = sign
	_, err := r.number(&r.zoneHour, 2, it, i)
	return err
}

func (r *templateReader) readName(it *templateItem) error {
	dot := strings.Contains(it.text, ".")
	switch it.field {
	case fieldAM:
		words := halfDays
		if dot {
			words = halfDaysDotted
		}
		k, err := r.word(words, 0, it)
		if err != nil {
			return err
		}
		r.twelve = true
		return set(&r.pm, k, it)
	case fieldAD:
		words := eras
		if dot {
			words = erasDotted
		}
		k, err := r.word(words, 0, it)
		if err != nil {
			return err
		}
		return set(&r.bc, k, it)
	case fieldDay, fieldDy:
		short := 0
		if it.field == fieldDy {
			short = 3
		}
		k, err := r.word(dayNames, short, it)
		if err != nil {
			return err
		}
		err = set(&r.weekday, k, it)
		r.weekday++
		return err
	case fieldRM:
		k, err := r.word(romanReversed, 0, it)
		if err != nil {
			return err
		}
		return set(&r.month, 12-k, it)
	}
	short := 0
	if it.field == fieldMon {
		short = 3
	}
	k, err := r.word(monthNames, short, it)
	if err != nil {
		return err
	}
	return set(&r.month, k+1, it)
}

// word reads one of words, or of their first letters, in any case.
func (r *templateReader) word(words []string, letters int, it *templateItem) (int32, error) {
	for k, w := range words {
		if letters > 0 {
			w = w[:letters]
		}
		if len(r.s) >= len(w) && strings.EqualFold(r.s[:len(w)], w) {
			r.s = r.s[len(w):]
			return int32(k), nil
		}
	}
	found := r.s
	if i := strings.IndexFunc(found, func(c rune) bool { return c < 0x80 && isSpace(byte(c)) && c != '\v' }); i >= 0 {
		found = found[:i]
	}
	return 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid value \"%s\" for \"%s\"", found, it.text).
		WithDetail("The given value did not match any of the allowed values for this field.")
}
