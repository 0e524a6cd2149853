package rowkey

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
)

// dictionaryGroups remembers the group of each value of the last dictionary
// seen, so that a value is looked up once per dictionary and not once per row.
type dictionaryGroups struct {
	dict   arrow.ArrayData
	groups []uint32
}

func (g *dictionaryGroups) assign(t *Table, d *array.Dictionary, groups []uint32, fresh []int32) []int32 {
	dict := d.Dictionary()
	if g.dict != dict.Data() {
		g.dict = dict.Data()
		g.groups = make([]uint32, dict.Len())
		fillNoGroup(g.groups)
	}
	if codes := kernel.DictBytes(d); codes != nil {
		if lookUp(groups[:len(codes)], g.groups, codes) {
			return fresh
		}
	} else if d.NullN() == 0 && lookUp(groups[:d.Len()], g.groups, kernel.DictRows(d)) {
		return fresh
	}
	var probe Probe
	for i, r := range kernel.DictRows(d) {
		if r >= 0 && g.groups[r] != NoGroup {
			groups[i] = g.groups[r]
			continue
		}
		value := nullOf(dict)
		if r >= 0 {
			value = array.NewSlice(dict, int64(r), int64(r)+1)
		}
		probe.fresh = probe.fresh[:0]
		probe.fresh = t.assignPlain(&probe, []arrow.Array{value}, 1, groups[i:i+1])
		if len(probe.fresh) > 0 {
			fresh = append(fresh, int32(i))
		}
		if r >= 0 {
			g.groups[r] = groups[i]
		}
	}
	return fresh
}

// dictionaryTuples is dictionaryGroups for keys of several columns, whose
// dictionaries are small.
type dictionaryTuples struct {
	dicts  []arrow.ArrayData
	groups []uint32 // by the columns' indices, the last one's next to each other
	codes  []uint16
}

// maxTuples is how many there may be: the product of the dictionaries' sizes.
const maxTuples = 1 << 12

// assign gives each row the group of its tuple; ok is false for columns that
// are not all of bytes without NULL.
func (g *dictionaryTuples) assign(t *Table, cols []arrow.Array, n int, groups []uint32, fresh []int32) (_ []int32, ok bool) {
	if !g.encode(cols, n) {
		return fresh, false
	}
	if lookUp(groups, g.groups, g.codes) {
		return fresh, true
	}
	var probe Probe
	tuple := make([]arrow.Array, len(cols))
	for i, code := range g.codes {
		if g.groups[code] == NoGroup {
			for c, a := range cols {
				d := a.(*array.Dictionary)
				at := int64(d.GetValueIndex(i))
				tuple[c] = array.NewSlice(d.Dictionary(), at, at+1)
			}
			probe.fresh = t.assignPlain(&probe, tuple, 1, groups[i:i+1])
			if len(probe.fresh) > 0 {
				fresh = append(fresh, int32(i))
			}
			probe.fresh = probe.fresh[:0]
			g.groups[code] = groups[i]
		}
		groups[i] = g.groups[code]
	}
	return fresh, true
}

// encode gives each row the number of its tuple.
func (g *dictionaryTuples) encode(cols []arrow.Array, n int) bool {
	same, tuples := len(g.dicts) == len(cols), 1
	for c, a := range cols {
		d, ok := a.(*array.Dictionary)
		if !ok || kernel.DictBytes(d) == nil {
			return false
		}
		if tuples *= d.Dictionary().Len(); tuples > maxTuples {
			return false
		}
		same = same && g.dicts[c] == d.Dictionary().Data()
	}
	if !same {
		g.dicts = g.dicts[:0]
		for _, a := range cols {
			g.dicts = append(g.dicts, a.(*array.Dictionary).Dictionary().Data())
		}
		g.groups = make([]uint32, tuples)
		fillNoGroup(g.groups)
	}
	g.codes = resize(g.codes, n)
	for c, a := range cols {
		bytes, size := kernel.DictBytes(a.(*array.Dictionary)), uint16(g.dicts[c].Len())
		if c == 0 {
			for i, b := range bytes {
				g.codes[i] = uint16(b)
			}
			continue
		}
		for i, b := range bytes {
			g.codes[i] = g.codes[i]*size + uint16(b)
		}
	}
	return true
}

// lookUp gives each row the group of its value; false if one has none yet.
func lookUp[T int32 | uint16 | uint8](groups, of []uint32, rows []T) bool {
	top := uint32(0)
	for i, r := range rows {
		g := of[r]
		groups[i] = g
		top = max(top, g)
	}
	return top != NoGroup
}

func nullOf(dict arrow.Array) arrow.Array { return kernel.Nulls(dict.DataType(), 1) }

// decoded is the plain form of a dictionary array.
func decoded(d *array.Dictionary) arrow.Array {
	a, err := kernel.Decode(d)
	if err != nil { // more than 2 GiB of text in one batch: leave it as it is
		return d
	}
	return a
}
