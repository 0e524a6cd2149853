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
	quote, hasQuote := archsimd.BroadcastUint8x32(r.quote), r.symbols().quoteBits()
	need, lim, p := r.need, r.lim, r.pos
	lastField := need[len(need)-1] == r.columns-1
scan:
	for rows < room && p < stop {
		lo := archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(base, p)))
		hi := archsimd.LoadUint8x32((*[32]uint8)(unsafe.Add(base, p+32)))
		newlines := uint64(lo.Equal(newline).ToBits()) | uint64(hi.Equal(newline).ToBits())<<32
		ends := uint64(lo.Equal(delim).ToBits()) | uint64(hi.Equal(delim).ToBits())<<32 | newlines
		quotes := uint64(lo.Equal(quote).ToBits()) | uint64(hi.Equal(quote).ToBits())<<32
		if newlines&3 != 0 {
			other = true // perhaps an empty line
			break
		}
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
				quotes |= uint64(lo.Equal(quote).ToBits()) | uint64(hi.Equal(quote).ToBits())<<32
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
			quotes |= uint64(lo.Equal(quote).ToBits()) | uint64(hi.Equal(quote).ToBits())<<32
		}
		e := b + bits.TrailingZeros64(newlines)
		if e >= lim {
			break
		}
		if quotes&hasQuote != 0 ||
			(end >= e || lastField) && (end != e || r.buf[e-1] == '\r') && !r.endRow(rows, end, e) {
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
