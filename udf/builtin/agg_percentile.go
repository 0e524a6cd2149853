package builtin

import (
	"cmp"
	"math"
	"slices"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

// percentile says how a fraction of a group's values becomes a result.
type percentile struct {
	// place gives the row, of n that are sorted, and how far on the way to the next one
	// the result is; less than 1.
	place   func(n int64, fraction float64) (row int64, between float64)
	combine func(values arrow.Array, picked []pickedRow) (arrow.Array, error)
}

// pickedRow is a row of an array, −1 for NULL, or a place between two rows.
type pickedRow struct {
	row, next int32
	between   float64 // 0: next counts for nothing
}

func (b *registrar) percentile(name string, params []arrow.DataType, of percentile, dims int) {
	b.orderedSet(name, params, dims, func(value arrow.DataType) udf.Accumulator {
		return &percentileAcc{of: of, dims: dims, store: rowStore{t: value}}
	})
}

// percentileAcc keeps, of the rows of each group, which come in order, those at the
// places that the group's fraction or fractions ask for. These follow from how many
// rows there will be (udf.Presized).
type percentileAcc struct {
	onePhase
	of     percentile
	dims   int     // of the array of fractions; 0: there is one
	sizes  []int64 // by group: rows that will come
	groups []percentileGroup
	places []percentilePlace
	direct rowStore // fractions
	store  rowStore // the rows at places
}

// percentileGroup is what has come of a group.
type percentileGroup struct {
	rows   int64
	want   int64 // the next row to keep; −1: none
	lo, hi int32 // its places
	next   int32 // the place of want
	direct int32 // row of direct + 1; 0: no row has come
}

// percentilePlace is a row of a group that is kept.
type percentilePlace struct {
	at  int64 // the row's number in the group
	row int32 // of the store
}

// Expect is udf.Presized.
func (p *percentileAcc) Expect(rows []int64) { p.sizes = rows }

func (p *percentileAcc) Update(groups []uint32, n int, args []udf.Arg) error {
	p.groups = grow(p.groups, n)
	if err := p.note(groups, args[0]); err != nil {
		return err
	}
	groups, vals, err := valuesInOrder(groups, args[1])
	if err != nil {
		return err
	}
	var taken []int32
	for i, of := range groups {
		g := &p.groups[of]
		if g.rows == g.want {
			p.places[g.next].row = int32(p.store.rows + len(taken))
			taken = append(taken, int32(i))
			if g.next, g.want = g.next+1, -1; g.next < g.hi {
				g.want = p.places[g.next].at
			}
		}
		g.rows++
	}
	if len(taken) == 0 {
		return nil
	}
	vals, err = vector.Take(vals, taken)
	p.store.append(vals)
	return err
}

// Ranks is udf.Ranked: all groups have one fraction, or array of these. As in PostgreSQL,
// a single one is checked even where there are no values.
func (p *percentileAcc) Ranks(n int, fractions arrow.Array) ([]int64, []int32, error) {
	p.groups = grow(p.groups, n)
	p.direct.append(fractions)
	ends := make([]int32, n)
	for i := range p.groups {
		g := &p.groups[i]
		g.rows, g.direct = p.sizes[i], 1
		if g.rows > 0 || p.dims == 0 {
			if err := p.choose(g, g.rows, fractions, 0); err != nil {
				return nil, nil, err
			}
		}
		ends[i] = int32(len(p.places))
	}
	ranks := make([]int64, len(p.places))
	for i := range p.places {
		ranks[i], p.places[i].row = p.places[i].at, int32(i)
	}
	return ranks, ends, nil
}

// Keep is udf.Ranked.
func (p *percentileAcc) Keep(values arrow.Array) { p.store.append(values) }

// note keeps the fractions of each group that has none yet, and finds its places.
func (p *percentileAcc) note(groups []uint32, a udf.Arg) error {
	if a.Const {
		if p.direct.rows == 0 {
			p.direct.append(a.Array)
		}
		for _, of := range groups {
			if g := &p.groups[of]; g.direct == 0 {
				g.direct = 1
				if err := p.choose(g, p.sizes[of], a.Array, 0); err != nil {
					return err
				}
			}
		}
		return nil
	}
	var rows []int32
	for i, of := range groups {
		if g := &p.groups[of]; g.direct == 0 {
			rows = append(rows, int32(i))
			g.direct = int32(p.direct.rows + len(rows))
			if err := p.choose(g, p.sizes[of], a.Array, i); err != nil {
				return err
			}
		}
	}
	taken, err := vector.Take(a.Array, rows)
	p.direct.t = a.Array.DataType()
	p.direct.append(taken)
	return err
}

// choose finds the places of g, which will have n rows, by row d of fractions.
func (p *percentileAcc) choose(g *percentileGroup, n int64, fractions arrow.Array, d int) error {
	g.want = -1
	if fractions.IsNull(d) {
		return nil
	}
	lo, hi := d, d+1
	for range p.dims {
		if lo == hi {
			return nil
		}
		l := fractions.(*array.List)
		first, _ := l.ValueOffsets(lo)
		_, last := l.ValueOffsets(hi - 1)
		lo, hi, fractions = int(first), int(last), l.ListValues()
	}
	all := vector.Fixed[float64](fractions)
	g.lo = int32(len(p.places))
	for i := lo; i < hi; i++ {
		if fractions.IsNull(i) {
			continue
		}
		f := all[i]
		if !(f >= 0 && f <= 1) {
			return sqlerr.New(sqlerr.NumericOutOfRange, "percentile value %g is not between 0 and 1", f)
		}
		if n == 0 {
			continue
		}
		at, between := p.of.place(n, f)
		p.places = append(p.places, percentilePlace{at: at})
		if between > 0 {
			p.places = append(p.places, percentilePlace{at: at + 1})
		}
	}
	of := p.places[g.lo:]
	slices.SortFunc(of, func(a, b percentilePlace) int { return cmp.Compare(a.at, b.at) })
	of = slices.CompactFunc(of, func(a, b percentilePlace) bool { return a.at == b.at })
	p.places = p.places[:int(g.lo)+len(of)]
	if g.next, g.hi = g.lo, int32(len(p.places)); g.next < g.hi {
		g.want = of[0].at
	}
	return nil
}

// kept is the row of the store with the row of g that has a number.
func (p *percentileAcc) kept(g *percentileGroup, at int64) int32 {
	of := p.places[g.lo:g.hi]
	i, _ := slices.BinarySearchFunc(of, at, func(k percentilePlace, at int64) int { return cmp.Compare(k.at, at) })
	return of[i].row
}

// Result gives a value, or one for each fraction, of each group.
func (p *percentileAcc) Result(lo, hi int) (arrow.Array, error) {
	p.groups = grow(p.groups, hi)
	values, err := p.store.all()
	if err != nil {
		return nil, err
	}
	direct, err := p.direct.all()
	if err != nil {
		return nil, err
	}
	r := percentileResult{acc: p, offsets: make([][]int32, p.dims), n: hi - lo}
	for k := range r.offsets {
		r.offsets[k] = make([]int32, 1, hi-lo+1)
	}
	for i := range hi - lo {
		r.group(&p.groups[lo+i], direct)
	}
	if values, err = p.of.combine(values, r.picked); err != nil {
		return nil, err
	}
	for k := p.dims - 1; k >= 0; k-- {
		valid := vector.Validity{}
		if k == 0 {
			valid = r.valid
		}
		values = vector.FromList(arrow.ListOf(values.DataType()), r.offsets[k], values, valid)
	}
	return values, nil
}

func (p *percentileAcc) Bytes() int64 {
	return p.store.bytes + p.direct.bytes + int64(cap(p.groups))*int64(unsafe.Sizeof(percentileGroup{})) +
		int64(cap(p.places))*int64(unsafe.Sizeof(percentilePlace{}))
}

// percentileResult collects what is picked from each group.
type percentileResult struct {
	acc     *percentileAcc
	picked  []pickedRow
	offsets [][]int32 // of lists, the outermost first
	valid   vector.Validity
	n       int // groups
}

// group picks by the fractions of g.
func (r *percentileResult) group(g *percentileGroup, direct arrow.Array) {
	d := int(g.direct) - 1
	none := g.rows == 0 || direct.IsNull(d)
	switch {
	case none && r.acc.dims > 0:
		r.valid.SetNull(len(r.offsets[0])-1, r.n)
		r.ended(0)
	case none:
		r.picked = append(r.picked, pickedRow{row: -1})
	case r.acc.dims > 0:
		r.list(direct.(*array.List), d, 0, g)
	default:
		r.one(direct, d, g)
	}
}

// list picks by each fraction of row d of l, an array k dimensions deep in the
// argument.
func (r *percentileResult) list(l *array.List, d, k int, g *percentileGroup) {
	from, to := l.ValueOffsets(d)
	inner, nested := l.ListValues().(*array.List)
	for i := from; i < to; i++ {
		if nested {
			r.list(inner, int(i), k+1, g)
		} else {
			r.one(l.ListValues(), int(i), g)
		}
	}
	r.ended(k)
}

// ended notes the end of a list k dimensions deep.
func (r *percentileResult) ended(k int) {
	end := len(r.picked)
	if k+1 < len(r.offsets) {
		end = len(r.offsets[k+1]) - 1
	}
	r.offsets[k] = append(r.offsets[k], int32(end))
}

// one picks by fraction i.
func (r *percentileResult) one(fractions arrow.Array, i int, g *percentileGroup) {
	if fractions.IsNull(i) {
		r.picked = append(r.picked, pickedRow{row: -1})
		return
	}
	at, between := r.acc.of.place(g.rows, vector.Fixed[float64](fractions)[i])
	picked := pickedRow{row: r.acc.kept(g, at), between: between}
	if between > 0 {
		picked.next = r.acc.kept(g, at+1)
	}
	r.picked = append(r.picked, picked)
}

// discrete is percentile_disc: the first row whose position is at least the
// fraction.
var discrete = percentile{
	place: func(n int64, fraction float64) (int64, float64) {
		return max(int64(math.Ceil(fraction*float64(n))), 1) - 1, 0
	},
	combine: func(values arrow.Array, picked []pickedRow) (arrow.Array, error) {
		rows := make([]int32, len(picked))
		for i, p := range picked {
			rows[i] = p.row
		}
		return vector.Take(values, rows)
	},
}

// interpolated is percentile_cont over values of type t.
func interpolated(t arrow.DataType) percentile {
	p := percentile{combine: combineFloats, place: func(n int64, fraction float64) (int64, float64) {
		at := fraction * float64(n-1)
		whole := math.Floor(at)
		return int64(whole), at - whole
	}}
	if t.ID() == arrow.INTERVAL_MONTH_DAY_NANO {
		p.combine = combineIntervals
	}
	return p
}

func combineFloats(values arrow.Array, picked []pickedRow) (arrow.Array, error) {
	vals, out := vector.Fixed[float64](values), make([]float64, len(picked))
	var v vector.Validity
	for i, p := range picked {
		if p.row < 0 {
			v.SetNull(i, len(picked))
			continue
		}
		if out[i] = vals[p.row]; p.between > 0 {
			out[i] += p.between * (vals[p.next] - vals[p.row])
		}
	}
	return vector.FromFixed(tFloat8, out, v), nil
}

func combineIntervals(values arrow.Array, picked []pickedRow) (arrow.Array, error) {
	vals, out := vector.Fixed[interval](values), make([]interval, len(picked))
	var v vector.Validity
	for i, p := range picked {
		if p.row < 0 {
			v.SetNull(i, len(picked))
			continue
		}
		out[i] = vals[p.row]
		if p.between == 0 {
			continue
		}
		d, err := subIntervals(vals[p.next], vals[p.row])
		if err == nil {
			d, err = mulInterval(d, p.between)
		}
		if err == nil {
			out[i], err = addIntervals(d, vals[p.row])
		}
		if err != nil {
			return nil, err
		}
	}
	return vector.FromFixed(tInterval, out, v), nil
}
