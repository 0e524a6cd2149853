package rowkey

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// Packed keys are one to three words a row: the first byte has a bit for each
// NULL column, then come the values, those of NULLs 0.

// packWord fills vals, which has the number of rows (packed8).
func (p *Probe) packWord(cols []arrow.Array) {
	clear(p.vals)
	p.column = resize(p.column, len(p.vals))
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
	at := uint(8)
	for c, a := range cols {
		mask, valid := p.loadColumn(a)
		word, shift := at/64, at%64
		split := shift+widthBits(a) > 64 // over two words
		for i, v := range p.column {
			if valid != nil && !valid.Get(i) {
				dst[i][0] |= 1 << c
				continue
			}
			v &= mask
			dst[i][word] |= v << shift
			if split {
				dst[i][word+1] |= v >> (64 - shift)
			}
		}
		at += widthBits(a)
	}
	return dst
}

// loadColumn fills column with the values of a; mask has the bits of one.
func (p *Probe) loadColumn(a arrow.Array) (mask uint64, valid kernel.Words) {
	fixedValues(a, p.column)
	return ^uint64(0) >> (64 - widthBits(a)), kernel.Valid(a)
}

func widthBits(a arrow.Array) uint { return uint(fixedWidth(a.DataType())) * 8 }
