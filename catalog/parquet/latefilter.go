package parquet

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/exec/kernel"
	"volley/sqltype"
)

// lateFilter is a column of the scan that predicates are about. Such columns are
// decoded first; where no row of a batch passes, the others are not decoded.
type lateFilter struct {
	at     int // column of the records
	preds  []catalog.Predicate
	values catalog.ValueFilter // instead of preds; nil: none
	again  bool                // one before it is of the same column
	// dict is the last dictionary, passes tells which of its values pass.
	dict   arrow.ArrayData
	passes []uint8 // 1 or 0
}

// lateFilters are the columns that can be looked at first: flat ones of a type
// whose values compare here as in SQL.
func (p *pruner) lateFilters(spec *catalog.ScanSpec, from []source) []lateFilter {
	var out []lateFilter
	others := false
	for i, c := range spec.Projection {
		if i >= len(from) || from[i].column == nil {
			continue
		}
		l := lateFilter{at: i}
		for _, pred := range p.preds {
			if pred.Column == c && !pred.Coarse && pred.column != nil && decidable(pred.typ, pred.Op) &&
				pred.column.leaf.descr.MaxRepetitionLevel() == 0 {
				l.preds = append(l.preds, pred.Predicate)
			}
		}
		if l.preds == nil {
			others = true
			continue
		}
		out = append(out, l)
	}
	if !others && len(out) < 2 {
		return nil
	}
	return out
}

func decidable(t arrow.DataType, op string) bool {
	switch op {
	case "=", "<", "<=", ">", ">=", "<>", "in":
	default:
		return false
	}
	switch t.ID() {
	case arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32, arrow.TIME64, arrow.TIMESTAMP,
		arrow.DECIMAL128, arrow.STRING, arrow.BINARY:
		return true
	}
	return false
}

// readFilters reads the filter columns, one after the other, and gives the rows
// that pass their predicates. Those left out when none does pass over the rows.
func (r *reader) readFilters(ctx context.Context, arrays []arrow.Array, n int64) (passed kernel.Words, err error) {
	passed = kernel.Ones(int(n))
	for k := range r.late {
		l := &r.late[k]
		if !l.again {
			if arrays[l.at], err = r.readColumn(ctx, l.at, n); err != nil {
				return nil, err
			}
		}
		some := false
		if l.values == nil {
			some = l.restrict(passed, arrays[l.at])
		} else {
			some = r.leaveOut(l, passed, arrays[l.at])
		}
		if some {
			continue
		}
		for _, rest := range r.late[k+1:] {
			if rest.again {
				continue
			}
			if err := r.columns[rest.at].skip(ctx, n); err != nil {
				return nil, inColumn(r.f.path, r.out.Field(rest.at).Name, err)
			}
		}
		return nil, nil
	}
	return passed, nil
}

// restrict clears the bits of rows that do not pass all predicates of the
// column, and tells whether any is left.
func (l *lateFilter) restrict(passed kernel.Words, a arrow.Array) bool {
	if l.preds == nil && l.values == nil {
		return passed.Count() > 0
	}
	if d, ok := a.(*array.Dictionary); ok {
		if l.dict != d.Dictionary().Data() {
			l.dict, l.passes = d.Dictionary().Data(), l.mask(d.Dictionary())
		}
		if !slices.Contains(l.passes, 1) {
			return false
		}
		if d.NullN() == 0 {
			passed.And(kernel.TruthOf(kernel.PickBits(d, l.passes)).True)
			return passed.Count() > 0
		}
		for i, r := range kernel.DictRows(d) {
			if r < 0 || l.passes[r] == 0 {
				passed.Clear(i)
			}
		}
	} else if l.values != nil {
		l.values.Keep(a, passed)
	} else {
		for i, p := range l.mask(a) {
			if p == 0 {
				passed.Clear(i)
			}
		}
	}
	if valid := kernel.Valid(a); valid != nil {
		passed.And(valid)
	}
	return passed.Count() > 0
}

// fewRows is which part of a batch's rows may pass for the others to be left
// undecoded.
const fewRows = 4

// readPassed reads the columns that are not read yet at the rows that pass, of
// the next n, and takes these from the others.
func (r *reader) readPassed(ctx context.Context, arrays []arrow.Array, n int64, passed kernel.Words) error {
	rows := passed.Rows()
	for i, a := range arrays {
		var err error
		c := r.columns[i]
		switch {
		case a != nil:
			arrays[i], err = kernel.Take(a, rows)
		case c == nil:
			arrays[i], err = r.constant(i, int64(len(rows)))
		default:
			if err = c.skip(ctx, r.behind); err == nil {
				arrays[i], err = c.readRows(ctx, n, rows)
			}
			if err == nil && !kernel.Encoded(arrays[i].DataType()) {
				arrays[i], err = widen(arrays[i], r.out.Field(i).Type)
			}
		}
		if err != nil {
			return inColumn(r.f.path, r.out.Field(i).Name, err)
		}
	}
	r.behind = 0
	return nil
}

// mask is 1 for the values that pass all predicates, or the filter of values.
func (l *lateFilter) mask(values arrow.Array) []uint8 {
	if l.values != nil {
		return l.wanted(values)
	}
	mask := make([]bool, values.Len())
	for i := range mask {
		mask[i] = true
	}
	for _, p := range l.preds {
		restrict(mask, values, p)
	}
	ones := make([]uint8, len(mask))
	for i, m := range mask {
		if m {
			ones[i] = 1
		}
	}
	return ones
}

// wanted is 1 for the values that the filter keeps.
func (l *lateFilter) wanted(values arrow.Array) []uint8 {
	kept := kernel.Ones(values.Len())
	l.values.Keep(values, kept)
	ones := make([]uint8, values.Len())
	for _, i := range kept.Rows() {
		ones[i] = 1
	}
	return ones
}

// restrict clears the mask where a value does not pass a predicate. Whatever a
// NULL has for a value decides nothing.
func restrict(mask []bool, a arrow.Array, p catalog.Predicate) {
	if p.Op == "in" {
		restrictIn(mask, a, p)
		return
	}
	v := p.Values[0]
	if v.Len() != 1 || v.IsNull(0) {
		return
	}
	if short, ok := a.(*sqltype.ShortDecimalArray); ok {
		restrictShort(mask, short, p.Op, v)
		return
	}
	if v.DataType().ID() != a.DataType().ID() {
		return
	}
	switch a := a.(type) {
	case *array.Int16:
		restrictTo(mask, a.Int16Values(), p.Op, v.(*array.Int16).Value(0))
	case *array.Int32:
		restrictTo(mask, a.Int32Values(), p.Op, v.(*array.Int32).Value(0))
	case *array.Int64:
		restrictTo(mask, a.Int64Values(), p.Op, v.(*array.Int64).Value(0))
	case *array.Date32:
		restrictTo(mask, a.Date32Values(), p.Op, v.(*array.Date32).Value(0))
	case *array.Time64:
		restrictTo(mask, a.Time64Values(), p.Op, v.(*array.Time64).Value(0))
	case *array.Timestamp:
		restrictTo(mask, a.TimestampValues(), p.Op, v.(*array.Timestamp).Value(0))
	case *array.String, *array.Binary:
		offsets, data := kernel.Offsets(a)
		at, bytesOfValue := kernel.Offsets(v)
		wanted := bytesOfValue[at[0]:at[1]]
		for i := range mask {
			mask[i] = mask[i] && passes(bytes.Compare(data[offsets[i]:offsets[i+1]], wanted), p.Op)
		}
	case *array.Decimal128:
		d := v.(*array.Decimal128)
		if !sqltype.Equal(a.DataType(), d.DataType()) {
			return
		}
		for i, x := range a.Values() {
			mask[i] = mask[i] && passes(compareDecimals(x, d.Value(0)), p.Op)
		}
	}
}

func restrictShort(mask []bool, a *sqltype.ShortDecimalArray, op string, v arrow.Array) {
	if !sqltype.Equal(a.DataType().(*sqltype.ShortDecimalType).Of, v.DataType()) {
		return
	}
	if digits := kernel.DigitsOf(v); digits != nil {
		restrictTo(mask, a.Values(), op, digits[0])
	}
}

func restrictTo[T cmp.Ordered](mask []bool, values []T, op string, v T) {
	switch op {
	case "=":
		for i, x := range values {
			mask[i] = mask[i] && x == v
		}
	case "<>":
		for i, x := range values {
			mask[i] = mask[i] && x != v
		}
	case "<":
		for i, x := range values {
			mask[i] = mask[i] && x < v
		}
	case "<=":
		for i, x := range values {
			mask[i] = mask[i] && x <= v
		}
	case ">":
		for i, x := range values {
			mask[i] = mask[i] && x > v
		}
	case ">=":
		for i, x := range values {
			mask[i] = mask[i] && x >= v
		}
	}
}

func passes(order int, op string) bool {
	switch op {
	case "=":
		return order == 0
	case "<>":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// restrictIn clears the mask where a value is none of the predicate's. Long lists
// are left to the filter.
func restrictIn(mask []bool, a arrow.Array, p catalog.Predicate) {
	const fewValues = 16
	total := 0
	for _, v := range p.Values {
		total += v.Len()
	}
	if total > fewValues {
		return
	}
	found := make([]bool, len(mask))
	one := make([]bool, len(mask))
	for _, v := range p.Values {
		for i := range v.Len() {
			if v.IsNull(i) {
				continue
			}
			copy(one, mask)
			restrict(one, a, catalog.Predicate{Op: "=", Values: []arrow.Array{array.NewSlice(v, int64(i), int64(i)+1)}})
			for k, m := range one {
				found[k] = found[k] || m
			}
		}
	}
	copy(mask, found)
}
