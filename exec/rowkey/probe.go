package rowkey

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// Probe searches a table. Each goroutine has its own.
type Probe struct {
	t       *Table
	vals    []uint64 // not to be written: they may be a column's
	own     []uint64 // scratch for vals
	pairs   [][2]uint64
	triples [][3]uint64
	column  []uint64
	hashes  []uint64
	rows    rows
	fresh   []int32
	touched uint32 // what find read, so that it is not optimized away
	waited  uint64 // the same, of byte keys
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
	cols = numericKeys(plainColumns(cols))
	switch t.layout {
	case oneFixed:
		p.load(cols[0], n)
		if t.small.groups != nil {
			t.findDirect(p, groups)
		} else {
			p.hashVals()
			p.touched = t.one.find(p.vals, p.hashes, groups)
		}
		t.findNulls(cols[0], groups)
	case packed8:
		p.packWord(cols, n)
		p.hashVals()
		p.touched = t.one.find(p.vals, p.hashes, groups)
	case packed16:
		p.pairs = packWords(p, p.pairs, cols, n)
		p.hashPairs()
		p.touched = t.two.find(p.pairs, p.hashes, groups)
	case packed24:
		p.triples = packWords(p, p.triples, cols, n)
		p.hashTriples()
		p.touched = t.three.find(p.triples, p.hashes, groups)
	case oneText:
		offsets, data := kernel.Offsets(cols[0])
		p.waited = t.text.find(keyView{offsets, data}, n, groups)
		t.findNulls(cols[0], groups)
	default:
		p.rows.encode(cols, n)
		p.waited = t.text.find(keyView{p.rows.offsets, p.rows.data}, n, groups)
	}
}

func (t *Table) findDirect(p *Probe, groups []uint32) {
	for i, v := range p.vals {
		groups[i] = NoGroup
		if k := t.small.at(v); k < uint64(len(t.small.groups)) {
			groups[i] = t.small.groups[k] - 1
		}
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
	if words := wordValues(a); words != nil {
		p.vals = words[:n]
		return
	}
	p.own = resize(p.own, n)
	p.vals = p.own
	fixedValues(a, p.vals)
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

func (p *Probe) hashTriples() {
	p.hashes = resize(p.hashes, len(p.triples))
	for i, v := range p.triples {
		p.hashes[i] = mix(mix(v[0]^mixA, v[1]^mixB), v[2]^mixB)
	}
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
