package csv

import (
	"bytes"
	"math"
	"math/bits"

	"volley/sqlerr"
)

// rowFinder finds the records of a window and where in them the needed fields
// are. Records whose quotes stand where they should are found by a structure;
// the others, and what is wrong with any, by the full rules.
type rowFinder struct {
	window
	*options
	columns   int      // fields in a record of this file
	need      []int    // ascending ordinals of the fields wanted
	spans     [][]span // for each of need, one span per row found
	structure structure
	lines     lines
	fields    []field // scratch of the exact way
	next      int     // likewise
	lenient   bool    // missing fields are NULL, surplus ones are cut off
	// commentFree is the window up to the next comment, where they may end lines.
	commentFree window
	fault       *fault // stops the search: the record after the last row found is bad
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
		if r.plain() && r.comment == 0 {
			if rows = r.lineRows(rows, room, stop); rows == room || r.pos >= stop {
				continue
			}
		}
		if r.plain() && (r.structure.covers(&r.window) || r.buildStructure()) {
			if rows = r.structuredRows(rows, room, stop); rows == room || r.pos >= min(stop, r.structure.to) {
				continue
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

// symbols are those of the dialect.
func (r *rowFinder) symbols() symbols {
	return symbols{
		delim: r.delim, newline: r.newline, quote: r.quote,
		doubled: r.escape == r.quote, escaped: r.escape != r.quote && r.escape != 0,
	}
}

// structuredRows finds rows in the structure, from row index rows on, and gives
// the index after the last. It stops at a record for the exact way. Positions
// are those in the region.
func (r *rowFinder) structuredRows(rows, room, stop int) int {
	from, blocks := r.structure.from, r.structure.blocks
	buf, stop := r.buf[from:], min(stop, r.structure.to)-from
	p := r.pos - from
	lastField := len(r.need) > 0 && r.need[len(r.need)-1] == r.columns-1
	defer func() { r.pos = from + p }()
	for rows < room && p < stop {
		b, first := p/blockLen, p%blockLen
		last := b // the block with the newline
		m := blocks[last].newlines >> first << first
		for m == 0 {
			last++
			m = blocks[last].newlines
		}
		e := last*blockLen + bits.TrailingZeros64(m)
		if e-p <= 1 && r.columns > 1 && r.trimReturn(buf, p, e) == p { // an empty line
			p = e + 1
			continue
		}
		if buf[p] == r.comment && r.comment != 0 {
			return rows
		}
		beg, end, at := p, p, 0 // field at begins at beg; the one before ends at end
		m = blocks[b].ends >> first << first
		for k, want := range r.need {
			if n := want - at; n > 0 {
				c := bits.OnesCount64(m)
				for ; c < n; c = bits.OnesCount64(m) {
					n -= c
					if b++; b > last {
						return rows
					}
					m = blocks[b].ends
				}
				for ; n > 1; n-- {
					m &= m - 1
				}
				beg = b*blockLen + bits.TrailingZeros64(m) + 1
				m &= m - 1
			}
			for m == 0 {
				if b++; b > last {
					return rows
				}
				m = blocks[b].ends
			}
			end = b*blockLen + bits.TrailingZeros64(m)
			m &= m - 1
			r.spans[k][rows] = span{uint32(from + beg), uint32(from + end)}
			beg, at = end+1, want+1
		}
		if (end >= e || lastField) && !r.endRow(rows, from+end, from+e) || r.structure.quoted && !r.unquote(rows, r.structure.escaped) {
			return rows
		}
		rows++
		p = e + 1
	}
	return rows
}

// endRow sees to the row at index row, whose last needed field seems to end at
// end and which ends at the newline at e. It refuses a row with too few or too
// many fields.
func (r *rowFinder) endRow(row, end, e int) bool {
	k := len(r.need) - 1
	if k < 0 {
		return true
	}
	s := &r.spans[k][row]
	if end == e {
		s.end = uint32(r.trimReturn(r.buf, int(s.beg), e))
		return true
	}
	// A delimiter may end the line.
	return end < e && (r.need[k] < r.columns-1 || r.trimReturn(r.buf, end+1, e) == end+1)
}

// unquote removes the quotes of the fields of a row. It refuses those that have
// escapes, too, which may be where escaped is true.
func (r *rowFinder) unquote(row int, escaped bool) bool {
	for k := range r.need {
		s := &r.spans[k][row]
		if s.beg == s.end || r.buf[s.beg] != r.quote {
			continue
		}
		s.beg, s.end = s.beg+1, s.end-1
		if escaped && bytes.IndexByte(r.buf[s.beg:s.end], r.quote) >= 0 {
			return false
		}
		s.beg |= quotedBit
	}
	return true
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
	last := -1 // as in structuredRows, what is right of the last needed field is not judged
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
	if r.comment == 0 && r.plain() && (r.quote == 0 || bytes.IndexByte(r.buf[r.pos:r.lim], r.quote) < 0) {
		rows = r.countLines(end)
	}
	n, more := r.find(math.MaxInt, end)
	return rows + n, more
}

// countLines counts the lines that the window has, if none is empty, and
// advances it.
func (r *rowFinder) countLines(end int64) int {
	region := r.buf[r.pos:r.lim]
	if rest := end - r.offset(); rest < int64(len(region)) {
		if rest <= 0 {
			return 0
		}
		// The last line is the one that holds the byte before end.
		n := bytes.IndexByte(region[rest-1:], r.newline)
		if n < 0 {
			return 0
		}
		region = region[:int(rest)+n]
	}
	region = region[:bytes.LastIndexByte(region, r.newline)+1]
	if r.columns > 1 && r.hasEmptyLine(region) {
		return 0
	}
	r.pos += len(region)
	return bytes.Count(region, []byte{r.newline})
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
