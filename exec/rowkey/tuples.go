package rowkey

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
)

// dictionaryTuples is dictionaryGroups for keys of several columns, whose
// dictionaries together do not have too many different tuples.
type dictionaryTuples struct {
	dicts  []arrow.ArrayData
	codes  [][]uint32 // by column: the dictionary's values numbered, equal ones alike
	sizes  []int      // how many numbers
	rows   int        // seen with these dictionaries
	tuples int        // the product of the sizes
	groups []uint32   // by the columns' numbers, the last one's next to each other; empty: not worth it
	packed []uint32   // each row's tuple
	column []uint32
}

const (
	minTuples = 1 << 12 // so many are always worth a table
	maxTuples = 1 << 20
	// tupleRatio is how many there may be for a row seen.
	tupleRatio = 16
)

// assign gives each row the group of its tuple; ok is false for columns that
// are not all encoded, without NULL, by dictionaries for which it is worth it.
func (g *dictionaryTuples) assign(t *Table, cols []arrow.Array, n int, groups []uint32, fresh []int32) (_ []int32, ok bool) {
	if !g.encode(cols, n) {
		return fresh, false
	}
	if lookUp(groups, g.groups, g.packed) {
		return fresh, true
	}
	var at []int32 // the first rows of tuples without a group
	for i, tuple := range g.packed {
		if g.groups[tuple] == NoGroup {
			g.groups[tuple] = 0 // until it is known
			at = append(at, int32(i))
		}
	}
	plain := make([]arrow.Array, len(cols))
	for c, a := range cols {
		some, err := kernel.Take(a, at)
		if err != nil { // not of some rows of a batch
			return fresh, false
		}
		plain[c] = decoded(some.(*array.Dictionary))
	}
	found := make([]uint32, len(at))
	var probe Probe
	for _, m := range t.assignPlain(&probe, plain, len(at), found) {
		fresh = append(fresh, at[m])
	}
	for m, row := range at {
		g.groups[g.packed[row]] = found[m]
	}
	lookUp(groups, g.groups, g.packed)
	return fresh, true
}

// encode gives each row the number of its tuple.
func (g *dictionaryTuples) encode(cols []arrow.Array, n int) bool {
	same := len(g.dicts) == len(cols)
	for c, a := range cols {
		d, ok := a.(*array.Dictionary)
		if !ok || d.NullN() > 0 {
			return false
		}
		same = same && g.dicts[c] == d.Dictionary().Data()
	}
	if !same {
		g.dicts, g.codes, g.groups, g.rows = g.dicts[:0], g.codes[:0], g.groups[:0], 0
		for _, a := range cols {
			g.dicts = append(g.dicts, a.(*array.Dictionary).Dictionary().Data())
		}
	}
	g.rows += n
	if len(g.codes) == 0 && !g.number(cols) || len(g.groups) == 0 && !g.open() {
		return false
	}
	g.packed = resize(g.packed, n)
	if g.encodeBytes(cols) {
		return true
	}
	g.column = resize(g.column, n)
	for c, a := range cols {
		dst := g.column
		if c == 0 {
			dst = g.packed
		}
		d := a.(*array.Dictionary)
		if bytes := kernel.DictBytes(d); bytes != nil {
			numbersOf(dst, g.codes[c], bytes)
		} else if words := kernel.DictWords(d); words != nil {
			numbersOf(dst, g.codes[c], words)
		} else {
			numbersOf(dst, g.codes[c], kernel.DictRows(d))
		}
		if c > 0 {
			size := uint32(g.sizes[c])
			for i, v := range g.column {
				g.packed[i] = g.packed[i]*size + v
			}
		}
	}
	return true
}

// encodeBytes is encode for two columns whose dictionaries have so few values that
// their indices are bytes, in one pass.
func (g *dictionaryTuples) encodeBytes(cols []arrow.Array) bool {
	if len(cols) != 2 {
		return false
	}
	a, b := kernel.DictBytes(cols[0].(*array.Dictionary)), kernel.DictBytes(cols[1].(*array.Dictionary))
	if a == nil || b == nil || len(g.codes[0]) > 256 || len(g.codes[1]) > 256 {
		return false
	}
	var first, second [256]uint32
	for i, v := range g.codes[0] {
		first[i] = v * uint32(g.sizes[1])
	}
	copy(second[:], g.codes[1])
	packed := g.packed[:len(a)]
	for i, v := range b[:len(a)] {
		packed[i] = first[a[i]] + second[v]
	}
	return true
}

// number numbers the values of the dictionaries, once they have not more of
// them than rows that had them: how many more there will be is not known.
func (g *dictionaryTuples) number(cols []arrow.Array) bool {
	for _, a := range cols {
		if a.(*array.Dictionary).Dictionary().Len() > max(g.rows, minTuples) {
			return false
		}
	}
	g.tuples, g.sizes = 1, g.sizes[:0]
	for _, a := range cols {
		dict := a.(*array.Dictionary).Dictionary()
		codes := make([]uint32, dict.Len())
		values := NewTable([]arrow.DataType{dict.DataType()})
		values.Assign([]arrow.Array{dict}, dict.Len(), codes)
		g.codes, g.sizes = append(g.codes, codes), append(g.sizes, values.Len())
		g.tuples = min(g.tuples*values.Len(), maxTuples+1)
	}
	return true
}

// open makes the table of tuples, once they are not too many for the rows seen.
func (g *dictionaryTuples) open() bool {
	if g.tuples > min(max(tupleRatio*g.rows, minTuples), maxTuples) {
		return false
	}
	g.groups = resize(g.groups, g.tuples)
	fillNoGroup(g.groups)
	return true
}

// numbersOf gives each row the number of its value.
func numbersOf[T int32 | uint16 | uint8](dst, codes []uint32, rows []T) {
	for i, r := range rows {
		dst[i] = codes[r]
	}
}

func (g *dictionaryTuples) bytes() int64 {
	n := cap(g.groups) + cap(g.packed) + cap(g.column)
	for _, codes := range g.codes {
		n += len(codes)
	}
	return int64(4 * n)
}
