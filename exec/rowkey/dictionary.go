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

// lookUp gives each row the group of its value; false if one has none yet.
func lookUp[T int32 | uint8](groups, of []uint32, rows []T) bool {
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
