package coordinator

import (
	"bytes"

	"volley/planner/physical"
	"volley/sqlerr"
)

// copyField is one field of a row of COPY's data.
type copyField struct {
	text []byte // valid until the next row
	null bool
}

// copyRows cuts COPY's text and csv formats into rows and fields, as
// PostgreSQL's COPY FROM does. The data comes in pieces of any size.
type copyRows struct {
	format physical.TextFormat
	buf    []byte // data from the start of the current row
	at     int    // how far buf has been examined
	quoted bool   // at is inside quotes
	skip   bool   // the byte at at is escaped
	line   int64  // lines before the current row
	ended  bool   // \. has been read
	fields []copyField
	values []byte // memory of the fields' text
}

// rowFunc takes a row and the line, from 1, that it begins on.
type rowFunc func(line int64, fields []copyField) error

// feed takes the next piece and gives the rows that end in it.
func (r *copyRows) feed(p []byte, give rowFunc) error {
	if r.ended {
		return nil
	}
	r.buf = append(r.buf, p...)
	start := 0
	for ; r.at < len(r.buf); r.at++ {
		if !r.ends(r.buf[r.at]) {
			continue
		}
		if err := r.give(r.buf[start:r.at], give); err != nil || r.ended {
			r.buf, r.at = nil, 0
			return err
		}
		start = r.at + 1
	}
	n := copy(r.buf, r.buf[start:])
	r.buf, r.at = r.buf[:n], n
	return nil
}

// ends takes the next byte and tells whether it ends the row.
func (r *copyRows) ends(c byte) bool {
	if r.skip {
		r.skip = false
		return false
	}
	switch {
	case !r.format.CSV:
		r.skip = c == '\\'
		return c == '\n'
	case c == r.format.Quote:
		r.quoted = !r.quoted
	case r.quoted && c == r.format.Escape:
		r.skip = true
	case c == '\n':
		return !r.quoted
	}
	return false
}

// end gives the last row, which may lack a line end.
func (r *copyRows) end(give rowFunc) error {
	if r.quoted {
		return sqlerr.New(sqlerr.BadCopyFileFormat, "unterminated CSV quoted field").WithFile("", r.line+1, "")
	}
	if len(r.buf) == 0 || r.ended {
		return nil
	}
	row := r.buf
	r.buf = nil
	return r.give(row, give)
}

// give cuts a row into fields.
func (r *copyRows) give(row []byte, give rowFunc) error {
	line := r.line + 1
	r.line += int64(1 + bytes.Count(row, []byte{'\n'}))
	row = bytes.TrimSuffix(row, []byte{'\r'})
	if string(row) == `\.` {
		r.ended = true
		return nil
	}
	r.fields, r.values = r.fields[:0], r.values[:0]
	if cap(r.values) < len(row) {
		r.values = make([]byte, 0, 2*len(row)) // fields must not move while they are cut
	}
	if r.format.CSV {
		r.cutCSV(row)
	} else {
		r.cutText(row)
	}
	return give(line, r.fields)
}

func (r *copyRows) cutCSV(row []byte) {
	start, quoted, wasQuoted := len(r.values), false, false
	field := func() {
		text := r.values[start:]
		r.fields = append(r.fields, copyField{text, !wasQuoted && string(text) == r.format.Null})
		start, wasQuoted = len(r.values), false
	}
	for i := 0; i < len(row); i++ {
		c := row[i]
		switch {
		case quoted && c == r.format.Escape && i+1 < len(row) && (row[i+1] == r.format.Quote || row[i+1] == r.format.Escape):
			i++
			r.values = append(r.values, row[i])
		case c == r.format.Quote:
			quoted, wasQuoted = !quoted, true
		case c == r.format.Delimiter && !quoted:
			field()
		default:
			r.values = append(r.values, c)
		}
	}
	field()
}

func (r *copyRows) cutText(row []byte) {
	start, from := len(r.values), 0
	for i := 0; ; i++ {
		if i == len(row) || row[i] == r.format.Delimiter {
			text := r.values[start:]
			r.fields = append(r.fields, copyField{text, string(row[from:i]) == r.format.Null})
			if i == len(row) {
				return
			}
			start, from = len(r.values), i+1
			continue
		}
		if row[i] != '\\' || i+1 == len(row) {
			r.values = append(r.values, row[i])
			continue
		}
		v, n := unescape(row[i+1:])
		r.values = append(r.values, v)
		i += n
	}
}

// unescape gives the byte that an escape stands for, and the escape's length
// after the backslash.
func unescape(b []byte) (v byte, n int) {
	switch b[0] {
	case 'b':
		return '\b', 1
	case 'f':
		return '\f', 1
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	case 'v':
		return '\v', 1
	case 'x':
		for n = 1; n < 3 && n < len(b); n++ {
			d := bytes.IndexByte([]byte("0123456789abcdef"), b[n]|0x20)
			if d < 0 {
				break
			}
			v = v<<4 | byte(d)
		}
		if n > 1 {
			return v, n
		}
		return 'x', 1
	}
	for n < 3 && n < len(b) && b[n] >= '0' && b[n] <= '7' {
		v = v<<3 | (b[n] - '0')
		n++
	}
	if n > 0 {
		return v, n
	}
	return b[0], 1
}
