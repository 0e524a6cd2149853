//go:build goexperiment.simd && amd64

package csv

import (
	"math/bits"
	"simd/archsimd"
	"unsafe"
)

func init() {
	if archsimd.X86.AVX2() {
		findLines = linesAVX2
	}
}

// linesAVX2 is findLines. The newlines of some lines are found first, where there
// are no quotes: then neither the next line's beginning nor a branch waits for what
// a line holds.
func linesAVX2(r *rowFinder, rows, room, stop int) (_ int, other bool) {
	var newlines [lineBatch + blockLen]uint32
	fields := r.lineFields()
	for rows < room && r.pos < stop {
		n, quoted := r.newlinesAVX2(&newlines)
		before := rows
		if rows, other = r.plainLinesAVX2(rows, room, stop, fields, newlines[:n]); other {
			return rows, true
		}
		if quoted && rows < room && r.pos < stop {
			rows, other = r.quotedLinesAVX2(rows, room, min(stop, r.pos+regionBytes), fields)
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

// newlinesAVX2 gives the positions of the next newlines, as many as a batch has
// lines at least if the window has them, and n of them that are right. It stops
// before a block with quotes.
func (r *rowFinder) newlinesAVX2(positions *[lineBatch + blockLen]uint32) (n int, quoted bool) {
	base, lim := unsafe.Pointer(unsafe.SliceData(r.buf)), r.lim
	newline, quote := archsimd.BroadcastUint8x32(r.newline), archsimd.BroadcastUint8x32(r.quote)
	symbols := r.symbols()
	hasQuote := uint32(symbols.quoteBits())
	for b := r.pos; b < lim && n < lineBatch; b += blockLen {
		p := unsafe.Add(base, b)
		lo, hi := archsimd.LoadUint8x32((*[32]uint8)(p)), archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(p, 32)))
		m := uint64(lo.Equal(newline).ToBits()) | uint64(hi.Equal(newline).ToBits())<<32
		if lo.Equal(quote).Or(hi.Equal(quote)).ToBits()&hasQuote != 0 {
			quoted = true
			break
		}
		positions[n] = uint32(b + lowestBit(m)) // nothing, if there is none
		n += int((m | -m) >> 63)
		for m &= m - 1; m != 0; m &= m - 1 {
			positions[n] = uint32(b + lowestBit(m))
			n++
		}
	}
	archsimd.ClearAVXUpperBits()
	for n > 0 && int(positions[n-1]) >= lim {
		n--
	}
	return n, quoted
}

// plainLinesAVX2 is findLines for lines without quotes that end at the newlines.
func (r *rowFinder) plainLinesAVX2(rows, room, stop int, fields []lineField, newlines []uint32) (_ int, other bool) {
	base, p := unsafe.Pointer(unsafe.SliceData(r.buf)), r.pos
	delim := archsimd.BroadcastUint8x32(r.delim)
	lastField := r.need[len(r.need)-1] == r.columns-1
	if len(newlines) > room-rows {
		newlines = newlines[:room-rows]
	}
scan:
	for _, newline := range newlines {
		if p >= stop {
			break
		}
		e := int(newline)
		b, beg, end := p, p, p // a field begins at beg; the one before ends at end
		ends := untilBit(bitsAVX2(unsafe.Add(base, b), delim), e-b)
		for k := range fields {
			f := &fields[k]
			if n := f.skip; n > 0 {
				c := bits.OnesCount64(ends)
				for ; c < n; c = bits.OnesCount64(ends) {
					n -= c
					if b += blockLen; b > e {
						other = true // too few fields
						break scan
					}
					ends = untilBit(bitsAVX2(unsafe.Add(base, b), delim), e-b)
				}
				for ; n > 1; n-- {
					ends &= ends - 1
				}
				beg = b + lowestBit(ends) + 1
				ends &= ends - 1
			}
			for ends == 0 {
				if b += blockLen; b > e {
					other = true
					break scan
				}
				ends = untilBit(bitsAVX2(unsafe.Add(base, b), delim), e-b)
			}
			end = b + lowestBit(ends)
			ends &= ends - 1
			f.spans[rows] = span{uint32(beg), uint32(end)}
			beg = end + 1
		}
		if e < p+2 || (end == e || lastField) && (end != e || r.buf[e-1] == '\r') && !r.endRow(rows, end, e) {
			other = true // the first: perhaps an empty line
			break
		}
		rows++
		p = e + 1
	}
	archsimd.ClearAVXUpperBits()
	r.pos = p
	return rows, other
}

// untilBit leaves the bits before bit e, if there is one, and sets this.
func untilBit(m uint64, e int) uint64 {
	if e >= blockLen {
		return m
	}
	return m&(1<<(e&63)-1) | 1<<(e&63)
}

// quotedLinesAVX2 is findLines for lines of which some have quotes. It goes from
// each line's beginning, 64 bytes at a time: lines of a file are of about the same
// length, so that a field is in the same block of most, and the processor foresees
// what will be done. (From block to block of a structure it does not.)
func (r *rowFinder) quotedLinesAVX2(rows, room, stop int, fields []lineField) (_ int, other bool) {
	base := unsafe.Pointer(unsafe.SliceData(r.buf))
	delim, newline := archsimd.BroadcastUint8x32(r.delim), archsimd.BroadcastUint8x32(r.newline)
	symbols := r.symbols()
	quote, hasQuote := archsimd.BroadcastUint8x32(r.quote), symbols.quoteBits()
	ret := archsimd.BroadcastUint8x32('\r')
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
		for last := uint64(1) << 63; ; b += blockLen {
			if b >= lim {
				break scan
			}
			ends, newlines, quotes := marksAVX2(unsafe.Add(base, b), delim, newline, quote)
			if uint64(quotes)&hasQuote|line.state != 0 {
				quotes, returns := bitsAVX2(unsafe.Add(base, b), quote)&hasQuote, bitsAVX2(unsafe.Add(base, b), ret)
				if ends, newlines, other = line.block(b, ends, newlines, quotes, returns, last>>63); other {
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
		p = e + 1
	}
	archsimd.ClearAVXUpperBits()
	r.pos = p
	return rows, other
}

// marksAVX2 gives the bits of the delimiters and newlines, and of the newlines, of
// the 64 bytes at p; quotes is not 0 if there are any.
func marksAVX2(p unsafe.Pointer, delim, newline, quote archsimd.Uint8x32) (ends, newlines uint64, quotes uint32) {
	lo, hi := archsimd.LoadUint8x32((*[32]uint8)(p)), archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(p, 32)))
	newlines = uint64(lo.Equal(newline).ToBits()) | uint64(hi.Equal(newline).ToBits())<<32
	ends = uint64(lo.Equal(delim).ToBits()) | uint64(hi.Equal(delim).ToBits())<<32 | newlines
	return ends, newlines, lo.Equal(quote).Or(hi.Equal(quote)).ToBits()
}

// bitsAVX2 gives the bits of a byte in the 64 bytes at p.
func bitsAVX2(p unsafe.Pointer, c archsimd.Uint8x32) uint64 {
	lo, hi := archsimd.LoadUint8x32((*[32]uint8)(p)), archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(p, 32)))
	return uint64(lo.Equal(c).ToBits()) | uint64(hi.Equal(c).ToBits())<<32
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
