package parquet

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// levels are the definition and repetition levels of a leaf, and which values
// of its array the entries that are fully defined refer to. Section "Nested
// Encoding" of the format's README says what levels are.
type levels struct {
	def, rep []int16 // rep is nil without lists
	at       []int32 // per entry: the index into the array at hand, or −1 once it is null or empty
}

// writeLeaf adds the values of one leaf of a column's array, of the given rows or,
// when rows is nil, of all. path leads from the column to the leaf.
func writeLeaf(to *leafBuffer, path []*writeNode, column arrow.Array, rows []int32) error {
	l := newLevels(column.Len(), rows)
	a := column
	for i, node := range path {
		if node.typ.ID() == arrow.STRUCT && i+1 < len(path) {
			l.optional(a)
			a = a.(*array.Struct).Field(path[i+1].field)
			continue
		}
		if list, ok := a.(*array.List); ok && i+1 < len(path) {
			l.optional(a)
			l = l.repeated(list, path[:i])
			a = list.ListValues()
			continue
		}
		if d, ok := a.(*array.Dictionary); ok {
			l.optional(a)
			a = d.Dictionary()
			l.through(d)
			// The dictionary's own nulls are nulls of the column.
			l.nullify(a)
			continue
		}
		l.optional(a)
	}
	to.addLevels(l)
	if err := path[len(path)-1].leaf.write(to, a, l); err != nil {
		return err
	}
	return to.failed
}

func newLevels(n int, rows []int32) *levels {
	if rows != nil {
		return &levels{def: make([]int16, len(rows)), at: append([]int32(nil), rows...)}
	}
	l := &levels{def: make([]int16, n), at: make([]int32, n)}
	for i := range l.at {
		l.at[i] = int32(i)
	}
	return l
}

// optional raises the levels of the entries that are not null in a.
func (l *levels) optional(a arrow.Array) {
	if a.DataType().ID() == arrow.NULL { // has no bitmap to say so
		for i := range l.at {
			l.at[i] = -1
		}
		return
	}
	if a.NullN() == 0 {
		for i, at := range l.at {
			if at >= 0 {
				l.def[i]++
			}
		}
		return
	}
	for i, at := range l.at {
		switch {
		case at < 0:
		case a.IsNull(int(at)):
			l.at[i] = -1
		default:
			l.def[i]++
		}
	}
}

// nullify makes the entries that are null in a undefined without a level of
// their own.
func (l *levels) nullify(a arrow.Array) {
	if a.NullN() == 0 {
		return
	}
	for i, at := range l.at {
		if at >= 0 && a.IsNull(int(at)) {
			l.at[i] = -1
			l.def[i]--
		}
	}
}

// through turns indexes of d into those of its dictionary.
func (l *levels) through(d *array.Dictionary) {
	for i, at := range l.at {
		if at >= 0 {
			l.at[i] = int32(d.GetValueIndex(int(at)))
		}
	}
}

// repeated opens lists: an entry for each element, or one for an empty list.
// above are the nodes above the list.
func (l *levels) repeated(list *array.List, above []*writeNode) *levels {
	depth := int16(1)
	for _, n := range above {
		if n.isList() {
			depth++
		}
	}
	out := &levels{
		def: make([]int16, 0, len(l.def)),
		rep: make([]int16, 0, len(l.def)),
		at:  make([]int32, 0, len(l.def)),
	}
	for i, at := range l.at {
		var rep int16
		if l.rep != nil {
			rep = l.rep[i]
		}
		if at < 0 {
			out.add(l.def[i], rep, -1)
			continue
		}
		from, to := list.ValueOffsets(int(at))
		if from == to {
			out.add(l.def[i], rep, -1)
		}
		for e := from; e < to; e++ {
			out.add(l.def[i]+1, rep, int32(e))
			rep = depth
		}
	}
	return out
}

func (l *levels) add(def, rep int16, at int32) {
	l.def = append(l.def, def)
	l.rep = append(l.rep, rep)
	l.at = append(l.at, at)
}
