package builtin

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/udf"
	"volley/udf/vector"
)

// modeAcc is mode: the first of the values that come most often. Values come in
// order, those of several groups perhaps by turns, so that all rows of one value
// follow one another. Of each group it counts the rows of the value at hand, and
// keeps the value that has come most often, as its first row has it: equal values may
// look different, as 2.0 and 2.00.
type modeAcc struct {
	onePhase
	groups []modeGroup
	store  rowStore    // values that are, were or may become the most frequent ones
	last   arrow.Array // the last value, nil before the first
	value  int64       // its number, from 1; equal values have one
}

// modeGroup is the state of a group.
type modeGroup struct {
	value, run int64 // the last value's number, and its rows
	most       int64 // rows of the most frequent value
	best       int64 // its number
	// first is the first row of the last value, row that of the most frequent one: a row
	// of the store or, while a batch is read, −1−row of the batch.
	first, row int32
}

// keptModes is how many values more than twice the groups are kept before those given
// up are removed.
const keptModes = 8192

func (m *modeAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	m.groups = grow(m.groups, n)
	groups, vals, err := valuesInOrder(groups, args[0])
	if err != nil || len(groups) == 0 {
		return err
	}
	same := equalNeighbours(vals)
	if same[0], err = m.goesOn(vals); err != nil {
		return err
	}
	m.last = array.NewSlice(vals, int64(len(groups)-1), int64(len(groups)))
	if err := m.keep(groups, vals, m.count(groups, same), lastValue(same)); err != nil {
		return err
	}
	if m.store.rows > 2*n+keptModes {
		return m.compact()
	}
	return nil
}

// goesOn tells whether the first of vals equals the last value before.
func (m *modeAcc) goesOn(vals arrow.Array) (bool, error) {
	if m.last == nil {
		return false, nil
	}
	both, err := array.Concatenate([]arrow.Array{m.last, array.NewSlice(vals, 0, 1)}, memory.DefaultAllocator)
	if err != nil {
		return false, err
	}
	return equalNeighbours(both)[1], nil
}

// count adds rows, and gives those whose values became the most frequent ones.
func (m *modeAcc) count(groups []uint32, same []bool) (better []int32) {
	for i, of := range groups {
		if !same[i] {
			m.value++
		}
		g := &m.groups[of]
		if g.value != m.value {
			g.value, g.run, g.first = m.value, 0, int32(-1-i)
		}
		if g.run++; g.run <= g.most {
			continue
		}
		if g.most = g.run; g.best != m.value {
			g.best, g.row = m.value, g.first
			better = append(better, int32(i))
		}
	}
	return better
}

// lastValue is the row of a batch from which on all have the last value.
func lastValue(same []bool) int {
	at := len(same) - 1
	for at > 0 && same[at] {
		at--
	}
	return at
}

// keep stores the first rows of values that are the most frequent ones after the whole
// batch, or that may become so: of the last value, which begins at row `last`, more rows
// may come. better are rows of the groups whose most frequent value is another one.
func (m *modeAcc) keep(groups []uint32, vals arrow.Array, better []int32, last int) error {
	var rows []int32
	stored := func(row int32) int32 {
		rows = append(rows, -1-row)
		return int32(m.store.rows + len(rows) - 1)
	}
	for _, i := range better {
		g := &m.groups[groups[i]]
		if g.row >= 0 {
			continue
		}
		same := g.first == g.row
		if g.row = stored(g.row); same {
			g.first = g.row
		}
	}
	for _, of := range groups[last:] {
		if g := &m.groups[of]; g.first < 0 {
			g.first = stored(g.first)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	taken, err := vector.Take(vals, rows)
	m.store.append(taken)
	return err
}

// compact removes the values that are no group's any more.
func (m *modeAcc) compact() error {
	all, err := m.store.all()
	if err != nil {
		return err
	}
	var rows []int32
	for i := range m.groups {
		g := &m.groups[i]
		if g.most == 0 {
			continue
		}
		same := g.first == g.row
		rows = append(rows, g.row)
		if g.row = int32(len(rows) - 1); same {
			g.first = g.row
		} else if g.value == m.value {
			rows = append(rows, g.first)
			g.first = int32(len(rows) - 1)
		}
	}
	taken, err := vector.Take(all, rows)
	m.store = rowStore{t: m.store.t}
	m.store.append(taken)
	return err
}

func (m *modeAcc) Result(lo, hi int) (arrow.Array, error) {
	m.groups = grow(m.groups, hi)
	all, err := m.store.all()
	if err != nil {
		return nil, err
	}
	rows := make([]int32, hi-lo)
	for i, g := range m.groups[lo:hi] {
		if rows[i] = g.row; g.most == 0 {
			rows[i] = -1
		}
	}
	return vector.Take(all, rows)
}

func (m *modeAcc) Bytes() int64 {
	return m.store.bytes + int64(cap(m.groups))*int64(unsafe.Sizeof(modeGroup{}))
}
