package csv

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// Eight bytes at a time (SIMD within a register).
const (
	ones = 0x0101010101010101
	low7 = 0x7f7f7f7f7f7f7f7f
	high = 0x8080808080808080
)

// repeat is c in each of eight bytes.
func repeat(c byte) uint64 { return uint64(c) * ones }

// equalBytes has the top bit set in exactly those bytes in which word and
// pattern are equal. (The shorter test (x−ones)&^x&high is wrong for the byte
// after an equal one, as in ",-".)
func equalBytes(word, pattern uint64) uint64 {
	x := word ^ pattern
	return ^((x&low7 + low7) | x | low7)
}

// gatherBits packs the top bits of the bytes of m, all other bits of which are
// clear, into the lowest eight bits.
func gatherBits(m uint64) uint64 { return m * 0x0002040810204081 >> 56 }

// load is the word at p bytes from base.
func load(base unsafe.Pointer, p int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(base, p))[:])
}

// indexSWAR is kernel.index in plain Go.
func indexSWAR(buf []byte, from, to int, s symbols, out []block) (limit int, q quoting) {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	delim, newline, quote := repeat(s.delim), repeat(s.newline), repeat(s.quote)
	hasQuote := s.quoteBits()
	q = s.quoting()
	last := uint64(1) << 63 // the bytes that end something in the block before
	for i, p := 0, from; p < to; i, p = i+1, p+blockLen {
		var ends, newlines, quotes uint64
		for w := 0; w < blockLen; w += 8 {
			word := load(base, p+w)
			n := equalBytes(word, newline)
			ends |= gatherBits(equalBytes(word, delim)|n) << w
			if n != 0 {
				newlines |= gatherBits(n) << w
			}
			if m := equalBytes(word, quote) & hasQuote; m != 0 {
				quotes |= gatherBits(m) << w
			}
		}
		if p+blockLen > to {
			valid := uint64(1)<<(to-p) - 1
			ends, newlines, quotes = ends&valid, newlines&valid, quotes&valid
		}
		if quotes|q.pending() == 0 {
			out[i] = block{ends, newlines}
			last = ends
			continue
		}
		b, wrong := q.block(ends, newlines, quotes, returnsSWAR(base, p, to), last>>63)
		out[i] = b
		if last = b.ends; wrong != 0 {
			return min(p+bits.TrailingZeros64(wrong), to), q
		}
	}
	return to, q
}

// returnsSWAR has the bits of the carriage returns of the block at p.
func returnsSWAR(base unsafe.Pointer, p, to int) (m uint64) {
	for w := 0; w < blockLen && p+w < to; w += 8 {
		m |= gatherBits(equalBytes(load(base, p+w), repeat('\r'))) << w
	}
	return m
}
