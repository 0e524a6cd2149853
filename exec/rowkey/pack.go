package rowkey

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// Packed keys are one to three words a row: values, those of NULLs 0, and a bit
// for each NULL column, which come first in one word and last in several, where
// values then seldom cross from one word to the next.

// packWord fills vals, of n rows (packed8).
func (p *Probe) packWord(cols []arrow.Array, n int) {
	p.own = resize(p.own, n)
	p.vals = p.own
	clear(p.vals)
	p.column = resize(p.column, n)
	at := uint(8)
	for c, a := range cols {
		mask, valid := p.loadColumn(a)
		for i, v := range p.column {
			if valid != nil && !valid.Get(i) {
				p.vals[i] |= 1 << c
				continue
			}
			p.vals[i] |= v & mask << at
		}
		at += widthBits(a)
	}
}

// packWords gives the keys of n rows in dst (packed16, packed24).
func packWords[K [2]uint64 | [3]uint64](p *Probe, dst []K, cols []arrow.Array, n int) []K {
	dst = resize(dst, n)
	clear(dst)
	p.column = resize(p.column, n)
	nulls := uint(0)
	for _, a := range cols {
		nulls += widthBits(a)
	}
	at := uint(0)
	for c, a := range cols {
		mask, valid := p.loadColumn(a)
		word, shift := at/64, at%64
		switch {
		case valid == nil && ^mask == 0 && shift == 0:
			packAligned(dst, word, p.column)
		case valid == nil:
			packValues(dst, word, shift, widthBits(a), p.column)
		default:
			packNullable(dst, at, widthBits(a), nulls+uint(c), valid, p.column)
		}
		at += widthBits(a)
	}
	return dst
}

// packAligned packs values of 64 bits that are a word.
func packAligned[K [2]uint64 | [3]uint64](dst []K, word uint, values []uint64) {
	for i, v := range values {
		dst[i][word] = v
	}
}

// packValues packs values of so many bits, which may go over two words.
func packValues[K [2]uint64 | [3]uint64](dst []K, word, shift, bits uint, values []uint64) {
	mask := ^uint64(0) >> (64 - bits)
	for i, v := range values {
		dst[i][word] |= v & mask << shift
	}
	if shift+bits <= 64 {
		return
	}
	for i, v := range values {
		dst[i][word+1] |= v & mask >> (64 - shift)
	}
}

// packNullable packs values some of which are NULL, for which bit null is set.
func packNullable[K [2]uint64 | [3]uint64](dst []K, at, bits, null uint, valid kernel.Words, values []uint64) {
	mask := ^uint64(0) >> (64 - bits)
	word, shift := at/64, at%64
	split := shift+bits > 64
	for i, v := range values {
		if !valid.Get(i) {
			dst[i][null/64] |= 1 << (null % 64)
			continue
		}
		dst[i][word] |= v & mask << shift
		if split {
			dst[i][word+1] |= v & mask >> (64 - shift)
		}
	}
}

// loadColumn fills column with the values of a; mask has the bits of one.
func (p *Probe) loadColumn(a arrow.Array) (mask uint64, valid kernel.Words) {
	fixedValues(a, p.column)
	return ^uint64(0) >> (64 - widthBits(a)), kernel.Valid(a)
}

func widthBits(a arrow.Array) uint { return uint(fixedWidth(a.DataType())) * 8 }
