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
	days                               int64 // from 1970, of a moment
	yearDay                            int64
	interval                           bool
	offset                             int64 // seconds east
	zone                               string
	zoned                              bool
}

func shownTimestamp(us int64) shown {
	c := civilOf(us)
	days := floorDiv(us, usPerDay)
	return shown{
		year: c.year, month: c.month, day: c.day, days: days, yearDay: days - sqltype.DaysFromCivil(c.year, 1, 1) + 1,
		hour: c.hour(), minute: c.minute(), second: c.second(), micros: c.micros(),
	}
}

func shownMoment(us int64, loc *time.Location) shown {
	s := shownTimestamp(sqltype.UTCToLocal(us, loc))
	sec := floorDiv(us, usPerSecond)
	s.offset, s.zone, s.zoned = sqltype.LocalOffset(sec, loc), "UTC", true
	if loc != nil {
		s.zone, _ = sqltype.ZoneAt(sec, loc)
	}
	return s
}

func shownInterval(v interval) shown {
	us := v.Nanoseconds / 1000
	s := shown{
		year: int64(v.Months / 12), month: int(v.Months % 12), day: int(v.Days), interval: true,
		hour: us / usPerHour, minute: us / usPerMinute % 60, second: us / usPerSecond % 60, micros: us % usPerSecond,
	}
	s.yearDay = int64(v.Months)*30 + int64(v.Days)
	return s
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
		switch it.field {
		case fieldLiteral, fieldSeparator, fieldSpace:
			dst = append(dst, it.text...)
			continue
		case fieldFX:
			continue
		}
		if s.interval && calendarOnly(it.field) {
			return dst, sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid format specification for an interval value").
				WithHint("Intervals are not tied to specific calendar dates.")
		}
		start := len(dst)
		dst = s.appendField(dst, it)
		if it.ordinal != "" && it.field.digits() && it.field != fieldTZM && len(dst) > start {
			dst = append(dst, ordinalEnding(dst[start:], it.ordinal == "TH")...)
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

// appendWidth appends v as C's %0*d does: with zeros up to a width, which counts
// the sign; none with FM.
func appendWidth(dst []byte, v int64, width int, it *templateItem) []byte {
	if it.fill {
		width = 0
	}
	if v < 0 {
		dst, v, width = append(dst, '-'), -v, width-1
	}
	var buf [20]byte
	digits := strconv.AppendInt(buf[:0], v, 10)
	for k := len(digits); k < width; k++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// signed is a width with room for the sign of v.
func signed(width int, v int64) int {
	if v < 0 {
		return width + 1
	}
	return width
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
	for k := len(name); k < width && !it.fill && !it.names; k++ {
		dst = append(dst, ' ')
	}
	return dst
}

func (s *shown) appendField(dst []byte, it *templateItem) []byte {
	switch it.field {
	case fieldHH24:
		return appendWidth(dst, s.hour, signed(2, s.hour), it)
	case fieldHH12:
		h := s.hour % 12
		if h == 0 {
			h = 12
		}
		return appendWidth(dst, h, signed(2, s.hour), it)
	case fieldMI:
		return appendWidth(dst, s.minute, signed(2, s.minute), it)
	case fieldSS:
		return appendWidth(dst, s.second, signed(2, s.second), it)
	case fieldMS:
		return appendWidth(dst, s.micros/1000, 3, &templateItem{})
	case fieldUS:
		return appendWidth(dst, s.micros, 6, &templateItem{})
	case fieldFF:
		digits := int(it.text[2] - '0')
		return appendWidth(dst, s.micros/int64(math.Pow10(6-digits)), digits, &templateItem{})
	case fieldSSSS:
		return strconv.AppendInt(dst, s.hour*3600+s.minute*60+s.second, 10)
	case fieldAM:
		half := "AM"
		if s.hour%24 >= 12 {
			half = "PM"
		}
		return append(dst, dotted(it.text, half)...)
	case fieldAD:
		era := "AD"
		if s.year <= 0 {
			era = "BC"
		}
		return append(dst, dotted(it.text, era)...)
	case fieldTZ, fieldTZH, fieldTZM, fieldOF:
		return s.appendZone(dst, it)
	}
	return s.appendDate(dst, it)
}

// dotted writes AM as its pattern is written: a.m., am, AM.
func dotted(pattern, name string) string {
	if strings.Contains(pattern, ".") {
		name = name[:1] + "." + name[1:] + "."
	}
	return inCase(pattern, name)
}

func (s *shown) appendDate(dst []byte, it *templateItem) []byte {
	switch it.field {
	case fieldMonth, fieldMon, fieldRM:
		return s.appendMonth(dst, it)
	case fieldMM:
		return appendWidth(dst, int64(s.month), signed(2, int64(s.month)), it)
	case fieldDay:
		return appendName(dst, it, dayNames[weekday(s.days)], 9)
	case fieldDy:
		return appendName(dst, it, dayNames[weekday(s.days)][:3], 3)
	case fieldDDD:
		return appendWidth(dst, s.yearDay, 3, it)
	case fieldIDDD:
		return appendWidth(dst, int64(s.julian()-isoWeekStart(isoYearOf(s.civil()), 1)+1), 3, it)
	case fieldDD:
		return appendWidth(dst, int64(s.day), 2, it)
	case fieldD:
		return strconv.AppendInt(dst, weekday(s.days)+1, 10)
	case fieldID:
		return strconv.AppendInt(dst, (weekday(s.days)+6)%7+1, 10)
	case fieldWW:
		return appendWidth(dst, (s.yearDay-1)/7+1, 2, it)
	case fieldW:
		return strconv.AppendInt(dst, int64(s.day-1)/7+1, 10)
	case fieldIW:
		return appendWidth(dst, int64(isoWeekOf(s.civil())), 2, it)
	case fieldQ:
		if s.month == 0 {
			return dst
		}
		return strconv.AppendInt(dst, int64(s.month-1)/3+1, 10)
	case fieldJ:
		return strconv.AppendInt(dst, int64(s.julian()), 10)
	case fieldCC:
		return s.appendCentury(dst, it)
	}
	return s.appendYear(dst, it)
}

func (s *shown) appendCentury(dst []byte, it *templateItem) []byte {
	c := s.year / 100
	switch {
	case s.interval:
	case s.year > 0: // century 20 is 1901 to 2000
		c = (s.year-1)/100 + 1
	default: // century 6 BC is 600 to 501 BC
		c--
	}
	width := 0
	if c >= -99 && c <= 99 {
		width = signed(2, c)
	}
	return appendWidth(dst, c, width, it)
}

// civil and julian are for the calendar's arithmetic, which PostgreSQL does with
// the fields of intervals, too.
func (s *shown) civil() (year, month, day int32) {
	return int32(s.year), int32(s.month), int32(s.day)
}

func (s *shown) julian() int32 { return julianOf(s.civil()) }

func (s *shown) appendMonth(dst []byte, it *templateItem) []byte {
	switch {
	case it.field == fieldMonth && s.month > 0:
		return appendName(dst, it, monthNames[s.month-1], 9)
	case it.field == fieldMon && s.month > 0:
		return appendName(dst, it, monthNames[s.month-1][:3], 3)
	case it.field != fieldRM || s.month == 0 && s.year == 0:
		return dst
	}
	m := s.month // of an interval, in which 0 ends a year
	switch {
	case m == 0 && s.year < 0:
		m = 1
	case m == 0:
		m = 12
	case m < 0:
		m += 13
	}
	name := romanMonth[m-1]
	dst = append(dst, inCase(it.text, name)...)
	for k := len(name); k < 4 && !it.fill; k++ {
		dst = append(dst, ' ')
	}
	return dst
}

// shownYear is a year as a template shows it: 1 BC, which is 0, is 1.
func (s *shown) shownYear(y int64) int64 {
	if y <= 0 && !s.interval {
		return 1 - y
	}
	return y
}

func (s *shown) appendYear(dst []byte, it *templateItem) []byte {
	plain := s.shownYear(s.year)
	y := plain
	switch it.field {
	case fieldIYYY, fieldIYY, fieldIY, fieldI:
		y = s.shownYear(int64(isoYearOf(s.civil())))
	}
	switch it.field {
	case fieldYcommaYYY:
		dst = append(strconv.AppendInt(dst, y/1000, 10), ',')
		return appendWidth(dst, y%1000, 3, &templateItem{})
	case fieldYYYY, fieldIYYY:
		return appendWidth(dst, y, signed(4, plain), it)
	case fieldYYY, fieldIYY:
		return appendWidth(dst, y%1000, signed(3, plain), it)
	case fieldYY, fieldIY:
		return appendWidth(dst, y%100, signed(2, plain), it)
	}
	return strconv.AppendInt(dst, y%10, 10)
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
		if it.text == "tz" {
			return append(dst, strings.ToLower(s.zone)...)
		}
		return append(dst, s.zone...)
	case fieldTZH:
		return appendWidth(append(dst, sign), off/3600, 2, &templateItem{})
	case fieldTZM:
		return appendWidth(dst, off/60%60, 2, &templateItem{})
	}
	dst = appendWidth(append(dst, sign), off/3600, 2, it)
	if off%3600 != 0 {
		dst = appendWidth(append(dst, ':'), off/60%60, 2, &templateItem{})
	}
	return dst
}
