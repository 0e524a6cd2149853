package coordinator

import (
	"bytes"

	"volley/sqlerr"
)

// copyField is one field of a row of COPY's data.
type copyField struct {
	text []byte // valid until the next row
	null bool
}

// give cuts a row into fields.
func (r *copyRows) give(row []byte, give rowFunc) (err error) {
	r.begun = false
	r.fields, r.values = r.fields[:0], r.values[:0]
	if cap(r.values) < len(row) {
		r.values = make([]byte, 0, 2*len(row)) // fields must not move while they are cut
	}
	if r.format.CSV {
		err = r.cutCSV(row)
	} else {
		r.cutText(row)
	}
	if err != nil {
		return &badRow{row, err}
	}
	return give(row, r.fields)
}

// badRow is the fault of a row that could not be cut.
type badRow struct {
	text []byte
	err  error
}

// Error is the fault's text.
func (b *badRow) Error() string { return b.err.Error() }

// Unwrap gives the fault.
func (b *badRow) Unwrap() error { return b.err }

func (r *copyRows) cutCSV(row []byte) error {
	start, quoted, wasQuoted := len(r.values), false, false
	field := func() {
		text := r.values[start:len(r.values):len(r.values)]
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
	if quoted {
		return sqlerr.New(sqlerr.BadCopyFileFormat, "unterminated CSV quoted field")
	}
	field()
	return nil
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
