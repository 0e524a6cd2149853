package rowkey

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// Probe searches a table. Each goroutine has its own.
type Probe struct {
	t      *Table
	vals   []uint64
	pairs  [][2]uint64
	hashes []uint64
	rows   rows
	fresh  []int32
}

// NewProbe makes a probe of t.
func (t *Table) NewProbe() *Probe { return &Probe{t: t} }

// Find writes the group of each of the n rows, or NoGroup. NULL is found like
// any other key.
func (p *Probe) Find(cols []arrow.Array, n int, groups []uint32) {
	t := p.t
	groups = groups[:n]
	if t.layout == noColumns {
		for i := range groups {
			groups[i] = t.next - 1 // 0, or NoGroup for an empty table
		}
		return
	}
	cols = plainColumns(cols)
	switch t.layout {
	case oneFixed:
		p.load(cols[0], n)
		if t.small.groups != nil {
			t.findDirect(p, groups)
		} else {
			p.hashVals()
			t.one.find(p.vals, p.hashes, groups)
		}
		t.findNulls(cols[0], groups)
	case packed8:
		p.pack(cols, n)
		p.hashVals()
		t.one.find(p.vals, p.hashes, groups)
	case packed16:
		p.pack(cols, n)
		p.hashPairs()
		t.two.find(p.pairs, p.hashes, groups)
	case oneText:
		offsets, data := kernel.Offsets(cols[0])
		t.text.find(keyView{offsets, data}, n, groups)
		t.findNulls(cols[0], groups)
	default:
		p.rows.encode(cols, n)
		t.text.find(keyView{p.rows.offsets, p.rows.data}, n, groups)
	}
}

func (t *Table) findDirect(p *Probe, groups []uint32) {
	var h [1]uint64
	for i, v := range p.vals {
		if d := v - t.small.base; d < uint64(len(t.small.groups)) {
			groups[i] = t.small.groups[d] - 1
			continue
		}
		h[0] = hash64(v)
		t.one.find(p.vals[i:i+1], h[:], groups[i:i+1])
	}
}

func (t *Table) findNulls(a arrow.Array, groups []uint32) {
	if valid := kernel.Valid(a); valid != nil {
		for i := range groups {
			if !valid.Get(i) {
				groups[i] = t.null
			}
		}
	}
}

// load fills vals from a column of fixed width.
func (p *Probe) load(a arrow.Array, n int) {
	p.vals = resize(p.vals, n)
	fixedValues(a, p.vals)
}

// pack fills vals (packed8) or pairs (packed16): the first byte has a bit for
// each NULL column, then come the values, those of NULLs 0.
func (p *Probe) pack(cols []arrow.Array, n int) {
	p.pairs = resize(p.pairs, n)
	clear(p.pairs)
	col := resize(p.vals, n)
	at := uint(8)
	for c, a := range cols {
		fixedValues(a, col)
		valid := kernel.Valid(a)
		width := uint(fixedWidth(a.DataType())) * 8
		mask := ^uint64(0) >> (64 - width)
		word, shift := at/64, at%64
		for i, v := range col {
			if valid != nil && !valid.Get(i) {
				p.pairs[i][0] |= 1 << c
				continue
			}
			v &= mask
			p.pairs[i][word] |= v << shift
			if shift+width > 64 {
				p.pairs[i][word+1] |= v >> (64 - shift)
			}
		}
		at += width
	}
	p.vals = col
	for i := range col {
		col[i] = p.pairs[i][0]
	}
}

func (p *Probe) hashVals() {
	p.hashes = resize(p.hashes, len(p.vals))
	for i, v := range p.vals {
		p.hashes[i] = hash64(v)
	}
}

func (p *Probe) hashPairs() {
	p.hashes = resize(p.hashes, len(p.pairs))
	for i, v := range p.pairs {
		p.hashes[i] = mix(v[0]^mixA, v[1]^mixB)
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
