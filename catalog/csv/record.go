package csv

import (
	"bytes"
	"strings"

	"volley/sqlerr"
)

// dialect is how bytes become records and fields. A quote is special at the
// start of a field only (after spaces, too); within quotes the escape character
// makes the next quote or escape literal. The newline byte ends a record
// outside quotes; where it is \n, one \r before it belongs to it.
type dialect struct {
	delim   byte
	more    string // what follows delim in a delimiter of several bytes
	mixed   bool   // newline is \n, and a lone \r ends a record, too
	quote   byte   // 0: none
	escape  byte   // the quote itself when quotes are doubled; 0: none
	newline byte   // '\n' or '\r'
	comment byte   // lines that begin with it are skipped; 0: none
	inline  bool   // comments may end a line, too, outside quotes
}

func (d *dialect) check() error {
	if d.mixed && d.newline != '\n' || strings.ContainsAny(d.more, "\r\n") {
		return sqlerr.New(sqlerr.InvalidParameterValue, "option \"delim\" of csv must not contain newlines")
	}
	special := []byte{d.delim, d.quote, d.comment}
	for i, c := range special {
		if c != 0 && bytes.IndexByte(special[:i], c) >= 0 {
			return sqlerr.New(sqlerr.InvalidParameterValue, "delim, quote and comment of csv must be different, %q is used twice", string(c))
		}
	}
	if d.delim == 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "option \"delim\" of csv must not be empty")
	}
	return nil
}

// field is where a value is: buf[beg:end], without the quotes of a quoted one.
type field struct {
	beg, end int
	quoted   bool
	escaped  bool // holds escapes that unescape removes
}

type recordStatus uint8

const (
	recordWhole      recordStatus = iota
	recordIncomplete              // more bytes are needed
	recordComment                 // a comment line: no fields
	recordUnclosed                // the quote opened last is never closed
	recordBadQuote                // something other than a delimiter follows a closing quote
)

// record appends the fields of the record that starts at buf[p] to fields and
// gives the start of the next one. eof tells that nothing follows buf. An empty
// line has one empty field.
func (d *dialect) record(buf []byte, p int, eof bool, fields []field) (_ []field, next int, _ recordStatus) {
	if d.comment != 0 && d.commentLine(buf, p) {
		next, status := d.lineEnd(buf, p, eof)
		if status == recordWhole {
			status = recordComment
		}
		return fields, next, status
	}
	for {
		f, after, status := d.field(buf, p, eof)
		if status != recordWhole {
			return fields, after, status
		}
		fields = append(fields, f)
		if after == len(buf) { // only at the end of the file
			return fields, after, recordWhole
		}
		if n := d.newlineAt(buf, after); n > 0 {
			return fields, after + n, recordWhole
		}
		p = after + 1 + len(d.more)
	}
}

// lineEnd gives the end of the line at buf[p] whatever quotes it holds.
func (d *dialect) lineEnd(buf []byte, p int, eof bool) (next int, _ recordStatus) {
	if d.mixed {
		for e := p; e < len(buf); e++ {
			if d.splitReturn(buf, e, eof) {
				break
			}
			if n := d.newlineAt(buf, e); n > 0 {
				return e + n, recordWhole
			}
		}
	} else if e := bytes.IndexByte(buf[p:], d.newline); e >= 0 {
		return p + e + 1, recordWhole
	}
	if eof {
		return len(buf), recordWhole
	}
	return p, recordIncomplete
}

// field gives the field at buf[p] and the position of the delimiter or newline
// after it (len(buf) at the end of the file).
func (d *dialect) field(buf []byte, p int, eof bool) (f field, after int, _ recordStatus) {
	if d.quote != 0 {
		q := p
		for q < len(buf) && buf[q] == ' ' && d.delim != ' ' {
			q++
		}
		if q == len(buf) && !eof {
			return f, p, recordIncomplete
		}
		if q < len(buf) && buf[q] == d.quote {
			return d.quotedField(buf, q+1, eof)
		}
	}
	e := p
	if d.inline {
		for e < len(buf) && !d.ends(buf, e) && buf[e] != d.comment {
			e++
		}
		if e < len(buf) && buf[e] == d.comment {
			after, status := d.commentEnd(buf, e, eof)
			return field{beg: p, end: e}, after, status
		}
	} else if d.plain() {
		for e < len(buf) && buf[e] != d.delim && buf[e] != d.newline {
			e++
		}
	} else {
		for e < len(buf) && !d.ends(buf, e) {
			e++
		}
	}
	if e == len(buf) && !eof || d.cutOff(buf, e, eof) {
		return f, p, recordIncomplete
	}
	return field{beg: p, end: d.trimReturn(buf, p, e)}, e, recordWhole
}

// trimReturn gives the end of the field buf[p:e] without the \r of its \r\n.
func (d *dialect) trimReturn(buf []byte, p, e int) int {
	if d.newline == '\n' && e > p && buf[e-1] == '\r' && (e == len(buf) || buf[e] == '\n') {
		return e - 1
	}
	return e
}

// quotedField reads on after the opening quote.
func (d *dialect) quotedField(buf []byte, p int, eof bool) (f field, after int, _ recordStatus) {
	end, escaped, status := d.closingQuote(buf, p, eof)
	if status != recordWhole {
		return f, p, status
	}
	f = field{beg: p, end: end, quoted: true, escaped: escaped}
	after, status = d.afterQuote(buf, end+1, eof)
	return f, after, status
}

// closingQuote finds the quote that ends the quoted text at buf[p].
func (d *dialect) closingQuote(buf []byte, p int, eof bool) (at int, escaped bool, _ recordStatus) {
	for i := p; ; {
		q := bytes.IndexByte(buf[i:], d.quote)
		until := len(buf)
		if q >= 0 {
			until = i + q
		}
		if d.escape != d.quote && d.escape != 0 {
			// An escape counts only before a quote or an escape.
			if e := bytes.IndexByte(buf[i:until], d.escape); e >= 0 {
				e += i
				if e+1 == len(buf) {
					if eof {
						return 0, false, recordUnclosed
					}
					return 0, false, recordIncomplete
				}
				i = e + 1
				if buf[i] == d.quote || buf[i] == d.escape {
					escaped = true
					i++
				}
				continue
			}
		}
		if q < 0 {
			if eof {
				return 0, false, recordUnclosed
			}
			return 0, false, recordIncomplete
		}
		if d.escape == d.quote {
			if until+1 == len(buf) && !eof {
				return 0, false, recordIncomplete
			}
			if until+1 < len(buf) && buf[until+1] == d.quote {
				escaped = true
				i = until + 2
				continue
			}
		}
		return until, escaped, recordWhole
	}
}

// afterQuote gives the delimiter or newline after a closing quote; spaces
// between them are dropped.
func (d *dialect) afterQuote(buf []byte, p int, eof bool) (after int, _ recordStatus) {
	for p < len(buf) && buf[p] == ' ' && d.delim != ' ' {
		p++
	}
	if d.inline && p < len(buf) && buf[p] == d.comment {
		return d.commentEnd(buf, p, eof)
	}
	if p < len(buf) && buf[p] == '\r' && d.newline == '\n' && d.delim != '\r' {
		if d.mixed {
			if d.splitReturn(buf, p, eof) {
				return p, recordIncomplete
			}
			return p, recordWhole
		}
		p++
		if p < len(buf) && buf[p] != '\n' {
			return p, recordBadQuote
		}
	}
	switch {
	case p == len(buf) && eof:
		return p, recordWhole
	case p == len(buf):
		return p, recordIncomplete
	case d.cutOff(buf, p, eof):
		return p, recordIncomplete
	case d.ends(buf, p):
		return p, recordWhole
	}
	return p, recordBadQuote
}

// unescape removes the escapes of b in place and gives what is left.
func (d *dialect) unescape(b []byte) []byte {
	n := 0
	for i := 0; i < len(b); i++ {
		if b[i] == d.escape && i+1 < len(b) && (b[i+1] == d.quote || b[i+1] == d.escape) {
			i++
		}
		b[n] = b[i]
		n++
	}
	return b[:n]
}
