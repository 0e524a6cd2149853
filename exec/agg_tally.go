package exec

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/physical"
)

// minTally is how many rows a batch has at least whose values are counted.
var minTally = 1 << 10 // a variable for tests

// tally counts rows by the values of a dictionary of bytes, for an aggregation
// that is nothing but count(*) by one such key. The numbers then go to the
// groups as states do, so that no row's group is ever written down.
type tally struct {
	dict   arrow.ArrayData
	groups []uint32 // by value of dict; rowkey.NoGroup while it is not known
}

// tallies tells whether an aggregation's groups can be counted by a tally.
func tallies(n *physical.Aggregate) bool {
	for _, a := range n.Aggs {
		if a.Func != "count" || len(a.Args) > 0 || a.Distinct || a.Filter != nil || len(a.OrderBy) > 0 {
			return false
		}
	}
	return n.Mode != physical.Final && len(n.Keys) == 1 && len(n.Aggs) > 0
}

// tallied is the key of a batch, if it can be counted by its bytes.
func (t *tally) tallied(keys []arrow.Array) (*array.Dictionary, []uint8) {
	if t == nil {
		return nil, nil
	}
	d, ok := keys[0].(*array.Dictionary)
	if !ok || d.Len() < minTally {
		return nil, nil
	}
	return d, kernel.DictBytes(d)
}

// count counts a batch; false, with nothing counted, where a value has no group
// yet: these are numbered in the order of their rows.
func (t *tally) count(keys []arrow.Array, g *groupTable) (bool, error) {
	d, codes := t.tallied(keys)
	if codes == nil || t.dict != d.Dictionary().Data() {
		return false, nil
	}
	totals := tallyOf(codes, d.Dictionary().Len())
	groups, counts := make([]uint32, 0, len(t.groups)), make([]int64, 0, len(t.groups))
	for v, n := range totals {
		if n == 0 {
			continue
		}
		if v >= len(t.groups) || t.groups[v] == rowkey.NoGroup {
			return false, nil
		}
		groups, counts = append(groups, t.groups[v]), append(counts, int64(n))
	}
	states := []arrow.Array{kernel.FromValues(arrow.PrimitiveTypes.Int64, counts, nil)}
	for _, a := range g.aggs {
		if err := a.acc.Merge(groups, g.n, states); err != nil {
			return false, placedAt(err, a.call.Pos)
		}
	}
	return true, nil
}

// learn notes the groups of the values of a batch that was grouped by rows.
func (t *tally) learn(keys []arrow.Array, groups []uint32) {
	d, codes := t.tallied(keys)
	if codes == nil {
		return
	}
	if dict := d.Dictionary(); t.dict != dict.Data() {
		t.dict, t.groups = dict.Data(), make([]uint32, dict.Len())
		for i := range t.groups {
			t.groups[i] = rowkey.NoGroup
		}
	}
	for i, v := range codes {
		t.groups[v] = groups[i]
	}
}

// tallyOf counts each byte, of which all are less than n. A processor has to wait
// when it adds to what it has just written, so every fourth byte is counted in the
// same place.
func tallyOf(codes []uint8, n int) (totals [256]uint32) {
	codes = codes[tallyVectors(codes, n, &totals):]
	var at [4][256]uint32
	for ; len(codes) >= 8; codes = codes[8:] {
		w := binary.LittleEndian.Uint64(codes)
		at[0][uint8(w)]++
		at[1][uint8(w>>8)]++
		at[2][uint8(w>>16)]++
		at[3][uint8(w>>24)]++
		at[0][uint8(w>>32)]++
		at[1][uint8(w>>40)]++
		at[2][uint8(w>>48)]++
		at[3][uint8(w>>56)]++
	}
	for _, v := range codes {
		at[0][v]++
	}
	for v := range totals {
		totals[v] += at[0][v] + at[1][v] + at[2][v] + at[3][v]
	}
	return totals
}
