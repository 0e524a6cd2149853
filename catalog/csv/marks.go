package csv

import (
	"bytes"

	"github.com/apache/arrow/go/v15/arrow"
)

// marks are how numbers are written where they are not as in SQL.
type marks struct {
	decimal   byte // '.' or another one
	thousands byte // 0: none
}

func (m marks) usual() bool { return m.decimal == '.' && m.thousands == 0 }

// number appends b as SQL writes it; what is no number stays invalid. Groups
// after a thousands mark have three digits.
func (m marks) number(dst, b []byte) []byte {
	group, grouped := 0, false // digits since the last mark
	for i, c := range b {
		switch {
		case c == m.decimal:
			if grouped && group != 3 {
				return append(dst, '?')
			}
			return append(append(dst, '.'), bytes.ReplaceAll(b[i+1:], []byte{'.'}, []byte{'?'})...)
		case c == m.thousands && m.thousands != 0:
			if group == 0 || group > 3 || grouped && group != 3 {
				return append(dst, '?')
			}
			group, grouped = 0, true
			continue
		case c == '.':
			return append(dst, '?')
		case c >= '0' && c <= '9':
			group++
		}
		dst = append(dst, c)
	}
	if grouped && group != 3 {
		return append(dst, '?')
	}
	return dst
}

// markedColumn gives a column of numbers its fields as SQL writes them.
type markedColumn struct {
	column
	marks
	nulls *nulls // of the column: what is NULL is decided by the original text
	text  []byte
	spans []span
}

func (c *markedColumn) append(buf []byte, fields []span) (int, error) {
	c.text, c.spans = c.text[:0], c.spans[:0]
	for _, s := range fields {
		b := s.bytes(buf)
		if c.nulls.isNull(s, b) {
			c.spans = append(c.spans, missingField)
			continue
		}
		from := len(c.text)
		c.text = c.number(c.text, b)
		c.spans = append(c.spans, span{uint32(from), uint32(len(c.text))})
	}
	c.text = append(c.text, make([]byte, pad)...)
	return c.column.append(c.text, c.spans)
}

// marked wraps the columns of numbers where numbers are not written as in SQL.
func marked(c column, t arrow.DataType, o *options) column {
	if o.marks.usual() {
		return c
	}
	switch t.ID() {
	case arrow.INT16, arrow.INT32, arrow.INT64, arrow.FLOAT32, arrow.FLOAT64, arrow.DECIMAL128, arrow.EXTENSION:
		n := newNulls(o, 0)
		return &markedColumn{column: c, marks: o.marks, nulls: &n}
	}
	return c
}
