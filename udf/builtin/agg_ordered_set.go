package builtin

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// registerOrderedSets adds the aggregates of WITHIN GROUP. The hypothetical ones
// are rewritten by the planner; of them only dense_rank is computed, as a count
// of distinct keys.
func registerOrderedSets(b *registrar) {
	for dims := range maxDimensions + 1 {
		fractions := sqltype.ArrayOf(tFloat8, dims)
		for _, t := range types(tFloat8, tInterval) {
			b.orderedSet("percentile_cont", types(fractions, t), arrayOfLastArg(dims), interpolated(t), dims)
		}
		b.orderedSet("percentile_disc", types(fractions, udf.AnyElement), arrayOfLastArg(dims), discrete, dims)
	}
	b.orderedSet("mode", types(udf.AnyElement), arrayOfLastArg(0), mostFrequent, 0)
	for _, name := range []string{"rank", "dense_rank"} {
		b.aggregate(udf.Aggregate{
			Name: name, Params: types(tAny), Variadic: true, Returns: tInt8, State: states(tInt8),
			NullCall: true, OrderedSet: true, New: newAcc[rowCountAcc](),
		})
	}
	for _, name := range []string{"percent_rank", "cume_dist"} {
		b.aggregate(udf.Aggregate{
			Name: name, Params: types(tAny), Variadic: true, Returns: tFloat8, State: states(tInt8),
			NullCall: true, OrderedSet: true, New: newAcc[rowCountAcc](),
		})
	}
}

// arrayOfLastArg is the type of an array of so many dimensions; of 0 it is the
// element itself.
func arrayOfLastArg(dims int) returnFunc {
	return func(args []arrow.DataType) (arrow.DataType, error) {
		return sqltype.ArrayOf(args[len(args)-1], dims), nil
	}
}

// rowCountAcc counts rows, whatever their arguments.
type rowCountAcc struct{ countAcc }

func (c *rowCountAcc) Update(groups []uint32, n int, _ []udf.Arg) error {
	return c.countAcc.Update(groups, n, nil)
}

// pick computes one result from rows lo to hi−1, which are sorted and not NULL,
// by a fraction. It gives the row or, with between > 0, a value that far on the
// way to the next row.
type pick func(s *orderedSetAcc, lo, hi int32, fraction float64) (row int32, between float64, err error)

// combine makes an array of what was picked from values.
type combine func(values arrow.Array, rows []int32, between []float64) (arrow.Array, error)

// method is how results are made.
type method struct {
	pick    pick
	combine combine
}

func (b *registrar) orderedSet(name string, params []arrow.DataType, returns returnFunc, m method, dims int) {
	b.aggregate(udf.Aggregate{
		Name: name, Params: params, ReturnFor: returns, OrderedSet: true, NoPartial: true, Ordered: true,
		New: func(_ *udf.Context, args []arrow.DataType) (udf.Accumulator, error) {
			return &orderedSetAcc{method: m, dims: dims, fractions: len(args) > 1, store: rowStore{t: args[len(args)-1]}}, nil
		},
	})
}

// orderedSetAcc keeps the values of each group, which come in order, and the
// fraction or fractions of its last row.
type orderedSetAcc struct {
	method    method
	dims      int  // of the array of fractions; 0: there is one
	fractions bool // there is one: not for mode
	store     rowStore
	groups    []uint32
	direct    rowStore
	directOf  []int32 // by group: row of direct + 1
	same      []bool  // for mode: the row's value is that of the row before
}

func (s *orderedSetAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	s.directOf = grow(s.directOf, n)
	if s.fractions {
		if err := s.note(groups, args[0]); err != nil {
			return err
		}
	}
	vals, err := expand(args[len(args)-1], len(groups))
	if err != nil {
		return err
	}
	if vals.NullN() > 0 {
		rows := make([]int32, 0, len(groups))
		for i := range groups {
			if vals.IsValid(i) {
				rows = append(rows, int32(i))
			}
		}
		if vals, err = vector.Take(vals, rows); err != nil {
			return err
		}
		kept := make([]uint32, len(rows))
		for i, r := range rows {
			kept[i] = groups[r]
		}
		groups = kept
	}
	s.store.append(vals)
	s.groups = append(s.groups, groups...)
	return nil
}

// note keeps the fraction of each group that has none yet.
func (s *orderedSetAcc) note(groups []uint32, a udf.Arg) error {
	if a.Const {
		if s.direct.rows == 0 {
			s.direct.append(a.Array)
		}
		for _, g := range groups {
			s.directOf[g] = 1
		}
		return nil
	}
	var rows []int32
	for i, g := range groups {
		if s.directOf[g] == 0 {
			rows = append(rows, int32(i))
			s.directOf[g] = int32(s.direct.rows + len(rows))
		}
	}
	taken, err := vector.Take(a.Array, rows)
	s.direct.t = a.Array.DataType()
	s.direct.append(taken)
	return err
}

func (s *orderedSetAcc) Merge([]uint32, int, []arrow.Array) error { return errNoPartial() }

func (s *orderedSetAcc) State(int, int) ([]arrow.Array, error) { return nil, errNoPartial() }

func errNoPartial() error {
	return sqlerr.New(sqlerr.InternalError, "an ordered-set aggregate has no partial state")
}

func (s *orderedSetAcc) Bytes() int64 {
	return s.store.bytes + s.direct.bytes + int64(cap(s.groups))*4 + int64(cap(s.directOf))*4
}

// byGroup sorts the rows of groups lo to hi−1 by group, stably; group lo+i has
// rows ends[i] to ends[i+1]−1.
func (s *orderedSetAcc) byGroup(lo, hi int) (rows, ends []int32) {
	ends = make([]int32, hi-lo+1)
	in := func(g uint32) bool { return int(g) >= lo && int(g) < hi }
	for _, g := range s.groups {
		if in(g) {
			ends[int(g)-lo+1]++
		}
	}
	for i := range hi - lo {
		ends[i+1] += ends[i]
	}
	next := clone(ends[:hi-lo])
	rows = make([]int32, ends[hi-lo])
	for r, g := range s.groups {
		if in(g) {
			rows[next[int(g)-lo]] = int32(r)
			next[int(g)-lo]++
		}
	}
	return rows, ends
}

// Result picks a value, or one for each fraction, of each group.
func (s *orderedSetAcc) Result(lo, hi int) (arrow.Array, error) {
	s.directOf = grow(s.directOf, hi)
	rows, ends := s.byGroup(lo, hi)
	all, err := s.store.all()
	if err == nil {
		all, err = vector.Take(all, rows)
	}
	if err != nil {
		return nil, err
	}
	sorted := *s
	sorted.store = rowStore{t: s.store.t}
	sorted.store.append(all)
	var direct arrow.Array
	if s.direct.rows > 0 {
		if direct, err = s.direct.all(); err != nil {
			return nil, err
		}
	}
	p := picker{acc: &sorted, offsets: make([][]int32, s.dims), n: hi - lo}
	for k := range p.offsets {
		p.offsets[k] = make([]int32, 1, hi-lo+1)
	}
	for i := range hi - lo {
		if err := p.group(direct, s.directOf[lo+i]-1, ends[i], ends[i+1]); err != nil {
			return nil, err
		}
	}
	values, err := s.method.combine(all, p.rows, p.between)
	if err != nil {
		return nil, err
	}
	for k := s.dims - 1; k >= 0; k-- {
		valid := vector.Validity{}
		if k == 0 {
			valid = p.valid
		}
		values = vector.FromList(arrow.ListOf(values.DataType()), p.offsets[k], values, valid)
	}
	return values, nil
}

// picker collects what is picked from each group.
type picker struct {
	acc     *orderedSetAcc
	rows    []int32 // −1: NULL
	between []float64
	offsets [][]int32 // of lists, the outermost first
	valid   vector.Validity
	n       int // groups
}

// group picks from rows lo to hi−1 by the fractions in row d of direct.
func (p *picker) group(direct arrow.Array, d, lo, hi int32) error {
	none := lo == hi || p.acc.fractions && (d < 0 || direct.IsNull(int(d)))
	switch {
	case none && p.acc.dims > 0:
		p.valid.SetNull(len(p.offsets[0])-1, p.n)
		p.ended(0)
	case none:
		p.rows, p.between = append(p.rows, -1), append(p.between, 0)
	case p.acc.dims > 0:
		return p.list(direct.(*array.List), int(d), 0, lo, hi)
	case p.acc.fractions:
		return p.one(direct, int(d), lo, hi)
	default:
		row, _, err := p.acc.method.pick(p.acc, lo, hi, 0)
		p.rows, p.between = append(p.rows, row), append(p.between, 0)
		return err
	}
	return nil
}

// list picks by each fraction of row d of l, an array k dimensions deep in the
// argument.
func (p *picker) list(l *array.List, d, k int, lo, hi int32) error {
	from, to := l.ValueOffsets(d)
	inner, nested := l.ListValues().(*array.List)
	for i := from; i < to; i++ {
		var err error
		if nested {
			err = p.list(inner, int(i), k+1, lo, hi)
		} else {
			err = p.one(l.ListValues(), int(i), lo, hi)
		}
		if err != nil {
			return err
		}
	}
	p.ended(k)
	return nil
}

// ended notes the end of a list k dimensions deep.
func (p *picker) ended(k int) {
	end := len(p.rows)
	if k+1 < len(p.offsets) {
		end = len(p.offsets[k+1]) - 1
	}
	p.offsets[k] = append(p.offsets[k], int32(end))
}

func (p *picker) one(fractions arrow.Array, i int, lo, hi int32) error {
	row, between := int32(-1), 0.0
	if fractions.IsValid(i) {
		f := vector.Fixed[float64](fractions)[i]
		if !(f >= 0 && f <= 1) {
			return sqlerr.New(sqlerr.NumericOutOfRange, "percentile value %g is not between 0 and 1", f)
		}
		var err error
		if row, between, err = p.acc.method.pick(p.acc, lo, hi, f); err != nil {
			return err
		}
	}
	p.rows, p.between = append(p.rows, row), append(p.between, between)
	return nil
}

// discrete is percentile_disc: the first row whose position is at least the
// fraction.
var discrete = method{
	pick: func(_ *orderedSetAcc, lo, hi int32, fraction float64) (int32, float64, error) {
		at := int32(math.Ceil(fraction * float64(hi-lo)))
		return lo + max(at, 1) - 1, 0, nil
	},
	combine: func(values arrow.Array, rows []int32, _ []float64) (arrow.Array, error) {
		return vector.Take(values, rows)
	},
}

// mostFrequent is mode: the first of the values that come most often.
var mostFrequent = method{
	pick: func(s *orderedSetAcc, lo, hi int32, _ float64) (int32, float64, error) {
		if s.same == nil {
			values, err := s.store.all()
			if err != nil {
				return 0, 0, err
			}
			s.same = equalNeighbours(values)
		}
		best, most := lo, int32(0)
		for from := lo; from < hi; {
			to := from + 1
			for to < hi && s.same[to] {
				to++
			}
			if to-from > most {
				best, most = from, to-from
			}
			from = to
		}
		return best, 0, nil
	},
	combine: discrete.combine,
}

// interpolated is percentile_cont over values of type t.
func interpolated(t arrow.DataType) method {
	m := method{pick: func(_ *orderedSetAcc, lo, hi int32, fraction float64) (int32, float64, error) {
		at := fraction * float64(hi-lo-1)
		whole := math.Floor(at)
		return lo + int32(whole), at - whole, nil
	}}
	m.combine = combineFloats
	if t.ID() == arrow.INTERVAL_MONTH_DAY_NANO {
		m.combine = combineIntervals
	}
	return m
}

func combineFloats(values arrow.Array, rows []int32, between []float64) (arrow.Array, error) {
	vals, out := vector.Fixed[float64](values), make([]float64, len(rows))
	var v vector.Validity
	for i, r := range rows {
		if r < 0 {
			v.SetNull(i, len(rows))
			continue
		}
		if out[i] = vals[r]; between[i] > 0 {
			out[i] += between[i] * (vals[r+1] - vals[r])
		}
	}
	return vector.FromFixed(tFloat8, out, v), nil
}

func combineIntervals(values arrow.Array, rows []int32, between []float64) (arrow.Array, error) {
	vals, out := vector.Fixed[interval](values), make([]interval, len(rows))
	var v vector.Validity
	for i, r := range rows {
		if r < 0 {
			v.SetNull(i, len(rows))
			continue
		}
		out[i] = vals[r]
		if between[i] == 0 {
			continue
		}
		d, err := subIntervals(vals[r+1], vals[r])
		if err == nil {
			d, err = mulInterval(d, between[i])
		}
		if err == nil {
			out[i], err = addIntervals(d, vals[r])
		}
		if err != nil {
			return nil, err
		}
	}
	return vector.FromFixed(tInterval, out, v), nil
}
