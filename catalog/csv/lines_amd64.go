package csv

import (
	"math/bits"
	"unsafe"
)

// linesAVX2 is findLines. The newlines of some lines are found first, where there
// are no quotes: then neither the next line's beginning nor a branch waits for what
// a line holds.
func linesAVX2(r *rowFinder, rows, room, stop int) (_ int, other bool) {
	var newlines [lineBatch + blockLen]uint32
	fields := r.lineFields()
	for rows < room && r.pos < stop {
		n, quoted := r.newlines(&newlines)
		before := rows
		if rows, other = r.plainLines(rows, room, stop, fields, newlines[:n]); other {
			return rows, true
		}
		if quoted && rows < room && r.pos < stop {
			rows, other = r.quotedLines(rows, room, min(stop, r.pos+regionBytes), fields)
		}
		if other || rows == before {
			return rows, other
		}
	}
	return rows, false
}

// lineField is a needed field.
type lineField struct {
	skip  int // fields between the one before and it
	spans []span
}

// lineFields gives the needed fields.
func (r *rowFinder) lineFields() []lineField {
	fields, at := make([]lineField, len(r.need)), 0
	for k, want := range r.need {
		fields[k] = lineField{want - at, r.spans[k]}
		at = want + 1
	}
	return fields
}

// lineBatch lines are still in the first-level cache when their fields are found.
const lineBatch = 64

// newlines gives the positions of the next newlines, as many as a batch has lines
// at least if the window has them, and n of them that are right. It stops before a
// block with quotes.
func (r *rowFinder) newlines(positions *[lineBatch + blockLen]uint32) (n int, quoted bool) {
	s := r.symbols()
	set := s.set()
	n, quoted = newlinesAVX2(unsafe.Pointer(unsafe.SliceData(r.buf)), r.pos, r.lim, &set, s.quoteBits(), &positions[0], lineBatch)
	for n > 0 && int(positions[n-1]) >= r.lim {
		n--
	}
	return n, quoted
}

// plainLines is findLines for lines without quotes that end at the newlines.
func (r *rowFinder) plainLines(rows, room, stop int, fields []lineField, newlines []uint32) (_ int, other bool) {
	newlines = newlines[:min(len(newlines), room-rows)]
	for k := range fields {
		_ = fields[k].spans[:rows+len(newlines)]
	}
	if len(newlines) == 0 {
		return rows, false
	}
	n, other := plainLinesAVX2(unsafe.Pointer(unsafe.SliceData(r.buf)), r.pos, stop, &newlines[0], len(newlines), &fields[0], len(fields), rows, r.delim)
	ends := fields[len(fields)-1].spans
	lastField := r.need[len(r.need)-1] == r.columns-1
	for i, newline := range newlines[:n] {
		e, end := int(newline), int(ends[rows].end)
		if e < r.pos+2 || (end == e || lastField) && (end != e || r.buf[e-1] == '\r') && !r.endRow(rows, end, e) {
			return rows, true // the first: perhaps an empty line
		}
		rows++
		r.pos = int(newlines[i]) + 1
	}
	return rows, other
}

// quotedLines is findLines for lines of which some have quotes. It goes from
// each line's beginning, 64 bytes at a time: lines of a file are of about the same
// length, so that a field is in the same block of most, and the processor foresees
// what will be done. (From block to block of a structure it does not.)
func (r *rowFinder) quotedLines(rows, room, stop int, fields []lineField) (_ int, other bool) {
	base := unsafe.Pointer(unsafe.SliceData(r.buf))
	symbols := r.symbols()
	set, hasQuote := symbols.set(), symbols.quoteBits()
	var marks [8]blockMarks
	blocks := 1 // of the line before: this one will have as many
	line := quotedLine{quoting: symbols.quoting(), lim: r.lim}
	lim, p := r.lim, r.pos
	lastField := r.need[len(r.need)-1] == r.columns-1
scan:
	for rows < room && p < stop {
		if line.seen {
			line.begin()
		}
		b, e := p, 0
		beg, end, k, skip := p, p, 0, fields[0].skip // field k begins at beg, after so many others
		at, marked := 0, 0
		for last := uint64(1) << 63; ; b += blockLen {
			if b >= lim {
				break scan
			}
			if at == marked {
				at, marked = 0, min(blocks, len(marks), (lim-b+blockLen-1)/blockLen)
				marksAVX2(unsafe.Add(base, b), marked, &set, &marks[0])
			}
			m := &marks[at&(len(marks)-1)]
			at++
			ends, newlines := m.ends, m.newlines
			if quotes := m.quotes & hasQuote; quotes|line.state != 0 {
				if ends, newlines, other = line.block(b, ends, newlines, quotes, m.returns, last>>63); other {
					break scan
				}
			}
			if last = ends; k < len(fields) {
				for ends != 0 {
					if skip > 0 {
						c := bits.OnesCount64(ends)
						if c < skip {
							skip -= c
							break
						}
						for ; skip > 1; skip-- {
							ends &= ends - 1
						}
						beg = b + lowestBit(ends) + 1
						ends, skip = ends&(ends-1), 0
						continue
					}
					end = b + lowestBit(ends)
					ends &= ends - 1
					fields[k].spans[rows] = span{uint32(beg), uint32(end)}
					beg = end + 1
					if k++; k == len(fields) {
						break
					}
					skip = fields[k].skip
				}
			}
			if newlines != 0 {
				e = b + lowestBit(newlines)
				break
			}
		}
		if e >= lim {
			break
		}
		if e < p+2 || k < len(fields) || // perhaps an empty line, too few fields
			(end >= e || lastField) && (end != e || r.buf[e-1] == '\r') && !r.endRow(rows, end, e) ||
			line.seen && line.first < end && !r.unquote(rows, line.escaped) {
			other = true
			break
		}
		rows++
		blocks = (e-p)/blockLen + 1
		p = e + 1
	}
	r.pos = p
	return rows, other
}

// lowestBit is the number of the lowest bit of m, 64 if there is none. It is
// bits.TrailingZeros64, which without BMI1 is a slow instruction of many
// processors.
func lowestBit(m uint64) int { return bits.OnesCount64((m - 1) &^ m) }

// quotedLine is the state of quotes in a line that has some.
type quotedLine struct {
	quoting
	state uint64 // not 0: the next block needs to know of the quotes before it
	first int    // position of the first one
	lim   int    // of the window
}

// begin begins a line.
func (l *quotedLine) begin() {
	l.quoting = quoting{doubled: l.doubled, refused: l.refused}
	l.state = 0
}

// block gives the ends and newlines outside quotes of the block at b; begin is 1 if
// a field begins with it. other tells that the line is for other ways.
func (l *quotedLine) block(b int, ends, newlines, quotes, returns, begin uint64) (_, _ uint64, other bool) {
	if !l.seen {
		l.first = b + bits.TrailingZeros64(quotes)
	}
	x, wrong := l.quoting.block(ends, newlines, quotes, returns, begin)
	l.state = l.pending()
	if rest := l.lim - b; rest < blockLen {
		wrong &= 1<<(rest&63) - 1
	}
	return x.ends, x.newlines, wrong != 0 && (x.newlines == 0 || bits.TrailingZeros64(wrong) < bits.TrailingZeros64(x.newlines))
}
