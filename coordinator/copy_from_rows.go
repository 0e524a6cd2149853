package coordinator

import (
	"volley/planner/physical"
	"volley/sqlerr"
)

// copyRows cuts COPY's text and csv formats into rows and fields, as
// PostgreSQL's COPY FROM does. The data comes in pieces of any size.
type copyRows struct {
	format physical.TextFormat
	buf    []byte // data from the start of the current row
	at     int    // how far buf has been examined
	quoted bool   // at is inside quotes
	escape bool   // the byte before at is an escape inside quotes
	eol    lineEnd
	line   int64 // the current row's last line so far, from 1
	begun  bool  // the current row is counted in line
	ended  bool  // \. has been read
	fields []copyField
	values []byte // memory of the fields' text
}

// lineEnd is how lines end: the first one decides for all.
type lineEnd byte

const (
	anyEnd  lineEnd = iota
	newline         // \n
	carriageReturn
	both // \r\n
)

// rowFunc takes a row and its text. Both are valid until it returns.
type rowFunc func(text []byte, fields []copyField) error

// feed takes the next piece and gives the rows that end in it.
func (r *copyRows) feed(p []byte, give rowFunc) error {
	if r.ended {
		return nil
	}
	r.buf = append(r.buf, p...)
	return r.drain(false, give)
}

// end gives the last row, which may lack a line end.
func (r *copyRows) end(give rowFunc) error {
	if r.ended {
		return nil
	}
	if err := r.drain(true, give); err != nil || r.ended || len(r.buf) == 0 {
		return err
	}
	row := r.buf
	r.buf = nil
	return r.give(row, give)
}

// drain gives the rows that end in the data there is.
func (r *copyRows) drain(final bool, give rowFunc) error {
	start := 0
	for !r.ended {
		end, next, err := r.rowEnd(start, final)
		if err != nil {
			r.buf, r.ended = nil, true
			return err
		}
		if next == 0 {
			break
		}
		if end > start || !r.ended {
			if err := r.give(r.buf[start:end], give); err != nil {
				r.buf, r.ended = nil, true
				return err
			}
		}
		start, r.at = next, next
	}
	n := copy(r.buf, r.buf[start:])
	r.buf, r.at = r.buf[:n], r.at-start
	return nil
}

// rowEnd looks for the end of the row that begins at start: where its text ends
// and where the next row begins, 0 when more data is needed for that.
func (r *copyRows) rowEnd(start int, final bool) (end, next int, err error) {
	if !r.begun && len(r.buf) > start {
		r.line++
		r.begun = true
	}
	for ; r.at < len(r.buf); r.at++ {
		c := r.buf[r.at]
		if r.format.CSV {
			r.quotes(c)
		}
		switch c {
		case '\r', '\n':
			if r.quoted {
				continue
			}
			size, err := r.lineEnds(c, final)
			if err != nil || size == 0 {
				return 0, 0, err
			}
			return r.at, r.at + size, nil
		case '\\':
			if r.format.CSV && r.at > start {
				continue
			}
			if r.at+1 == len(r.buf) {
				if final {
					continue
				}
				r.unread(c)
				return 0, 0, nil
			}
			if r.buf[r.at+1] != '.' {
				if !r.format.CSV {
					r.at++ // an escaped byte, which may be a line end
				}
				continue
			}
			done, enough, err := r.endMarker(final)
			switch {
			case err != nil:
				return 0, 0, err
			case !enough:
				r.unread(c)
				return 0, 0, nil
			case done:
				r.ended = true
				return r.at, len(r.buf), nil
			}
		}
	}
	return 0, 0, nil
}

// quotes follows the quotes of the csv format.
func (r *copyRows) quotes(c byte) {
	if r.format.Escape != r.format.Quote {
		if c == r.format.Escape && r.quoted {
			r.escape = !r.escape
		}
		if c == r.format.Quote && !r.escape {
			r.quoted = !r.quoted
		}
		if c != r.format.Escape {
			r.escape = false
		}
	} else if c == r.format.Quote {
		r.quoted = !r.quoted
	}
	if r.quoted && (c == '\n' && r.eol != carriageReturn || c == '\r' && r.eol == carriageReturn) {
		r.line++
	}
}

// unread takes back what quotes did with a byte that will be examined again.
func (r *copyRows) unread(c byte) {
	if r.format.CSV {
		r.quotes(c) // a toggle; at the start of a row nothing else can be
	}
}

// lineEnds gives the length of the line end that begins at c, 0 when the byte
// after it is needed first.
func (r *copyRows) lineEnds(c byte, final bool) (size int, err error) {
	if c == '\n' {
		if r.eol == carriageReturn || r.eol == both {
			return 0, r.wrongEnd("newline", `\n`)
		}
		r.eol = newline
		return 1, nil
	}
	switch r.eol {
	case newline:
		return 0, r.wrongEnd("carriage return", `\r`)
	case carriageReturn:
		return 1, nil
	}
	if r.at+1 == len(r.buf) && !final {
		return 0, nil
	}
	if r.at+1 < len(r.buf) && r.buf[r.at+1] == '\n' {
		r.eol = both
		return 2, nil
	}
	if r.eol == both {
		return 0, r.wrongEnd("carriage return", `\r`)
	}
	r.eol = carriageReturn
	return 1, nil
}

func (r *copyRows) wrongEnd(what, escape string) error {
	if r.format.CSV {
		return sqlerr.New(sqlerr.BadCopyFileFormat, "unquoted %s found in data", what).WithHint("Use quoted CSV field to represent %s.", what)
	}
	return sqlerr.New(sqlerr.BadCopyFileFormat, "literal %s found in data", what).WithHint("Use \"%s\" to represent %s.", escape, what)
}

// endMarker examines \. at the current place: done is whether it ends the data,
// enough whether there is enough data to tell.
func (r *copyRows) endMarker(final bool) (done, enough bool, err error) {
	rest := r.buf[r.at+2:]
	corrupt := func() (bool, bool, error) {
		if r.format.CSV {
			return false, true, nil
		}
		return false, true, sqlerr.New(sqlerr.BadCopyFileFormat, "end-of-copy marker corrupt")
	}
	mismatch := sqlerr.New(sqlerr.BadCopyFileFormat, "end-of-copy marker does not match previous newline style")
	if r.eol == both && len(rest) > 0 {
		switch {
		case rest[0] == '\n' && !r.format.CSV:
			return false, true, mismatch
		case rest[0] != '\r':
			return corrupt()
		}
		rest = rest[1:]
	}
	switch {
	case len(rest) == 0:
		return final, final, nil
	case rest[0] != '\r' && rest[0] != '\n':
		return corrupt()
	case (r.eol == newline || r.eol == both) && rest[0] != '\n', r.eol == carriageReturn && rest[0] != '\r':
		return false, true, mismatch
	}
	return true, true, nil
}
