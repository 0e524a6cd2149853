package csv

import (
	"bytes"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// kind is what a column can be by the values seen so far.
type kind uint8

const (
	kindNone kind = iota // only NULLs
	kindBool
	kindInt // bigint
	kindBig // integers of up to 38 digits
	kindFloat
	kindDate
	kindTimestamp
	kindTimestampTZ
	kindTime
	kindForm // dates or timestamps in a dateForm
	kindText
)

var kindTypes = [...]arrow.DataType{
	kindNone: sqltype.Text, kindBool: sqltype.Bool, kindInt: sqltype.Int64, kindBig: sqltype.Decimal(38, 0),
	kindFloat: sqltype.Float64, kindDate: sqltype.Date, kindTimestamp: sqltype.Timestamp,
	kindTimestampTZ: sqltype.TimestampTZ, kindTime: sqltype.Time, kindForm: sqltype.Text, kindText: sqltype.Text,
}

// join is the narrowest kind that holds the values of both.
func (k kind) join(l kind) kind {
	if k > l {
		k, l = l, k
	}
	switch {
	case k == l, k == kindNone:
		return l
	case k >= kindInt && l <= kindFloat: // bigint < numeric < double precision
		return l
	case k == kindDate && l == kindTimestamp:
		return l
	}
	return kindText
}

// holds tells whether a value of kind l reads as kind k.
func (k kind) holds(l kind) bool { return k == kindNone || k.join(l) == k }

// classify gives the narrowest kind of a text that is not NULL.
func classify(b []byte) kind {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return kindText
	}
	switch c := b[0]; {
	case c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.':
		if k := classifyNumber(b); k != kindText {
			return k
		}
		return classifyTime(b)
	case len(b) <= 5 && (c|0x20 == 't' || c|0x20 == 'f'):
		if w := string(bytes.ToLower(b)); w == "true" || w == "false" || w == "t" || w == "f" {
			return kindBool
		}
	case c|0x20 == 'n' || c|0x20 == 'i':
		if _, err := sqltype.ParseFloat(b, 64); err == nil { // NaN, Infinity
			return kindFloat
		}
	}
	return kindText
}

// classify gives the narrowest kind of a text that is not NULL, as the options
// say numbers and dates are written.
func (o *options) classify(b []byte) kind {
	b = bytes.TrimSpace(b)
	if _, ok := o.dateFormOf(b); ok {
		return kindForm
	}
	if o.dateFormat != nil {
		if _, ok := o.dateFormat.parse(b); ok {
			return kindDate
		}
	}
	if o.timestampFormat != nil {
		if _, ok := o.timestampFormat.parse(b); ok && o.timestampFormat.zoned {
			return kindTimestampTZ
		} else if ok {
			return kindTimestamp
		}
	}
	k := classify(b)
	if !o.marks.usual() && (k == kindText || k >= kindInt && k <= kindFloat) {
		k = classify(o.number(nil, b))
	}
	if k == kindDate && o.dateFormat != nil || (k == kindTimestamp || k == kindTimestampTZ) && o.timestampFormat != nil {
		return kindText
	}
	return k
}

// dateFormOf is the form of a text where the options do not say how dates or
// timestamps are written.
func (o *options) dateFormOf(b []byte) (f dateForm, ok bool) {
	if len(b) == 0 || b[0] < '0' || b[0] > '9' {
		return f, false
	}
	f, ok = dateFormOf(b)
	return f, ok && (f.joiner == 0 && o.dateFormat == nil || f.joiner != 0 && o.timestampFormat == nil)
}

// classifyNumber knows numbers as people and programs write them. Digits after
// a leading zero, as in postal codes and telephone numbers, are text.
func classifyNumber(b []byte) kind {
	digits := b
	if b[0] == '-' || b[0] == '+' {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return kindText
	}
	integer := true
	for _, c := range digits {
		if c >= '0' && c <= '9' {
			continue
		}
		integer = false
		if c != '.' && c|0x20 != 'e' && c != '-' && c != '+' {
			return kindText
		}
	}
	if integer {
		if _, err := sqltype.ParseInt(b, 64); err == nil {
			return kindInt
		}
		if len(digits) <= sqltype.MaxDecimalPrecision {
			return kindBig
		}
	}
	if _, err := sqltype.ParseFloat(b, 64); err == nil {
		return kindFloat
	}
	return kindText
}

func classifyTime(b []byte) kind {
	if _, ok := sqltype.FastDate(b); ok {
		return kindDate
	}
	if _, ok := sqltype.FastTimestamp(b); ok {
		return kindTimestamp
	}
	if _, ok := sqltype.FastTimestampTZ(b); ok {
		return kindTimestampTZ
	}
	if k := classifyShortTime(b); k != kindText {
		return k
	}
	if isTimeOfDay(b) {
		return kindTime
	}
	return classifyLongTime(b)
}

// isTimeOfDay knows hours, minutes and seconds, perhaps with decimals; without
// seconds they may be a duration.
func isTimeOfDay(b []byte) bool {
	hours, rest, _ := bytes.Cut(b, []byte{':'})
	if len(hours) == 0 || len(hours) > 2 || len(rest) < len("05:06") || rest[2] != ':' || len(bytes.Trim(rest, "0123456789:.")) > 0 {
		return false
	}
	_, err := sqltype.ParseTime(b)
	return err == nil
}

// classifyShortTime knows dates as in ISO 8601 but for leading zeros: 2005-10-3,
// 2005-10-3 9:05.
func classifyShortTime(b []byte) kind {
	if len(b) < len("2005-1-3") || len(b) > len("2005-10-03 09:05:00.123456") || b[4] != '-' {
		return kindText
	}
	date, clock, timed := bytes.Cut(b, []byte{' '})
	parts := bytes.Split(date, []byte{'-'})
	if len(parts) != 3 || len(parts[0]) != 4 || len(parts[1]) > 2 || len(parts[2]) > 2 || len(bytes.Trim(clock, "0123456789:.")) > 0 {
		return kindText
	}
	if !timed {
		if _, err := sqltype.ParseDate(b); err == nil {
			return kindDate
		}
		return kindText
	}
	if _, err := sqltype.ParseTimestamp(b); err == nil && bytes.IndexByte(clock, ':') > 0 {
		return kindTimestamp
	}
	return kindText
}

// classifyLongTime knows timestamps with more digits than microseconds have.
func classifyLongTime(b []byte) kind {
	if len(b) <= 26 || b[10] != ' ' && b[10] != 'T' || len(bytes.Trim(b[11:], "0123456789:.")) > 0 {
		return kindText
	}
	if _, ok := sqltype.FastDate(b[:10]); !ok {
		return kindText
	}
	if _, err := sqltype.ParseTimestamp(b); err != nil {
		return kindText
	}
	return kindTimestamp
}

// columnKind watches the values of one column.
type columnKind struct {
	kind    kind
	form    dateForm // of kindForm
	nulls   nulls
	options *options
}

func (c *columnKind) observe(buf []byte, fields []span) {
	for _, s := range fields {
		if c.kind == kindText {
			return
		}
		b := s.bytes(buf)
		if c.nulls.isNull(s, b) {
			continue
		}
		if c.kind == kindInt && len(b) <= 18 && b[0] > '0' && b[0] <= '9' {
			if _, ok := sqltype.FastInt64(b); ok {
				continue
			}
		}
		c.add(b)
	}
}

// add takes a value that is not NULL into account.
func (c *columnKind) add(b []byte) {
	if f, ok := c.options.dateFormOf(bytes.TrimSpace(b)); ok {
		c.join(columnKind{kind: kindForm, form: f})
		return
	}
	c.kind = c.kind.join(c.options.classify(b))
}

// join takes the values of another column, or of another file, into account.
func (c *columnKind) join(d columnKind) {
	if d.kind != kindForm {
		c.kind = c.kind.join(d.kind)
		return
	}
	switch {
	case c.kind == kindNone:
		c.kind, c.form = kindForm, d.form
	case c.kind != kindForm || !c.form.merge(d.form):
		c.kind = kindText
	}
}

// typ is the narrowest type of the values.
func (c *columnKind) typ() arrow.DataType {
	switch {
	case c.kind != kindForm:
		return kindTypes[c.kind]
	case c.form.joiner != 0:
		return sqltype.Timestamp
	}
	return sqltype.Date
}
