// Package textrow writes records as the rows of COPY's csv and text formats,
// byte for byte as PostgreSQL does.
//
//	csv   a value is quoted when it has the delimiter, the quote, a line end, is
//	      the text of NULL, or is \. alone on its line; NULL is never quoted
//	text  backslash, the delimiter and control characters are escaped
package textrow

import (
	"bytes"
	"math"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
)

// Encoder writes records of one schema. It is for one goroutine.
type Encoder struct {
	format  physical.TextFormat
	loc     *time.Location
	special [256]bool // bytes that make a value be quoted or escaped
	// searched are the special bytes, and the backslash of \. too.
	searched []byte
	columns  []columnText
}

// columnText is the text of a column of the record being written: row i is
// data[ends[i−1]:ends[i]].
type columnText struct {
	data  []byte
	ends  []int32
	valid kernel.Words
	plain bool // no value needs quoting or escaping, but perhaps an empty one
	force bool // quote every value
}

// New makes an encoder; a zero delimiter, quote or escape is the format's own.
func New(f physical.TextFormat, loc *time.Location) *Encoder {
	if f.Delimiter == 0 {
		f.Delimiter = '\t'
		if f.CSV {
			f.Delimiter = ','
		}
	}
	if f.Quote == 0 {
		f.Quote = '"'
	}
	if f.Escape == 0 {
		f.Escape = f.Quote
	}
	e := &Encoder{format: f, loc: loc}
	special := []byte{f.Delimiter, f.Quote, '\n', '\r'}
	if !f.CSV {
		special = append([]byte("\b\f\n\r\t\v\\"), f.Delimiter)
	}
	for _, c := range special {
		e.special[c] = true
	}
	e.searched = append(special, '\\')
	return e
}

// Append appends the rows of rec.
func (e *Encoder) Append(dst []byte, rec arrow.Record) ([]byte, error) {
	n := int(rec.NumRows())
	e.load(rec)
	size := len(dst) + n*(len(e.columns)+1)
	for i := range e.columns {
		size += len(e.columns[i].data)
	}
	if size > math.MaxInt32 {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "a batch holds more than 2 GiB of text")
	}
	if cap(dst) < size {
		dst = append(make([]byte, 0, size+size/16), dst...)
	}
	for r := range n {
		for c := range e.columns {
			if c > 0 {
				dst = append(dst, e.format.Delimiter)
			}
			dst = e.appendValue(dst, &e.columns[c], r)
		}
		dst = append(dst, '\n')
	}
	return dst, nil
}

func (e *Encoder) appendValue(dst []byte, c *columnText, r int) []byte {
	if c.valid != nil && !c.valid.Get(r) {
		return append(dst, e.format.Null...)
	}
	lo := int32(0)
	if r > 0 {
		lo = c.ends[r-1]
	}
	v := c.data[lo:c.ends[r]]
	switch {
	case c.plain && (len(v) > 0 || e.format.Null != ""):
		return append(dst, v...)
	case e.format.CSV:
		return e.appendCSV(dst, v, c.force)
	}
	return e.appendEscaped(dst, v)
}

// load writes every column as text.
func (e *Encoder) load(rec arrow.Record) {
	if len(e.columns) != int(rec.NumCols()) {
		e.columns = make([]columnText, rec.NumCols())
	}
	for i := range e.columns {
		c := &e.columns[i]
		a := rec.Column(i)
		c.valid = kernel.Valid(a)
		c.force = i < len(e.format.ForceQuote) && e.format.ForceQuote[i]
		if s, ok := a.(*array.String); ok {
			offsets, data := kernel.Offsets(s)
			c.ends = c.ends[:0]
			for _, o := range offsets[1:] {
				c.ends = append(c.ends, o-offsets[0])
			}
			c.data = data[offsets[0]:offsets[len(offsets)-1]]
		} else {
			e.encodeColumn(c, a)
		}
		c.plain = !c.force && e.isPlain(c.data)
	}
}

// isPlain tells whether no value of a column needs quoting or escaping by the
// bytes of the whole column, which are searched faster than value by value.
func (e *Encoder) isPlain(data []byte) bool {
	for _, b := range e.searched {
		if bytes.IndexByte(data, b) >= 0 {
			return false
		}
	}
	return e.format.Null == "" || !bytes.Contains(data, []byte(e.format.Null))
}

func (e *Encoder) encodeColumn(c *columnText, a arrow.Array) {
	enc := sqltype.NewTextEncoder(a.DataType(), sqltype.TextOptions{TimeZone: e.loc, Style: e.format.Style})
	data := make([]byte, 0, 8*a.Len())
	c.ends = c.ends[:0]
	for i := range a.Len() {
		if c.valid == nil || c.valid.Get(i) {
			data = enc(data, a, i)
		}
		c.ends = append(c.ends, int32(len(data)))
	}
	c.data = data
}

// appendCSV quotes v when it must be.
func (e *Encoder) appendCSV(dst, v []byte, force bool) []byte {
	quote := force || string(v) == e.format.Null
	if !quote {
		for _, b := range v {
			if e.special[b] {
				quote = true
				break
			}
		}
	}
	if !quote && len(e.columns) == 1 && string(v) == `\.` {
		quote = true
	}
	if !quote {
		return append(dst, v...)
	}
	dst = append(dst, e.format.Quote)
	for _, b := range v {
		if b == e.format.Quote || b == e.format.Escape {
			dst = append(dst, e.format.Escape)
		}
		dst = append(dst, b)
	}
	return append(dst, e.format.Quote)
}

// escapes are the letters of control characters in the text format.
var escapes = [256]byte{'\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v'}

func (e *Encoder) appendEscaped(dst, v []byte) []byte {
	for _, b := range v {
		if !e.special[b] {
			dst = append(dst, b)
			continue
		}
		dst = append(dst, '\\')
		if l := escapes[b]; l != 0 {
			b = l
		}
		dst = append(dst, b)
	}
	return dst
}

// AppendHeader appends the line of column names.
func (e *Encoder) AppendHeader(dst []byte, names []string) []byte {
	for i, name := range names {
		if i > 0 {
			dst = append(dst, e.format.Delimiter)
		}
		if e.format.CSV {
			dst = e.appendCSV(dst, []byte(name), false)
		} else {
			dst = e.appendEscaped(dst, []byte(name))
		}
	}
	return append(dst, '\n')
}
