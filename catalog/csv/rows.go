package csv

import (
	"bytes"
	"math"

	"volley/sqlerr"
)

// rowFinder finds the records of a window and where in them the needed fields
// are. Lines before the next quote take a short way: whole words are searched
// for delimiters, and what follows the last needed field is jumped over.
type rowFinder struct {
	window
	*options
	columns int      // fields in a record of this file
	need    []int    // ascending ordinals of the fields wanted
	spans   [][]span // for each of need, one span per row found
	fields  []field  // scratch of the exact way
	next    int      // likewise
	lenient bool     // missing fields are NULL, surplus ones are cut off
	fault   *fault   // stops the search: the record after the last row found is bad
}

// find looks for up to room rows that start before file offset end, in the
// bytes that the window has, and advances it. It gives how many rows it found;
// more tells that the window must be filled to find another one.
func (r *rowFinder) find(room int, end int64) (rows int, more bool) {
	stop := r.lim
	if end-r.base < int64(stop) {
		stop = int(end - r.base)
	}
	for rows < room && r.pos < stop && r.fault == nil {
		if r.comment == 0 {
			rows = r.plainRows(rows, room, stop)
			if rows == room || r.pos >= stop || r.fault != nil {
				break
			}
		}
		n, whole := r.exactRow(rows)
		if !whole {
			return rows, true
		}
		rows += n
	}
	return rows, rows < room && r.fault == nil && r.pos >= r.lim && r.offset() < end
}

// plainRows finds rows that end before the next quote, from row index rows on,
// and gives the index after the last.
func (r *rowFinder) plainRows(rows, room, stop int) int {
	quote := r.nextQuote(r.quote)
	buf, p, delim := r.buf, r.pos, repeat(r.delim)
	defer func() { r.pos = p }()
	for rows < room && p < stop {
		n := bytes.IndexByte(buf[p:quote], r.newline)
		if n < 0 {
			break
		}
		e := r.trimReturn(buf, p, p+n)
		if e == p && r.columns > 1 { // an empty line
			p += n + 1
			continue
		}
		at := 0 // the ordinal of the field that begins at q
		q := p
		for k, want := range r.need {
			if want > at {
				d := nthByte(buf, q, e, delim, want-at)
				if d < 0 {
					if !r.nullPadding {
						r.fail(p, "too few columns: %d expected", r.columns)
						return rows
					}
					r.spans[k][rows] = missingField
					continue
				}
				q, at = d+1, want
			}
			d := q + 1
			if d >= e || buf[d] != r.delim || buf[q] == r.delim { // one character is most usual
				d = nthByte(buf, q, e, delim, 1)
			}
			if d < 0 {
				d = e
			} else if want == r.columns-1 && d != e-1 {
				r.fail(p, "too many columns: %d expected", r.columns)
				return rows
			}
			r.spans[k][rows] = span{uint32(q), uint32(d)}
		}
		rows++
		p += n + 1
	}
	return rows
}

// exactRow reads the record at pos by the full rules, as row index row. n is 0
// for one that is no row; whole is false when it does not end in the window.
func (r *rowFinder) exactRow(row int) (n int, whole bool) {
	fields, next, status := r.record(r.buf[:r.lim], r.pos, r.eof, r.fields[:0])
	r.fields = fields
	switch status {
	case recordIncomplete:
		return 0, false
	case recordUnclosed:
		r.fail(r.pos, "unterminated quoted value")
		return 0, true
	case recordBadQuote:
		r.fail(r.pos, "unexpected character after a closing quote")
		return 0, true
	}
	p := r.pos
	if status == recordComment || r.columns > 1 && emptyLine(fields) {
		r.pos = next
		return 0, true
	}
	if len(fields) == r.columns+1 { // a delimiter may end the line
		if last := fields[r.columns]; last.beg == last.end && !last.quoted {
			fields = fields[:r.columns]
		}
	}
	last := -1 // as in plainRows, what is right of the last needed field is not judged
	if len(r.need) > 0 {
		last = r.need[len(r.need)-1]
	}
	if len(fields) > r.columns && last == r.columns-1 && !r.lenient {
		r.fail(p, "too many columns: %d expected, %d found", r.columns, len(fields))
		return 0, true
	}
	if len(fields) <= last && !r.nullPadding && !r.lenient {
		r.fail(p, "too few columns: %d expected, %d found", r.columns, len(fields))
		return 0, true
	}
	for k, want := range r.need {
		if want >= len(fields) {
			r.spans[k][row] = missingField
			continue
		}
		r.spans[k][row] = r.spanOf(fields[want])
	}
	r.pos = next
	return 1, true
}

// spanOf removes the escapes of a field, in the window.
func (r *rowFinder) spanOf(f field) span {
	if f.escaped {
		f.end = f.beg + len(r.unescape(r.buf[f.beg:f.end]))
	}
	s := span{uint32(f.beg), uint32(f.end)}
	if f.quoted {
		s.beg |= quotedBit
	}
	return s
}

// fail records that the record at buf[p] is bad.
func (r *rowFinder) fail(p int, format string, args ...any) {
	r.fault = &fault{
		offset: r.base + int64(p),
		err:    sqlerr.New(sqlerr.BadCopyFileFormat, format, args...),
	}
}

// count is find for scans that need no field: lines are counted where neither
// quotes nor empty lines are.
func (r *rowFinder) count(end int64) (rows int, more bool) {
	for {
		room := 1 // the record with the next quote, then count on
		if r.comment == 0 {
			n, counted := r.countLines(end)
			if rows += n; !counted {
				room = math.MaxInt
			}
		}
		n, more := r.find(room, end)
		if rows += n; n == 0 || room > 1 {
			return rows, more
		}
	}
}

// countLines counts the lines before the next quote; counted is false when they
// must be looked at one by one.
func (r *rowFinder) countLines(end int64) (rows int, counted bool) {
	region := r.buf[r.pos:r.nextQuote(r.quote)]
	if rest := end - r.offset(); rest < int64(len(region)) {
		if rest <= 0 {
			return 0, true
		}
		// The last line is the one that holds the byte before end.
		n := bytes.IndexByte(region[rest-1:], r.newline)
		region = region[:int(rest)+n]
		if n < 0 {
			return 0, true
		}
	}
	region = region[:bytes.LastIndexByte(region, r.newline)+1]
	if r.columns > 1 && r.hasEmptyLine(region) {
		return 0, false
	}
	r.pos += len(region)
	return bytes.Count(region, []byte{r.newline}), true
}

// hasEmptyLine tells whether a line of b is empty; b begins with a line.
func (r *rowFinder) hasEmptyLine(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	if b[0] == r.newline || b[0] == '\r' || bytes.Contains(b, []byte{r.newline, r.newline}) {
		return true
	}
	return bytes.IndexByte(b, '\r') >= 0 && bytes.Contains(b, []byte("\n\r\n"))
}
