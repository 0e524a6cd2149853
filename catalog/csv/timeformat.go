package csv

import (
	"bytes"
	"strings"

	"volley/sqlerr"
	"volley/sqltype"
)

// timeFormat is a compiled dateformat or timestampformat: strptime's directives
// %Y %y %m %d %H %I %M %S %f %p %b %B %a %A %j %z %%; %-d and its like are %d.
type timeFormat struct {
	text  string
	items []byte // directives; 0 stands for the next of literals
	words []string
	zoned bool
}

func compileTimeFormat(text string) (*timeFormat, error) {
	f := &timeFormat{text: text}
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			j := i
			for j < len(text) && text[j] != '%' {
				j++
			}
			f.literal(text[i:j])
			i = j - 1
			continue
		}
		if i++; i < len(text) && text[i] == '-' {
			i++
		}
		switch {
		case i < len(text) && text[i] == '%':
			f.literal("%")
		case i < len(text) && strings.IndexByte("YymdHIMSfpbBaAjz", text[i]) >= 0:
			f.items = append(f.items, text[i])
			f.zoned = f.zoned || text[i] == 'z'
		case i < len(text) && text[i] == 'T':
			f.items = append(f.items, 'H')
			f.literal(":")
			f.items = append(f.items, 'M')
			f.literal(":")
			f.items = append(f.items, 'S')
		default:
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid format %q of dates or timestamps", text).
				WithHint("Directives are %%Y %%y %%m %%d %%H %%I %%M %%S %%f %%p %%b %%B %%a %%A %%j %%z %%T and %%%%.")
		}
	}
	return f, nil
}

func (f *timeFormat) literal(s string) {
	f.items = append(f.items, 0)
	f.words = append(f.words, s)
}

// civil is what has been read of a date and time.
type civil struct {
	year                 int64
	month, day, yearDay  int
	hour, minute, second int
	micros, offset       int64 // offset: microseconds east of UTC
	half                 byte  // 'a', 'p' or 0
}

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86_400 * microsPerSecond
)

// parse gives microseconds since 1970.
func (f *timeFormat) parse(b []byte) (micros int64, ok bool) {
	c := civil{year: 1970, month: 1, day: 1}
	words := f.words
	for _, item := range f.items {
		if item == 0 {
			if !hasPrefix(b, words[0]) {
				return 0, false
			}
			b, words = b[len(words[0]):], words[1:]
			continue
		}
		n := c.read(item, b)
		if n == 0 {
			return 0, false
		}
		b = b[n:]
	}
	if len(b) > 0 {
		return 0, false
	}
	return c.micro()
}

func (c *civil) micro() (int64, bool) {
	if c.half != 0 {
		if c.hour < 1 || c.hour > 12 {
			return 0, false
		}
		if c.hour %= 12; c.half == 'p' {
			c.hour += 12
		}
	}
	if c.year < 1 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > sqltype.DaysInMonth(c.year, c.month) ||
		c.hour > 23 || c.minute > 59 || c.second > 59 {
		return 0, false
	}
	days := sqltype.DaysFromCivil(c.year, c.month, c.day)
	if c.yearDay > 0 {
		days = sqltype.DaysFromCivil(c.year, 1, 1) + int64(c.yearDay) - 1
	}
	seconds := int64(c.hour*3600 + c.minute*60 + c.second)
	return days*microsPerDay + seconds*microsPerSecond + c.micros - c.offset, true
}

// read reads one directive at the start of b and gives its length, 0 if it is
// not there.
func (c *civil) read(item byte, b []byte) int {
	number := func(dst *int, most int) int {
		n := 0
		for *dst = 0; n < len(b) && n < most && b[n] >= '0' && b[n] <= '9'; n++ {
			*dst = *dst*10 + int(b[n]-'0')
		}
		return n
	}
	var v, n int
	switch item {
	case 'Y': // all four digits: 31/12/20 is not in the year 20
		if n = number(&v, 4); n < 4 {
			return 0
		}
		c.year = int64(v)
	case 'y':
		if n = number(&v, 2); n < 2 {
			return 0
		}
		if c.year = int64(1900 + v); v < 70 {
			c.year += 100
		}
	case 'm':
		n = number(&c.month, 2)
	case 'd':
		n = number(&c.day, 2)
	case 'H', 'I':
		n = number(&c.hour, 2)
	case 'M':
		n = number(&c.minute, 2)
	case 'S':
		n = number(&c.second, 2)
	case 'j':
		n = number(&c.yearDay, 3)
		if c.yearDay < 1 || c.yearDay > 366 {
			return 0
		}
	case 'f':
		n = c.fraction(b)
	case 'p':
		if len(b) >= 2 && b[1]|0x20 == 'm' && (b[0]|0x20 == 'a' || b[0]|0x20 == 'p') {
			c.half, n = b[0]|0x20, 2
		}
	case 'b', 'B':
		n = name(b, monthNames, item == 'B', &c.month)
	case 'a', 'A':
		n = name(b, dayNames, item == 'A', &v)
	case 'z':
		n = c.zone(b)
	}
	return n
}

// fraction reads up to nine decimals of a second, to whole microseconds.
func (c *civil) fraction(b []byte) int {
	unit, n := int64(microsPerSecond/10), 0
	for ; n < len(b) && n < 9 && b[n] >= '0' && b[n] <= '9'; n++ {
		c.micros += int64(b[n]-'0') * unit
		unit /= 10
	}
	return n
}

// zone reads Z, +HH, +HHMM or +HH:MM.
func (c *civil) zone(b []byte) int {
	if len(b) > 0 && b[0]|0x20 == 'z' {
		return 1
	}
	if len(b) < 3 || b[0] != '+' && b[0] != '-' {
		return 0
	}
	digits, n := [4]int64{}, 1
	for i := 0; i < 4 && n < len(b); n++ {
		if b[n] == ':' && i == 2 {
			continue
		}
		if b[n] < '0' || b[n] > '9' {
			break
		}
		digits[i] = int64(b[n] - '0')
		i++
	}
	if n < 3 {
		return 0
	}
	c.offset = (digits[0]*10+digits[1])*3600*microsPerSecond + (digits[2]*10+digits[3])*60*microsPerSecond
	if b[0] == '-' {
		c.offset = -c.offset
	}
	return n
}

var (
	monthNames = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
	dayNames   = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
)

// name reads one of names, in any case and whole or by its first three letters,
// and gives its number from 1.
func name(b []byte, names []string, whole bool, dst *int) int {
	for i, w := range names {
		if !whole {
			w = w[:3]
		}
		if len(b) >= len(w) && bytes.EqualFold(b[:len(w)], []byte(w)) {
			*dst = i + 1
			return len(w)
		}
	}
	return 0
}

// formattedColumn is date, timestamp or timestamptz in a given format.
type formattedColumn[T int32 | int64] struct {
	fixedColumn[T]
	format *timeFormat
	unit   int64 // microseconds in one of T
}

func (c *formattedColumn[T]) append(buf []byte, fields []span) (int, error) {
	out := c.next(len(fields))
	for i, s := range fields {
		b := s.bytes(buf)
		if c.isNull(s, b) || blank(b) {
			c.setNull(i)
			continue
		}
		micros, ok := c.format.parse(bytes.TrimSpace(b))
		if !ok {
			c.n += i
			return i, sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid input syntax for type %s: \"%s\"", sqltype.Name(c.typ), b).
				WithDetail("It is not of the format %q.", c.format.text)
		}
		v := micros / c.unit
		if micros%c.unit < 0 {
			v--
		}
		out[i] = T(v)
	}
	c.n += len(fields)
	return -1, nil
}
