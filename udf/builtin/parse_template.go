package builtin

import (
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// registerFromChar adds to_date and to_timestamp by template.
func registerFromChar(b *registrar) {
	b.strict("to_date", types(tText, tText), tDate, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		var cache templates
		return map2(tDate, func(s, format string) (int32, error) {
			t, err := cache.parse(format)
			if err != nil {
				return 0, err
			}
			f, err := readTemplate(s, t)
			if err != nil {
				return 0, err
			}
			d, err := f.date(s)
			if err != nil {
				return 0, err
			}
			return checkDate(d)
		})(ctx, args, n)
	})
	b.stable("to_timestamp", types(tText, tText), tTimestamptz, func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		var cache templates
		return map2(tTimestamptz, func(s, format string) (int64, error) {
			t, err := cache.parse(format)
			if err != nil {
				return 0, err
			}
			f, err := readTemplate(s, t)
			if err != nil {
				return 0, err
			}
			return f.moment(s, ctx.TimeZone)
		})(ctx, args, n)
	})
}

// fieldsRead is what a template found in a text; the booleans tell which of the
// fields that have no neutral value were there.
type fieldsRead struct {
	year, month, day, yearDay, century       int64
	hour, minute, second, micros             int64
	isoYear, isoWeek, isoDay, isoYearDay     int64
	week, monthWeek, julian, secondOfDay     int64
	zoneSign, zoneHour, zoneMinute           int64
	pm, am, bc, twelve                       bool
	hasYear, hasJulian, hasISO, hasSeconds   bool
	hasZone, hasCentury, shortYear, hasMonth bool
}

func errFieldValue(text string, it *templateItem) error {
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid value \"%s\" for \"%s\"", text, it.text)
}

// readTemplate follows PostgreSQL 12 and later: white space and separators in
// the text are skipped where the template has a separator, or none.
func readTemplate(s string, t *template) (fieldsRead, error) {
	var f fieldsRead
	for i := range t.items {
		it := &t.items[i]
		switch it.field {
		case fieldSeparator:
			if s != "" && !isLetter(s[0]) && !isDigit(s[0]) && !(isSign(s[0]) && followedByZone(t.items[i+1:])) {
				s = s[1:]
			}
			continue
		case fieldLiteral:
			s = s[offset(s, int64(len([]rune(it.text)))):]
			continue
		}
		if !t.exact {
			s = strings.TrimLeft(s, " \t\n")
			if it.field != fieldTZH && it.field != fieldOF {
				s = strings.TrimLeft(s, " \t\n,./:;-_")
			}
		}
		if s == "" {
			break
		}
		var err error
		if s, err = f.read(s, it, i+1 < len(t.items) && numberField(t.items[i+1].field)); err != nil {
			return f, err
		}
		if it.th != "" && len(s) >= 2 && isLetter(s[0]) {
			s = s[2:]
		}
	}
	return f, nil
}

func isSign(c byte) bool { return c == '-' || c == '+' }

func followedByZone(items []templateItem) bool {
	return len(items) > 0 && (items[0].field == fieldTZH || items[0].field == fieldOF)
}

// numberField tells whether a pattern stands for digits, so that the one before
// it must not take them.
func numberField(f field) bool {
	switch f {
	case fieldLiteral, fieldSeparator, fieldAM, fieldAD, fieldDay, fieldDy, fieldMonth, fieldMon, fieldRM, fieldTZ, fieldOF, fieldTZH:
		return false
	}
	return true
}

// widths are how many digits a pattern takes when digits follow.
var widths = map[field]int{
	fieldCC: 2, fieldDDD: 3, fieldDD: 2, fieldD: 1, fieldFF: 6, fieldHH24: 2, fieldHH12: 2, fieldIDDD: 3, fieldID: 1, fieldIW: 2,
	fieldIYYY: 4, fieldIYY: 3, fieldIY: 2, fieldI: 1, fieldJ: 18, fieldMI: 2, fieldMM: 2, fieldMS: 3, fieldQ: 1, fieldSSSS: 5, fieldSS: 2,
	fieldTZM: 2, fieldUS: 6, fieldWW: 2, fieldW: 1, fieldYYYY: 4, fieldYYY: 3, fieldYY: 2, fieldY: 1,
}

// number reads digits: a fixed number of them when more digits follow.
func number(s string, it *templateItem, fixed bool) (v int64, digits int, rest string, err error) {
	limit := widths[it.field]
	if it.field == fieldFF {
		limit = int(it.text[2] - '0')
	}
	i := 0
	if i < len(s) && isSign(s[i]) {
		i++
	}
	start := i
	for i < len(s) && isDigit(s[i]) && (!fixed && !it.fill || fixed && i-start < limit || it.fill) {
		i++
	}
	if i == start {
		return 0, 0, s, sqlerr.Find(errFieldValue(s[:min(limit, len(s))], it)).WithDetail("Value must be an integer.")
	}
	v, convErr := strconv.ParseInt(s[:i], 10, 32)
	if convErr != nil {
		return 0, 0, s, sqlerr.New(sqlerr.DatetimeOverflow, "value for \"%s\" in source string is out of range", it.text).
			WithDetail("Value must be in the range -2147483648 to 2147483647.")
	}
	return v, i - start, s[i:], nil
}

func (f *fieldsRead) read(s string, it *templateItem, fixed bool) (string, error) {
	switch it.field {
	case fieldAM, fieldAD, fieldDay, fieldDy, fieldMonth, fieldMon, fieldRM:
		return f.readName(s, it)
	case fieldTZ:
		return s, sqlerr.New(sqlerr.FeatureNotSupported, "formatting field \"%s\" is only supported in to_char", it.text)
	case fieldOF, fieldTZH:
		return f.readOffset(s, it)
	case fieldYcommaYYY:
		head, tail, ok := strings.Cut(s, ",")
		thousands, err1 := strconv.ParseInt(head, 10, 32)
		if !ok || err1 != nil || len(tail) < 3 {
			return s, sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid input string for \"Y,YYY\"")
		}
		rest, err := strconv.ParseInt(tail[:3], 10, 32)
		if err != nil {
			return s, sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid input string for \"Y,YYY\"")
		}
		f.year, f.hasYear = thousands*1000+rest, true
		return tail[3:], nil
	}
	v, digits, rest, err := number(s, it, fixed)
	if err != nil {
		return s, err
	}
	f.set(it, v, digits)
	return rest, nil
}

func (f *fieldsRead) set(it *templateItem, v int64, digits int) {
	switch it.field {
	case fieldHH24:
		f.hour = v
	case fieldHH12:
		f.hour, f.twelve = v, true
	case fieldMI:
		f.minute = v
	case fieldSS:
		f.second = v
	case fieldMS, fieldUS, fieldFF:
		for ; digits < 6; digits++ { // all are fractions of a second
			v *= 10
		}
		f.micros += v
	case fieldSSSS:
		f.secondOfDay, f.hasSeconds = v, true
	case fieldYYYY:
		f.year, f.hasYear = v, true
	case fieldYYY, fieldYY, fieldY:
		f.shortYear = digits < 4
		f.year, f.hasYear = fullYear(v, digits), true
	case fieldIYYY:
		f.isoYear, f.hasISO = v, true
	case fieldIYY, fieldIY, fieldI:
		f.isoYear, f.hasISO = fullYear(v, digits), true
	case fieldIW:
		f.isoWeek, f.hasISO = v, true
	case fieldID:
		f.isoDay, f.hasISO = v, true
	case fieldIDDD:
		f.isoYearDay, f.hasISO = v, true
	case fieldMM:
		f.month, f.hasMonth = v, true
	case fieldDD:
		f.day = v
	case fieldDDD:
		f.yearDay = v
	case fieldWW:
		f.week = v
	case fieldW:
		f.monthWeek = v
	case fieldJ:
		f.julian, f.hasJulian = v, true
	case fieldCC:
		f.century, f.hasCentury = v, true
	case fieldTZM:
		f.zoneMinute, f.hasZone = v, true
	}
}

// fullYear puts a year of fewer than four digits near 2020.
func fullYear(v int64, digits int) int64 {
	switch {
	case digits >= 4:
		return v
	case v < 70:
		return v + 2000
	case v < 100:
		return v + 1900
	case v < 520:
		return v + 2000
	}
	return v + 1000
}

func (f *fieldsRead) readName(s string, it *templateItem) (string, error) {
	match := func(names []string, short bool) (int, string) {
		for i, n := range names {
			if len(s) >= len(n) && strings.EqualFold(s[:len(n)], n) {
				return i, s[len(n):]
			}
		}
		for i, n := range names {
			if short && len(s) >= 3 && strings.EqualFold(s[:3], n[:3]) {
				return i, s[3:]
			}
		}
		return -1, s
	}
	var k int
	var rest string
	switch it.field {
	case fieldAM:
		k, rest = match([]string{"A.M.", "P.M.", "AM", "PM"}, false)
		f.pm, f.am, f.twelve = k%2 == 1, k%2 == 0, true
	case fieldAD:
		k, rest = match([]string{"A.D.", "B.C.", "AD", "BC"}, false)
		f.bc = k%2 == 1
	case fieldDay:
		k, rest = match(dayNames, false)
	case fieldDy:
		k, rest = match(dayNames, true)
	case fieldMonth:
		k, rest = match(monthNames, false)
		f.month, f.hasMonth = int64(k)+1, true
	case fieldMon:
		if k, rest = match(monthNames, true); k >= 0 {
			rest = s[3:]
		}
		f.month, f.hasMonth = int64(k)+1, true
	case fieldRM:
		longest := []string{"VIII", "VII", "III", "XII", "VI", "IV", "IX", "II", "XI", "V", "X", "I"}
		months := []int64{8, 7, 3, 12, 6, 4, 9, 2, 11, 5, 10, 1}
		if k, rest = match(longest, false); k >= 0 {
			f.month, f.hasMonth = months[k], true
		}
	}
	if k < 0 {
		width := strings.IndexFunc(s, func(r rune) bool { return r == ' ' })
		if width < 0 {
			width = len(s)
		}
		return s, sqlerr.Find(errFieldValue(s[:width], it)).WithDetail("The given value did not match any of the allowed values for this field.")
	}
	return rest, nil
}

func (f *fieldsRead) readOffset(s string, it *templateItem) (string, error) {
	f.zoneSign, f.hasZone = 1, true
	if s != "" && (isSign(s[0]) || s[0] == ' ') {
		if s[0] == '-' {
			f.zoneSign = -1
		}
		s = s[1:]
	}
	two := func() (int64, error) {
		i := 0
		for i < len(s) && i < 2 && isDigit(s[i]) {
			i++
		}
		v, err := strconv.ParseInt(s[:i], 10, 32)
		if err != nil {
			return 0, errFieldValue(s[:min(2, len(s))], it)
		}
		s = s[i:]
		return v, nil
	}
	var err error
	if f.zoneHour, err = two(); err != nil || it.field == fieldTZH {
		return s, err
	}
	if s = strings.TrimPrefix(s, ":"); s != "" && isDigit(s[0]) {
		f.zoneMinute, err = two()
	}
	return s, err
}

func errFieldRange(s string) error {
	return sqlerr.New(sqlerr.DatetimeOverflow, "date/time field value out of range: \"%s\"", s)
}

// date is the day of the fields read from s.
func (f *fieldsRead) date(s string) (int64, error) {
	if f.hasJulian {
		return f.julian + firstDay, nil
	}
	year, month, day := f.year, f.month, f.day
	switch {
	case f.hasCentury && !f.hasYear:
		year = (f.century-1)*100 + 1
	case f.hasCentury && f.shortYear:
		year = year%100 + (f.century-1)*100
		if year%100 == 0 {
			year += 100
		}
	}
	if !f.hasYear && !f.hasCentury {
		year = 0 // 1 BC
	} else if f.bc || year < 0 {
		year = 1 - max(year, -year)
	}
	if f.hasISO && (f.isoWeek > 0 || f.isoYearDay > 0) {
		return f.isoDate(s)
	}
	if f.week > 0 && f.yearDay == 0 {
		return sqltype.DaysFromCivil(year, 1, 1) + (f.week-1)*7, nil
	}
	if f.monthWeek > 0 && day == 0 {
		day = (f.monthWeek-1)*7 + 1
	}
	if f.yearDay > 0 && !f.hasMonth && day == 0 {
		if f.yearDay > 365 && sqltype.DaysFromCivil(year+1, 1, 1)-sqltype.DaysFromCivil(year, 1, 1) < f.yearDay {
			return 0, errFieldRange(s)
		}
		return sqltype.DaysFromCivil(year, 1, 1) + f.yearDay - 1, nil
	}
	if !f.hasMonth {
		month = 1
	}
	if day == 0 {
		day = 1
	}
	if month < 1 || month > 12 || day < 1 || day > int64(sqltype.DaysInMonth(year, int(month))) {
		return 0, errFieldRange(s)
	}
	return sqltype.DaysFromCivil(year, int(month), int(day)), nil
}

func (f *fieldsRead) isoDate(s string) (int64, error) {
	jan4 := sqltype.DaysFromCivil(f.isoYear, 1, 4)
	monday := jan4 - (weekday(jan4)+6)%7
	if f.isoYearDay > 0 {
		return monday + f.isoYearDay - 1, nil
	}
	if f.isoWeek > 53 || f.isoDay > 7 {
		return 0, errFieldRange(s)
	}
	return monday + (f.isoWeek-1)*7 + max(f.isoDay, 1) - 1, nil
}

// moment is the timestamptz of the fields read from s.
func (f *fieldsRead) moment(s string, loc *time.Location) (int64, error) {
	d, err := f.date(s)
	if err != nil {
		return 0, err
	}
	hour, minute, second := f.hour, f.minute, f.second
	if f.hasSeconds {
		hour, minute, second = f.secondOfDay/3600, f.secondOfDay/60%60, f.secondOfDay%60
	}
	if f.twelve && !f.hasSeconds {
		if hour < 1 || hour > 12 {
			return 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, "hour \"%d\" is invalid for the 12-hour clock", hour).
				WithHint("Use the 24-hour clock, or give an hour between 1 and 12.")
		}
		switch {
		case f.pm && hour < 12:
			hour += 12
		case f.am && hour == 12:
			hour = 0
		}
	}
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 || second > 60 || d < firstDay || d > lastDay {
		return 0, errFieldRange(s)
	}
	us, err := addDateTime(int32(d), hour*usPerHour+minute*usPerMinute+second*usPerSecond+f.micros)
	if err != nil {
		return 0, err
	}
	if f.hasZone {
		return us - f.zoneSign*(f.zoneHour*3600+f.zoneMinute*60)*usPerSecond, nil
	}
	return sqltype.LocalToUTC(us, loc), nil
}
