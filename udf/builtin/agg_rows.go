package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

// rowStore holds rows of any type in the order they came, as few arrays.
type rowStore struct {
	t      arrow.DataType
	chunks []arrow.Array
	rows   int
	bytes  int64
}

func (s *rowStore) append(a arrow.Array) {
	if a.Len() == 0 {
		return
	}
	s.chunks = append(s.chunks, a)
	s.rows += a.Len()
	s.bytes += arrayBytes(a.Data())
}

// all is one array of every row.
func (s *rowStore) all() (arrow.Array, error) {
	switch len(s.chunks) {
	case 0:
		return vector.Nulls(s.t, 0), nil
	case 1:
		return s.chunks[0], nil
	}
	a, err := array.Concatenate(s.chunks, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	s.chunks = []arrow.Array{a}
	return a, nil
}

func registerRowAggregates(b *registrar) {
	list := func(args []arrow.DataType) (arrow.DataType, error) { return arrow.ListOf(args[0]), nil }
	b.aggregate(udf.Aggregate{
		Name: "array_agg", Params: types(tAny), ReturnFor: list, NullCall: true, Ordered: true,
		State: func(args []arrow.DataType) []arrow.DataType { return types(arrow.ListOf(args[0])) },
		New: func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
			return &arrayAggAcc{store: rowStore{t: args[0]}}, nil
		},
	})
	for _, f := range []struct {
		name        string
		last, nulls bool
	}{{"any_value", false, false}, {"first", false, true}, {"last", true, true}} {
		b.aggregate(udf.Aggregate{
			Name: f.name, Params: types(tAny), NullCall: f.nulls, Ordered: f.nulls,
			ReturnFor: func(args []arrow.DataType) (arrow.DataType, error) { return args[0], nil },
			State:     func(args []arrow.DataType) []arrow.DataType { return types(args[0], tBool) },
			New: func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
				return &pickAcc{store: rowStore{t: args[0]}, last: f.last, nulls: f.nulls}, nil
			},
		})
	}
}

// arrayAggAcc is array_agg: all rows, and the group of each.
type arrayAggAcc struct {
	store  rowStore
	groups []uint32
	shapes []shape // of the arrays in each group, if they are arrays
	// order is the rows by group, of which group g has those from starts[g] to
	// starts[g+1]−1; it is made when results are asked for, once for all groups.
	order, starts []int32
}

// checkShapes refuses arrays that make no rectangle.
func (a *arrayAggAcc) checkShapes(groups []uint32, vals arrow.Array) error {
	for i, g := range groups {
		a.shapes = grow(a.shapes, int(g)+1)
		var s shape
		if vals.IsNull(i) {
			return sqlerr.New(sqlerr.NullNotAllowed, "cannot accumulate null arrays")
		}
		if s = shapeOf(vals, i); s.n == 0 {
			return sqlerr.New(sqlerr.ArraySubscript, "cannot accumulate empty arrays")
		}
		if a.shapes[g].n > 0 && a.shapes[g] != s {
			return sqlerr.New(sqlerr.ArraySubscript, "cannot accumulate arrays of different dimensionality")
		}
		a.shapes[g] = s
	}
	return nil
}

func (a *arrayAggAcc) Update(groups []uint32, _ int, args []udf.Arg) error {
	vals, err := expand(args[0], len(groups))
	if err != nil {
		return err
	}
	if vals.DataType().ID() == arrow.LIST {
		if err := a.checkShapes(groups, vals); err != nil {
			return err
		}
	}
	a.store.append(vals)
	a.groups = append(a.groups, groups...)
	return nil
}

func (a *arrayAggAcc) Merge(groups []uint32, _ int, states []arrow.Array) error {
	lists := states[0].(*array.List)
	from, to := int64(0), int64(0) // values not yet appended: those of neighbours together
	for i, g := range groups {
		if lists.IsNull(i) {
			continue
		}
		lo, hi := lists.ValueOffsets(i)
		if lo != to {
			a.store.append(array.NewSlice(lists.ListValues(), from, to))
			from = lo
		}
		to = hi
		for range hi - lo {
			a.groups = append(a.groups, g)
		}
	}
	a.store.append(array.NewSlice(lists.ListValues(), from, to))
	return nil
}

func (a *arrayAggAcc) State(lo, hi int) ([]arrow.Array, error) { return one(a.Result(lo, hi)) }

// Result gives lists of consecutive rows of the order by group.
func (a *arrayAggAcc) Result(lo, hi int) (arrow.Array, error) {
	all, err := a.store.all()
	if err != nil {
		return nil, err
	}
	if len(a.order) != len(a.groups) || len(a.starts) <= hi {
		a.sort(hi)
	}
	var v vector.Validity
	offsets := make([]int32, hi-lo+1)
	first := a.starts[lo]
	for i := range hi - lo {
		if offsets[i+1] = a.starts[lo+i+1] - first; offsets[i+1] == offsets[i] {
			v.SetNull(i, hi-lo)
		}
	}
	vals, err := vector.Take(all, a.order[first:a.starts[hi]])
	if err != nil {
		return nil, err
	}
	return vector.FromList(arrow.ListOf(a.store.t), offsets, vals, v), nil
}

// sort orders the rows by group, stably, by counting; there are n groups or more.
func (a *arrayAggAcc) sort(n int) {
	for _, g := range a.groups {
		n = max(n, int(g)+1)
	}
	a.starts = make([]int32, n+1)
	for _, g := range a.groups {
		a.starts[g+1]++
	}
	for g := range n {
		a.starts[g+1] += a.starts[g]
	}
	next := clone(a.starts[:n])
	a.order = make([]int32, len(a.groups))
	for row, g := range a.groups {
		a.order[next[g]] = int32(row)
		next[g]++
	}
}

// Bytes is with what results will take: all values in one array, and their order.
func (a *arrayAggAcc) Bytes() int64 {
	return a.store.bytes*int64(min(len(a.store.chunks), 2)) + int64(cap(a.groups)+3*len(a.groups))*4
}

// pickAcc is first, last and any_value: one row of each group.
type pickAcc struct {
	store       rowStore
	last, nulls bool
	picked      []int32 // row of the store + 1; 0: none yet
}

func (p *pickAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	vals, err := expand(args[0], len(groups))
	if err != nil {
		return err
	}
	return p.pick(groups, n, vals, func(i int) bool { return p.nulls || vals.IsValid(i) })
}

func (p *pickAcc) pick(groups []uint32, n int, vals arrow.Array, candidate func(i int) bool) error {
	p.picked = grow(p.picked, n)
	var rows []int32
	base := int32(p.store.rows)
	for i, g := range groups {
		if (p.last || p.picked[g] == 0) && candidate(i) {
			if at := p.picked[g] - 1 - base; p.picked[g] > 0 && at >= 0 {
				rows[at] = int32(i)
				continue
			}
			rows = append(rows, int32(i))
			p.picked[g] = base + int32(len(rows))
		}
	}
	taken, err := vector.Take(vals, rows)
	if err != nil {
		return err
	}
	p.store.append(taken)
	if p.store.rows > 4*n+1024 {
		return p.compact()
	}
	return nil
}

// compact drops rows that later ones have replaced.
func (p *pickAcc) compact() error {
	rows, _ := p.rows(0, len(p.picked))
	all, err := p.store.all()
	if err != nil {
		return err
	}
	if all, err = vector.Take(all, rows); err != nil {
		return err
	}
	p.store = rowStore{t: p.store.t}
	p.store.append(all)
	for g := range p.picked {
		if p.picked[g] > 0 {
			p.picked[g] = int32(g) + 1
		}
	}
	return nil
}

func (p *pickAcc) rows(lo, hi int) (rows []int32, found []bool) {
	p.picked = grow(p.picked, hi)
	rows, found = make([]int32, hi-lo), make([]bool, hi-lo)
	for i := range rows {
		rows[i] = p.picked[lo+i] - 1
		found[i] = rows[i] >= 0
	}
	return rows, found
}

func (p *pickAcc) Merge(groups []uint32, n int, states []arrow.Array) error {
	found := vector.Bools(states[1])
	return p.pick(groups, n, states[0], func(i int) bool { return found[i] })
}

func (p *pickAcc) State(lo, hi int) ([]arrow.Array, error) {
	vals, err := p.Result(lo, hi)
	if err != nil {
		return nil, err
	}
	_, found := p.rows(lo, hi)
	return []arrow.Array{vals, vector.FromBools(found, vector.Validity{})}, nil
}

func (p *pickAcc) Result(lo, hi int) (arrow.Array, error) {
	rows, _ := p.rows(lo, hi)
	all, err := p.store.all()
	if err != nil {
		return nil, err
	}
	return vector.Take(all, rows)
}

func (p *pickAcc) Bytes() int64 { return p.store.bytes + int64(cap(p.picked))*4 }
