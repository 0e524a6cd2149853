package csv

import (
	"bytes"
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

// gatherBits gives the bits of eight words in their order: bit i of byte j of m
// is that of byte j of word i (the transpose of a matrix of 8×8 bits, Hacker's
// Delight 7–3).
func gatherBits(m uint64) uint64 {
	t := (m ^ m>>7) & 0x00aa00aa00aa00aa
	m ^= t ^ t<<7
	t = (m ^ m>>14) & 0x0000cccc0000cccc
	m ^= t ^ t<<14
	t = (m ^ m>>28) & 0x00000000f0f0f0f0
	return m ^ t ^ t<<28
}

// load is the word at p bytes from base.
func load(base unsafe.Pointer, p int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(base, p))[:])
}

// indexSWAR is kernel.index in plain Go.
func indexSWAR(buf []byte, from, to int, s symbols, out []block) (limit int, q quoting) {
	base := unsafe.Pointer(unsafe.SliceData(buf))
	delim, newline, quote := repeat(s.delim), repeat(s.newline), repeat(s.quote)
	hasQuote := s.quote != 0 && bytes.IndexByte(buf[from:to], s.quote) >= 0
	q = s.quoting()
	last := uint64(1) << 63 // the bytes that end something in the block before
	for i, p := 0, from; p < to; i, p = i+1, p+blockLen {
		var ends, newlines, quotes uint64
		for w := p; w < p+blockLen; w += 8 {
			word := load(base, w)
			n := equalBytes(word, newline)
			newlines = newlines>>1 | n
			ends = ends>>1 | n | equalBytes(word, delim)
			if hasQuote {
				quotes = quotes>>1 | equalBytes(word, quote)
			}
		}
		ends, newlines = gatherBits(ends), gatherBits(newlines)
		if hasQuote {
			quotes = gatherBits(quotes)
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
		b, wrong := q.block(ends, newlines, quotes, returnsSWAR(base, p), last>>63)
		out[i] = b
		if last = b.ends; wrong != 0 {
			return min(p+bits.TrailingZeros64(wrong), to), q
		}
	}
	return to, q
}

// returnsSWAR has the bits of the carriage returns of the block at p.
func returnsSWAR(base unsafe.Pointer, p int) (m uint64) {
	for w := p; w < p+blockLen; w += 8 {
		m = m>>1 | equalBytes(load(base, w), repeat('\r'))
	}
	return gatherBits(m)
}

const zeros = '0' * ones // eight digits 0

// endDigits puts the text of up to 8 bytes with which w begins to the end of a
// word, after zeros; digits become numbers.
func endDigits(w uint64, n uint32) uint64 { return (w ^ zeros) << ((64 - 8*n) & 63) }

// digitsOnly tells whether the bytes of d are below 10.
func digitsOnly(d uint64) bool { return (d|(d+6*ones))&(0xf0*ones) == 0 }

// digitsValue combines eight digits, the first in the lowest byte, to pairs, fours
// and all eight by multiplication.
func digitsValue(d uint64) uint64 {
	d = d * (10<<8 + 1) >> 8 & 0x00ff00ff00ff00ff
	d = d * (100<<16 + 1) >> 16 & 0x0000ffff0000ffff
	return d * (10000<<32 + 1) >> 32
}
