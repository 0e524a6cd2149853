package sqltype

import (
	"bytes"
	"math"
)

// readDate reads a date's parts, separated by anything but letters and digits: a
// month's name first, which leaves no doubt about the numbers.
func (f *dateFields) readDate(t []byte) (fieldMask, parseResult) {
	before := f.mask
	defer func() { f.mask = before }() // the caller adds what was found
	var parts [maxDateTokens][]byte
	n := 0
	for len(t) > 0 && n < len(parts) {
		for len(t) > 0 && !isDigit(t[0]) && !isLetter(t[0]) {
			t = t[1:]
		}
		if len(t) == 0 {
			return 0, badSyntax
		}
		class := isLetter
		if isDigit(t[0]) {
			class = isDigit
		}
		k := 0
		for k < len(t) && class(t[k]) {
			k++
		}
		parts[n] = t[:k]
		n++
		if t = t[k:]; len(t) > 0 {
			t = t[1:] // a letter after digits is dropped, too
		}
	}
	textMonth := false
	for i, p := range parts[:n] {
		if !isLetter(p[0]) {
			continue
		}
		k, ok := keywordOf(p)
		if !ok || k.kind != wordMonth || f.has(fieldMonth) {
			return 0, badSyntax
		}
		f.month, textMonth, parts[i] = int64(k.value), true, nil
		f.mask |= fieldMonth
	}
	for _, p := range parts[:n] {
		if p == nil {
			continue
		}
		found, r := f.takeNumber(p, textMonth, f.mask)
		if r != readOK {
			return 0, r
		}
		if f.mask&found != 0 {
			return 0, badSyntax
		}
		f.mask |= found
	}
	if f.mask&^(fieldDayOfYear|fieldZone) != fieldsDate {
		return 0, badSyntax
	}
	return f.mask &^ before, readOK
}

// takeNumber gives a number to the field that it is by the fields given already
// and by the order of fields: three digits or more are a year, which may also
// come last. Beside a month's name a number is the day, before or after it, and
// a year. After a whole date it is a time.
func (f *dateFields) takeNumber(t []byte, textMonth bool, known fieldMask) (fieldMask, parseResult) {
	v, rest, ok := leadingInt(t)
	switch {
	case !ok || v > math.MaxInt32:
		return 0, badField
	case len(rest) == len(t):
		return 0, badSyntax
	case len(rest) > 0 && rest[0] == '.':
		if len(t)-len(rest) > 2 {
			return f.takeRun(t, known|fieldsDate)
		}
		if f.fsc, ok = fractionMicros(rest); !ok {
			return 0, badSyntax
		}
	case len(rest) > 0:
		return 0, badSyntax
	}
	digits := len(t)
	if digits == 3 && known&fieldsDate == fieldYear && v >= 1 && v <= 366 {
		f.yearDay = v
		return fieldDayOfYear | fieldMonth | fieldDay, readOK
	}
	switch known & fieldsDate {
	case 0:
		switch {
		case digits >= 3 || f.options.Style.Order == YearFirst:
			return f.takeYear(v, digits), readOK
		case f.options.Style.Order == DayFirst:
			return f.takeDay(v), readOK
		}
		return f.takeMonth(v), readOK
	case fieldYear, fieldDay:
		return f.takeMonth(v), readOK
	case fieldMonth:
		if textMonth && (digits >= 3 || f.options.Style.Order == YearFirst) {
			return f.takeYear(v, digits), readOK
		}
		return f.takeDay(v), readOK
	case fieldYear | fieldMonth:
		if textMonth && digits >= 3 && f.shortYear { // the first number was the day
			f.day, f.year, f.shortYear = f.year, v, false
			return fieldDay, readOK
		}
		return f.takeDay(v), readOK
	case fieldMonth | fieldDay:
		return f.takeYear(v, digits), readOK
	case fieldsDate:
		return f.takeRun(t, known)
	}
	return 0, badSyntax
}

func (f *dateFields) takeYear(v int64, digits int) fieldMask {
	f.year, f.shortYear = v, digits <= 2
	return fieldYear
}

func (f *dateFields) takeMonth(v int64) fieldMask {
	f.month = v
	return fieldMonth
}

func (f *dateFields) takeDay(v int64) fieldMask {
	f.day = v
	return fieldDay
}

// takeRun reads fields without separators: YYYYMMDD while there is no date, then
// HHMMSS, with a fraction, or HHMM.
func (f *dateFields) takeRun(t []byte, known fieldMask) (fieldMask, parseResult) {
	if i := bytes.IndexByte(t, '.'); i >= 0 {
		end := i + 1
		for end < len(t) && isDigit(t[end]) {
			end++
		}
		f.fsc, _ = fractionMicros(t[i:end]) // nothing but digits after the point
		t = t[:i]
	} else if known&fieldsDate != fieldsDate && len(t) >= 6 {
		n := len(t)
		f.year, f.month, f.day = wrapInt(t[:n-4]), wrapInt(t[n-4:n-2]), wrapInt(t[n-2:])
		f.shortYear = f.shortYear || n == 6
		return fieldsDate, readOK
	}
	if known&fieldsTime == fieldsTime {
		return 0, badSyntax
	}
	switch len(t) {
	case 6:
		f.sec = wrapInt(t[4:])
	case 4:
		f.sec = 0
	default:
		return 0, badSyntax
	}
	f.hour, f.minute = wrapInt(t[:2]), wrapInt(t[2:4])
	return fieldsTime, readOK
}

// wrapInt reads the digits at the start of t as C's atoi does: as 32 bits.
func wrapInt(t []byte) int64 {
	v, _, ok := leadingInt(t)
	if !ok {
		return -1
	}
	return int64(int32(v))
}
