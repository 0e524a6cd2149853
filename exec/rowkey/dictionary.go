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
	} else if codes := kernel.DictWords(d); codes != nil {
		if lookUp(groups[:len(codes)], g.groups, codes) {
			return fresh
		}
	} else if d.NullN() == 0 && lookUp(groups[:d.Len()], g.groups, kernel.DictRows(d)) {
		return fresh
	}
	return g.assignNew(t, d, groups, fresh)
}

// assignNew is assign where some values have no group yet; these are looked up
// together, in the order of their first rows.
func (g *dictionaryGroups) assignNew(t *Table, d *array.Dictionary, groups []uint32, fresh []int32) []int32 {
	var missing, at []int32 // values, and their first rows
	rows := kernel.DictRows(d)
	null := NoGroup
	for i, r := range rows {
		switch {
		case r < 0 && null == NoGroup:
			null = uint32(len(missing))
			missing, at = append(missing, r), append(at, int32(i))
		case r >= 0 && g.groups[r] == NoGroup:
			g.groups[r] = 0 // until it is known
			missing, at = append(missing, r), append(at, int32(i))
		}
	}
	values, err := kernel.Take(d.Dictionary(), missing)
	if err != nil { // not of values of a dictionary, each of them once
		return fresh
	}
	found := make([]uint32, len(missing))
	var probe Probe
	for _, m := range t.assignPlain(&probe, []arrow.Array{values}, len(missing), found) {
		fresh = append(fresh, at[m])
	}
	for m, r := range missing {
		if r >= 0 {
			g.groups[r] = found[m]
		} else {
			null = found[m]
		}
	}
	for i, r := range rows {
		if r < 0 {
			groups[i] = null
		} else {
			groups[i] = g.groups[r]
		}
	}
	return fresh
}

// lookUp gives each row the group of its value; false if one has none yet.
func lookUp[T int32 | uint32 | uint16 | uint8](groups, of []uint32, rows []T) bool {
	top := uint32(0)
	for i, r := range rows {
		g := of[r]
		groups[i] = g
		top = max(top, g)
	}
	return top != NoGroup
}

// decoded is the plain form of a dictionary array.
func decoded(d *array.Dictionary) arrow.Array {
	a, err := kernel.Decode(d)
	if err != nil { // more than 2 GiB of text in one batch: leave it as it is
		return d
	}
	return a
}
