package csv

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/sqltype"
)

// dateForm is how a column writes dates or timestamps otherwise than ISO 8601
// does: three numbers for day, month and year, perhaps a time of day. A column
// has a form when all of its sampled values have it.
type dateForm struct {
	sep    byte   // between the numbers
	long   bool   // years of four digits
	joiner byte   // between the date and the time of day; 0: there is none
	clock  string // the format of the time of day
	orders dateOrders
}

// dateOrders are the orders of day, month and year that make dates of all values.
type dateOrders uint8

const (
	dayFirst dateOrders = 1 << iota
	monthFirst
	yearFirst
)

func (o dateOrders) String() string {
	switch o {
	case dayFirst:
		return "day, month, year"
	case monthFirst:
		return "month, day, year"
	}
	return "year, month, day"
}

// only tells whether o is a single order.
func (o dateOrders) only() bool { return o&(o-1) == 0 }

// dateFormOf gives the form of a text; ok is false if it is no date, or one as
// in ISO 8601.
func dateFormOf(b []byte) (f dateForm, ok bool) {
	var n [3]int // digits of the numbers
	var v [3]int
	rest := b
	for i := range n {
		for n[i] < len(rest) && n[i] < 5 && rest[n[i]] >= '0' && rest[n[i]] <= '9' {
			v[i] = v[i]*10 + int(rest[n[i]]-'0')
			n[i]++
		}
		if n[i] == 0 || n[i] > 4 || n[i] == 3 {
			return f, false
		}
		if rest = rest[n[i]:]; i == 2 {
			break
		}
		if len(rest) == 0 || rest[0] != '/' && rest[0] != '-' && rest[0] != '.' || i == 1 && rest[0] != f.sep {
			return f, false
		}
		f.sep, rest = rest[0], rest[1:]
	}
	if f.orders = f.ordersOf(n, v); f.orders == 0 {
		return f, false
	}
	return f, f.clockOf(rest)
}

// ordersOf gives the orders in which three numbers of these digits are a date.
// Two digits are a year only where the others have as many, but for 1/2/20: 1.2.20
// may be a version.
func (f *dateForm) ordersOf(digits, v [3]int) (orders dateOrders) {
	switch {
	case digits[0] == 4 && digits[1] <= 2 && digits[2] <= 2 && f.sep != '-':
		f.long, orders = true, yearFirst
	case digits[0] <= 2 && digits[1] <= 2 && digits[2] == 4:
		f.long, orders = true, dayFirst|monthFirst
	case digits == [3]int{2, 2, 2}:
		orders = dayFirst | monthFirst | yearFirst
	case digits[0] <= 2 && digits[1] <= 2 && digits[2] == 2 && f.sep == '/':
		orders = dayFirst | monthFirst
	}
	valid := func(o dateOrders, year, month, day int) {
		if !f.long {
			year += 2000 // as good as 1900: only the days of February hang on it
		}
		if year < 1 || month < 1 || month > 12 || day < 1 || day > sqltype.DaysInMonth(int64(year), month) {
			orders &^= o
		}
	}
	valid(dayFirst, v[2], v[1], v[0])
	valid(monthFirst, v[2], v[0], v[1])
	valid(yearFirst, v[0], v[1], v[2])
	return orders
}

// clockOf reads what follows the date: nothing, or a time of day.
func (f *dateForm) clockOf(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if b[0] != ' ' && b[0] != 'T' {
		return false
	}
	f.joiner = b[0]
	b = b[1:]
	half := ""
	if n := len(b); n > 3 && b[n-1]|0x20 == 'm' && (b[n-2]|0x20 == 'a' || b[n-2]|0x20 == 'p') {
		half = "%p"
		if b = b[:n-2]; b[len(b)-1] == ' ' {
			half, b = " %p", b[:len(b)-1]
		}
	}
	hour := "%H"
	if half != "" {
		hour = "%I"
	}
	for _, c := range clocks {
		if len(b) >= 4 && c.of(b, half != "") {
			f.clock = hour + c.format + half
			return true
		}
	}
	return false
}

// clocks are the formats of times of day, after the hour.
var clocks = []clockFormat{{":%M", 1, false}, {":%M:%S", 2, false}, {":%M:%S.%f", 2, true}}

type clockFormat struct {
	format   string
	colons   int
	fraction bool
}

func (c clockFormat) of(b []byte, half bool) bool {
	b, fraction, dotted := bytes.Cut(b, []byte{'.'})
	if dotted != c.fraction || dotted && (len(fraction) == 0 || len(fraction) > 9 || !allDigits(fraction)) {
		return false
	}
	parts := bytes.Split(b, []byte{':'})
	if len(parts) != c.colons+1 {
		return false
	}
	for i, p := range parts {
		if len(p) == 0 || len(p) > 2 || i > 0 && len(p) != 2 || !allDigits(p) {
			return false
		}
		v := int(p[0] - '0')
		if len(p) == 2 {
			v = v*10 + int(p[1]-'0')
		}
		if i > 0 && v > 59 || i == 0 && (v > 23 || half && (v < 1 || v > 12)) {
			return false
		}
	}
	return true
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// merge leaves the orders that fit the values of both; ok is false if there are
// none, or if the forms differ.
func (f *dateForm) merge(g dateForm) (ok bool) {
	orders := f.orders & g.orders
	g.orders = f.orders
	if *f != g {
		return false
	}
	f.orders = orders
	return orders != 0
}

// format is the form with an order, as strptime takes it.
func (f *dateForm) format(o dateOrders) string {
	year := "%y"
	if f.long {
		year = "%Y"
	}
	parts := map[dateOrders][]string{dayFirst: {"%d", "%m", year}, monthFirst: {"%m", "%d", year}, yearFirst: {year, "%m", "%d"}}[o]
	text := strings.Join(parts, string(f.sep))
	if f.joiner != 0 {
		text += string(f.joiner) + f.clock
	}
	return text
}

// usual is the order taken of those that fit, where nothing tells them apart:
// the day comes first, but for 20-12-31.
func (f *dateForm) usual() dateOrders {
	if f.sep == '-' && f.orders&yearFirst != 0 {
		return yearFirst
	}
	return f.orders & -f.orders
}

// decideForms decides the types and formats of the columns of fields whose
// values have a form. Where several orders fit all of its values, a column is
// read in the order that other columns of the file must have.
func (s *sniffer) decideForms(fields []arrow.Field, declared bool) {
	known := dateOrders(0)
	for i := range s.kinds {
		if c := &s.kinds[i]; c.kind == kindForm && c.form.orders.only() {
			known |= c.form.orders
		}
	}
	for i := range fields {
		if i >= len(s.kinds) || s.kinds[i].kind != kindForm {
			continue
		}
		f := &s.kinds[i].form
		order := f.orders
		if !order.only() {
			order &= known
			if order == 0 || !order.only() {
				if declared {
					continue // read as PostgreSQL's input does
				}
				order = f.usual()
				s.noteOrder(fields[i].Name, f, order)
			}
		}
		s.decideForm(fields[i], f.format(order), order, declared)
	}
}

func (s *sniffer) decideForm(field arrow.Field, format string, order dateOrders, declared bool) {
	option, given := optTimeFormat, s.o.timestampFormats
	switch field.Type.(type) {
	case *arrow.Date32Type:
		option, given = optDateFormat, s.o.dateFormats
	case *arrow.TimestampType:
	default:
		return
	}
	if declared && order == monthFirst || given[strings.ToLower(field.Name)] != nil {
		return // as PostgreSQL's input reads it
	}
	compiled, err := compileTimeFormat(format)
	if err != nil {
		return
	}
	if given == nil {
		given = map[string]*timeFormat{}
	}
	given[strings.ToLower(field.Name)] = compiled
	if option == optDateFormat {
		s.o.dateFormats = given
	} else {
		s.o.timestampFormats = given
	}
	s.opts[option] = formatsText(given)
}

// noteOrder tells of a choice that the file does not settle.
func (s *sniffer) noteOrder(column string, f *dateForm, order dateOrders) {
	if s.o.allVarchar {
		return
	}
	option := "dateformat"
	if f.joiner != 0 {
		option = "timestampformat"
	}
	other := f.orders &^ order
	s.notes = append(s.notes, catalog.Note{Column: column, Text: fmt.Sprintf("column %q is read as %v (%s = '%s'); its sampled values would be dates as %v, too",
		column, order, option, f.format(order), other&-other)})
}

// formatsText is formats by column as their option has them.
func formatsText(formats map[string]*timeFormat) string {
	texts := make(map[string]string, len(formats))
	for name, f := range formats {
		texts[name] = f.text
	}
	b, _ := json.Marshal(texts) // texts are always JSON
	return string(b)
}
