package rowkey

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
)

// NoGroup is the group of a key that a table does not have.
const NoGroup = ^uint32(0)

func fillNoGroup(groups []uint32) {
	for i := range groups {
		groups[i] = NoGroup
	}
}

// layout is how a table holds its keys.
type layout uint8

const (
	noColumns layout = iota // every row has the same key
	oneFixed                // one column of at most 8 bytes, NULL apart
	packed8                 // NULL bits and values in one word
	packed16                // … in two words
	packed24                // … in three words
	oneText                 // one text, binary or numeric column, NULL apart
	encoded                 // rows
)

// Table numbers the distinct keys of the rows given to Assign in the order of
// their first appearance. Assign is for one goroutine; once no more is
// assigned, any number of Probes may search it at the same time.
type Table struct {
	layout layout
	widths []int // packed: bytes of each column
	next   uint32

	small direct
	one   fixedMap[uint64]
	two   fixedMap[[2]uint64]
	three fixedMap[[3]uint64]
	text  bytesMap
	null  uint32 // group of NULL when it is apart, or NoGroup
	dict  dictionaryGroups
	dicts dictionaryTuples
	own   Probe // scratch of Assign
}

// NewTable makes a table for keys of these types (see Supported).
func NewTable(types []arrow.DataType) *Table {
	t := &Table{null: NoGroup}
	t.own.t = t
	total := 1
	for _, typ := range types {
		if d, ok := typ.(*arrow.DictionaryType); ok {
			typ = d.ValueType
		}
		w := fixedWidth(typ)
		if w == 0 {
			total = 25
		}
		total += w
		t.widths = append(t.widths, w)
	}
	switch {
	case len(types) == 0:
		t.layout = noColumns
	case len(types) == 1 && t.widths[0] > 0:
		t.layout = oneFixed
	case len(types) == 1 && (isText(types[0]) || isNumeric(types[0])):
		t.layout = oneText
	case total <= 8:
		t.layout = packed8
	case total <= 16 && len(types) <= 8:
		t.layout = packed16
	case total <= 24 && len(types) <= 8:
		t.layout = packed24
	default:
		t.layout = encoded
	}
	return t
}

func isText(t arrow.DataType) bool {
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	return t.ID() == arrow.STRING || t.ID() == arrow.BINARY
}

// Expect makes room for about n keys in a table that has none yet.
func (t *Table) Expect(n int) {
	switch {
	case n < 32:
	case t.layout == oneFixed || t.layout == packed8:
		t.one.expect(n)
	case t.layout == packed16:
		t.two.expect(n)
	case t.layout == packed24:
		t.three.expect(n)
	case t.layout == oneText || t.layout == encoded:
		t.text.expect(n)
	}
}

// Len is the number of groups.
func (t *Table) Len() int { return int(t.next) }

// Bytes is the memory held, approximately.
func (t *Table) Bytes() int64 {
	return t.one.bytes() + t.two.bytes() + t.three.bytes() + t.text.bytes() +
		int64(4*len(t.small.groups)) + int64(4*len(t.dict.groups)) + t.dicts.bytes()
}

// Assign writes the group of each of the n rows and gives the rows at which a
// new group appeared, in order; the result is valid until the next call.
func (t *Table) Assign(cols []arrow.Array, n int, groups []uint32) (fresh []int32) {
	p := &t.own
	p.fresh = p.fresh[:0]
	if t.layout == noColumns {
		if n > 0 && t.next == 0 {
			t.next = 1
			p.fresh = append(p.fresh, 0)
		}
		clear(groups[:n])
		return p.fresh
	}
	if d, ok := cols[0].(*array.Dictionary); ok && len(cols) == 1 {
		p.fresh = t.dict.assign(t, d, groups, p.fresh)
		return p.fresh
	}
	var ok bool
	if p.fresh, ok = t.dicts.assign(t, cols, n, groups[:n], p.fresh); !ok {
		p.fresh = t.assignPlain(p, plainColumns(cols), n, groups[:n])
	}
	return p.fresh
}

func (t *Table) assignPlain(p *Probe, cols []arrow.Array, n int, groups []uint32) []int32 {
	cols = numericKeys(cols)
	switch t.layout {
	case oneFixed:
		p.load(cols[0], n)
		if valid := kernel.Valid(cols[0]); valid != nil {
			return t.assignNullable(p, valid, groups)
		}
		return t.assignFixed(p, p.vals, groups, p.fresh)
	case packed8:
		p.packWord(cols, n)
		p.hashVals()
		return t.one.assign(p.vals, p.hashes, groups, &t.next, p.fresh)
	case packed16:
		p.pairs = packWords(p, p.pairs, cols, n)
		p.hashPairs()
		return t.two.assign(p.pairs, p.hashes, groups, &t.next, p.fresh)
	case packed24:
		p.triples = packWords(p, p.triples, cols, n)
		p.hashTriples()
		return t.three.assign(p.triples, p.hashes, groups, &t.next, p.fresh)
	case oneText:
		offsets, data := kernel.Offsets(cols[0])
		null := nullGroup{kernel.Valid(cols[0]), &t.null}
		return t.text.assign(keyView{offsets, data}, n, null, groups, &t.next, p.fresh)
	default:
		p.rows.encode(cols, n)
		return t.text.assign(keyView{p.rows.offsets, p.rows.data}, n, nullGroup{}, groups, &t.next, p.fresh)
	}
}

func (t *Table) assignNull(i int, groups []uint32, fresh []int32) []int32 {
	if t.null == NoGroup {
		t.null = t.next
		t.next++
		fresh = append(fresh, int32(i))
	}
	groups[i] = t.null
	return fresh
}

// assignFixed numbers values without NULLs: by index while their range is small
// for how many they are, otherwise by hash.
func (t *Table) assignFixed(p *Probe, vals []uint64, groups []uint32, fresh []int32) []int32 {
	t.small.decide(vals)
	for t.small.groups != nil {
		var all bool
		if fresh, all = t.small.assign(vals, groups, &t.next, fresh); all {
			return fresh
		}
		if !t.small.widen(vals, int(t.next)) {
			t.abandonDirect()
		}
	}
	p.hashVals()
	return t.one.assign(vals, p.hashes, groups, &t.next, fresh)
}

// abandonDirect goes over from indices to hashes.
func (t *Table) abandonDirect() {
	t.one.expect(int(t.next))
	for k, g := range t.small.groups {
		if g != 0 {
			v := t.small.value(k)
			t.one.put(v, hash64(v), g)
		}
	}
	t.small.groups = nil
}

// assignNullable numbers runs of rows between NULLs.
func (t *Table) assignNullable(p *Probe, valid kernel.Words, groups []uint32) []int32 {
	n := len(groups)
	all := p.vals
	for lo := 0; lo < n; {
		if !valid.Get(lo) {
			p.fresh = t.assignNull(lo, groups, p.fresh)
			lo++
			continue
		}
		hi := lo + 1
		for hi < n && valid.Get(hi) {
			hi++
		}
		before := len(p.fresh)
		p.vals = all[lo:hi]
		p.fresh = t.assignFixed(p, p.vals, groups[lo:hi], p.fresh)
		for i := before; i < len(p.fresh); i++ {
			p.fresh[i] += int32(lo)
		}
		lo = hi
	}
	p.vals = all
	return p.fresh
}

// plainColumns decodes dictionary columns.
func plainColumns(cols []arrow.Array) []arrow.Array {
	var out []arrow.Array
	for i, c := range cols {
		d, ok := c.(*array.Dictionary)
		if !ok {
			continue
		}
		if out == nil {
			out = append(out, cols...)
		}
		out[i] = decoded(d)
	}
	if out == nil {
		return cols
	}
	return out
}
