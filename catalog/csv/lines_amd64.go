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

// linesAVX2 is findLines by two loads of 32 bytes a block.
func linesAVX2(r *rowFinder, rows, room, stop int) (_ int, other bool) {
	base := unsafe.Pointer(unsafe.SliceData(r.buf))
	delim, newline := archsimd.BroadcastUint8x32(r.delim), archsimd.BroadcastUint8x32(r.newline)
	symbols := r.symbols()
	quote, hasQuote := archsimd.BroadcastUint8x32(r.quote), symbols.quoteBits()
	line := quotedLine{quoting: symbols.quoting(), lim: r.lim}
	need, lim, p := r.need, r.lim, r.pos
	lastField := need[len(need)-1] == r.columns-1
scan:
	for rows < room && p < stop {
		lo := archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(base, p)))
		hi := archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(base, p+32)))
		newlines := uint64(lo.Equal(newline).ToBits()) | uint64(hi.Equal(newline).ToBits())<<32
		ends := uint64(lo.Equal(delim).ToBits()) | uint64(hi.Equal(delim).ToBits())<<32 | newlines
		quotes := (uint64(lo.Equal(quote).ToBits()) | uint64(hi.Equal(quote).ToBits())<<32) & hasQuote
		if newlines&3 != 0 {
			other = true // perhaps an empty line
			break
		}
		if line.seen {
			line.begin()
		}
		if quotes != 0 {
			if ends, newlines, other = line.block(r.buf, p, ends, newlines, quotes, 1); other {
				break
			}
		}
		last := ends
		b, beg, end, at := p, p, p, 0 // field at begins at beg; the one before ends at end
		for k, want := range need {
			n := want - at
			c := bits.OnesCount64(ends)
			for n >= c { // the field's end is in another block
				if newlines != 0 {
					other = true // too few fields
					break scan
				}
				if n == c && n > 0 { // its beginning is in this one
					beg = b + bits.Len64(ends)
				}
				n -= c
				if b += blockLen; b >= lim {
					break scan
				}
				lo = archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(base, b)))
				hi = archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(base, b+32)))
				newlines = uint64(lo.Equal(newline).ToBits()) | uint64(hi.Equal(newline).ToBits())<<32
				ends = uint64(lo.Equal(delim).ToBits()) | uint64(hi.Equal(delim).ToBits())<<32 | newlines
				quotes = (uint64(lo.Equal(quote).ToBits()) | uint64(hi.Equal(quote).ToBits())<<32) & hasQuote
				if quotes|line.state != 0 {
					if ends, newlines, other = line.block(r.buf, b, ends, newlines, quotes, last>>63); other {
						break scan
					}
				}
				last = ends
				c = bits.OnesCount64(ends)
			}
			if n > 0 {
				for ; n > 1; n-- {
					ends &= ends - 1
				}
				beg = b + bits.TrailingZeros64(ends) + 1
				ends &= ends - 1
			}
			end = b + bits.TrailingZeros64(ends)
			ends &= ends - 1
			r.spans[k][rows] = span{uint32(beg), uint32(end)}
			beg, at = end+1, want+1
		}
		for newlines == 0 {
			if b += blockLen; b >= lim {
				break scan
			}
			lo = archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(base, b)))
			hi = archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(base, b+32)))
			newlines = uint64(lo.Equal(newline).ToBits()) | uint64(hi.Equal(newline).ToBits())<<32
			quotes = (uint64(lo.Equal(quote).ToBits()) | uint64(hi.Equal(quote).ToBits())<<32) & hasQuote
			if quotes|line.state != 0 {
				ends = uint64(lo.Equal(delim).ToBits()) | uint64(hi.Equal(delim).ToBits())<<32 | newlines
				if last, newlines, other = line.block(r.buf, b, ends, newlines, quotes, last>>63); other {
					break scan
				}
				continue
			}
			if hasQuote != 0 {
				last = uint64(hi.Equal(delim).ToBits()) << 32 // for the last bit
			}
		}
		e := b + bits.TrailingZeros64(newlines)
		if e >= lim {
			break
		}
		if (end >= e || lastField) && (end != e || r.buf[e-1] == '\r') && !r.endRow(rows, end, e) ||
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

// block gives the ends and newlines outside quotes of the block at buf[b:]; begin
// is 1 if a field begins with it. other tells that the line is for other ways.
func (l *quotedLine) block(buf []byte, b int, ends, newlines, quotes, begin uint64) (_, _ uint64, other bool) {
	if !l.seen && quotes != 0 {
		l.first = b + bits.TrailingZeros64(quotes)
	}
	returns := uint64(0)
	for m := quotes<<1 | l.closed; m != 0; m &= m - 1 { // what may follow a closing quote
		at := bits.TrailingZeros64(m)
		if buf[b+at] == '\r' {
			returns |= 1 << at
		}
	}
	x, wrong := l.quoting.block(ends, newlines, quotes, returns, begin)
	l.state = l.pending()
	if rest := l.lim - b; rest < blockLen {
		wrong &= 1<<rest - 1
	}
	return x.ends, x.newlines, wrong != 0 && (x.newlines == 0 || bits.TrailingZeros64(wrong) < bits.TrailingZeros64(x.newlines))
}
