package builtin

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

var (
	monthNames = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	dayNames   = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	romanMonth = []string{"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}
)

// shown is what a template shows: a moment's fields, or an interval's.
type shown struct {
	year, hour, minute, second, micros int64
	month, day                         int
	days                               int64 // from 1970
	interval                           bool
	offset                             int64 // seconds east
	zone                               string
	zoned                              bool
}

func shownTimestamp(us int64) shown {
	c := civilOf(us)
	return shown{
		year: c.year, month: c.month, day: c.day, days: floorDiv(us, usPerDay),
		hour: c.hour(), minute: c.minute(), second: c.second(), micros: c.micros(),
	}
}

func shownMoment(us int64, loc *time.Location) shown {
	s := shownTimestamp(sqltype.UTCToLocal(us, loc))
	sec := floorDiv(us, usPerSecond)
	s.offset, s.zone, s.zoned = sqltype.LocalOffset(sec, loc), "UTC", true
	if loc != nil {
		s.zone, _ = time.Unix(sec, 0).In(loc).Zone()
	}
	return s
}

func shownInterval(v interval) shown {
	us := v.Nanoseconds / 1000
	return shown{
		year: int64(v.Months / 12), month: int(v.Months % 12), day: int(v.Days), interval: true,
		hour: us / usPerHour, minute: us / usPerMinute % 60, second: us / usPerSecond % 60, micros: us % usPerSecond,
	}
}

// registerToChar adds to_char for dates, times and intervals.
func registerToChar(b *registrar) {
	b.strict("to_char", types(tTimestamp, tText), tText, formatKernel(func(us int64, _ *time.Location) (shown, bool) {
		return shownTimestamp(us), endless(us)
	}))
	b.stable("to_char", types(tTimestamptz, tText), tText, formatKernel(func(us int64, loc *time.Location) (shown, bool) {
		if endless(us) {
			return shown{}, true
		}
		return shownMoment(us, loc), false
	}))
	b.strict("to_char", types(tInterval, tText), tText, formatKernel(func(v interval, _ *time.Location) (shown, bool) {
		return shownInterval(v), false
	}))
}

// formatKernel gives NULL for infinite values and for an empty template.
func formatKernel[T any](show func(v T, loc *time.Location) (s shown, infinite bool)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		vals, formats := load[T](args[0]), load[string](args[1])
		v := valid(args, n).Clone()
		var cache templates
		rows := make([]shown, n)
		for i := range rows {
			if !v.Valid(i) {
				continue
			}
			var infinite bool
			if rows[i], infinite = show(vals.At(i), ctx.TimeZone); infinite || formats.At(i) == "" {
				v.SetNull(i, n)
			}
		}
		return writeText(ctx, tText, v, n, func(dst []byte, i int) ([]byte, error) {
			t, err := cache.parse(formats.At(i))
			if err != nil {
				return dst, err
			}
			return appendTemplate(dst, t, &rows[i])
		})
	}
}

func appendTemplate(dst []byte, t *template, s *shown) ([]byte, error) {
	for i := range t.items {
		it := &t.items[i]
		if it.field <= fieldSeparator {
			dst = append(dst, it.text...)
			continue
		}
		if s.interval && calendarOnly(it.field) {
			return dst, sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid format specification for an interval value").
				WithHint("Intervals are not tied to specific calendar dates.")
		}
		start := len(dst)
		dst = s.appendField(dst, it)
		if it.th != "" {
			dst = append(dst, ordinalEnding(dst[start:], it.th == "TH")...)
		}
	}
	return dst, nil
}

func calendarOnly(f field) bool {
	switch f {
	case fieldAD, fieldMonth, fieldMon, fieldDay, fieldDy, fieldD, fieldID, fieldTZ, fieldTZH, fieldTZM, fieldOF:
		return true
	}
	return false
}

// ordinalEnding is st, nd, rd or th for the number shown.
func ordinalEnding(number []byte, upper bool) string {
	end := "th"
	if n := len(number); n > 0 && !(n > 1 && number[n-2] == '1') {
		switch number[n-1] {
		case '1':
			end = "st"
		case '2':
			end = "nd"
		case '3':
			end = "rd"
		}
	}
	if upper {
		return strings.ToUpper(end)
	}
	return end
}

// appendInt appends v with at least width digits, unless filled.
func appendInt(dst []byte, v int64, width int, fill bool) []byte {
	if fill {
		width = 0
	}
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	digits := strconv.AppendInt(nil, v, 10)
	for k := len(digits); k < width; k++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// inCase writes a name in the case in which the pattern is written.
func inCase(pattern, name string) string {
	switch {
	case pattern == strings.ToUpper(pattern):
		return strings.ToUpper(name)
	case pattern == strings.ToLower(pattern):
		return strings.ToLower(name)
	}
	return name
}

func appendName(dst []byte, it *templateItem, name string, width int) []byte {
	dst = append(dst, inCase(it.text, name)...)
	for k := len(name); k < width && !it.fill; k++ {
		dst = append(dst, ' ')
	}
	return dst
}

func (s *shown) appendField(dst []byte, it *templateItem) []byte {
	num := func(v int64, width int) []byte { return appendInt(dst, v, width, it.fill) }
	switch it.field {
	case fieldHH24:
		return num(s.hour, 2)
	case fieldHH12:
		h := s.hour % 12
		if h == 0 {
			h = 12
		}
		return num(h, 2)
	case fieldMI:
		return num(s.minute, 2)
	case fieldSS:
		return num(s.second, 2)
	case fieldMS:
		return appendInt(dst, s.micros/1000, 3, false)
	case fieldUS:
		return appendInt(dst, s.micros, 6, false)
	case fieldFF:
		digits := int(it.text[2] - '0')
		return appendInt(dst, s.micros/int64(math.Pow10(6-digits)), digits, false)
	case fieldSSSS:
		return append(dst, strconv.FormatInt(s.hour*3600+s.minute*60+s.second, 10)...)
	case fieldAM:
		half := []string{"AM", "PM"}[min(max(s.hour%24/12, 0), 1)]
		if strings.Contains(it.text, ".") {
			half = half[:1] + "." + half[1:] + "."
		}
		return append(dst, inCase(it.text, half)...)
	case fieldTZ, fieldTZH, fieldTZM, fieldOF:
		return s.appendZone(dst, it)
	}
	return s.appendDate(dst, it)
}

func (s *shown) appendDate(dst []byte, it *templateItem) []byte {
	num := func(v int64, width int) []byte { return appendInt(dst, v, width, it.fill) }
	switch it.field {
	case fieldAD:
		era := "AD"
		if s.year <= 0 {
			era = "BC"
		}
		if strings.Contains(it.text, ".") {
			era = era[:1] + "." + era[1:] + "."
		}
		return append(dst, inCase(it.text, era)...)
	case fieldMonth, fieldMon, fieldRM:
		return s.appendMonth(dst, it)
	case fieldMM:
		return num(int64(s.month), 2)
	case fieldDay:
		return appendName(dst, it, dayNames[weekday(s.days)], 9)
	case fieldDy:
		return appendName(dst, it, dayNames[weekday(s.days)][:3], 3)
	case fieldDDD:
		if s.interval {
			return num(s.year*360+int64(s.month)*30+int64(s.day), 3)
		}
		return num(s.dayOfYear(), 3)
	case fieldIDDD:
		y, _ := isoWeek(s.days)
		jan4 := sqltype.DaysFromCivil(y, 1, 4)
		return num(s.days-(jan4-(weekday(jan4)+6)%7)+1, 3)
	case fieldDD:
		return num(int64(s.day), 2)
	case fieldD:
		return num(weekday(s.days)+1, 1)
	case fieldID:
		return num((weekday(s.days)+6)%7+1, 1)
	case fieldWW:
		return num((s.dayOfYear()-1)/7+1, 2)
	case fieldW:
		return num(int64(s.day-1)/7+1, 1)
	case fieldIW:
		_, w := isoWeek(s.days)
		return num(w, 2)
	case fieldQ:
		if s.interval && s.month == 0 {
			return dst
		}
		return num(int64(s.month-1)/3+1, 1)
	case fieldJ:
		return num(s.days-firstDay, 1)
	case fieldCC:
		if s.interval {
			return num(s.year/100, 2)
		}
		return num(period(s.year, 100), 2)
	}
	return s.appendYear(dst, it)
}

func (s *shown) dayOfYear() int64 { return s.days - sqltype.DaysFromCivil(s.year, 1, 1) + 1 }

func (s *shown) appendMonth(dst []byte, it *templateItem) []byte {
	m := s.month
	if m == 0 {
		return dst
	}
	if m < 0 {
		m += 13
	}
	switch it.field {
	case fieldMonth:
		return appendName(dst, it, monthNames[m-1], 9)
	case fieldMon:
		return appendName(dst, it, monthNames[m-1][:3], 3)
	}
	return appendName(dst, it, romanMonth[m-1], 4)
}

func (s *shown) appendYear(dst []byte, it *templateItem) []byte {
	y := s.year
	switch it.field {
	case fieldIYYY, fieldIYY, fieldIY, fieldI:
		if !s.interval {
			y, _ = isoWeek(s.days)
		}
	}
	if y <= 0 && !s.interval {
		y = 1 - y
	}
	switch it.field {
	case fieldYcommaYYY:
		dst = append(strconv.AppendInt(dst, y/1000, 10), ',')
		return appendInt(dst, y%1000, 3, false)
	case fieldYYYY, fieldIYYY:
		return appendInt(dst, y, 4, it.fill)
	case fieldYYY, fieldIYY:
		return appendInt(dst, y%1000, 3, it.fill)
	case fieldYY, fieldIY:
		return appendInt(dst, y%100, 2, it.fill)
	}
	return appendInt(dst, y%10, 1, it.fill)
}

func (s *shown) appendZone(dst []byte, it *templateItem) []byte {
	sign, off := byte('+'), s.offset
	if off < 0 {
		sign, off = '-', -off
	}
	switch it.field {
	case fieldTZ:
		if !s.zoned {
			return dst
		}
		return append(dst, inCase(it.text, s.zone)...)
	case fieldTZH:
		return appendInt(append(dst, sign), off/3600, 2, false)
	case fieldTZM:
		return appendInt(dst, off/60%60, 2, false)
	}
	dst = appendInt(append(dst, sign), off/3600, 2, it.fill)
	if off%3600 != 0 {
		dst = appendInt(append(dst, ':'), off/60%60, 2, it.fill)
	}
	return dst
}
