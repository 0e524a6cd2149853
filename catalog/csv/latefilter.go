package csv

import (
	"cmp"
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/sqltype"
)

// lateFilter leaves out rows that the filter above the scan refuses for certain,
// before the other columns of these are parsed:
//
//  1. The columns of predicates are read by their fast parsers, one after the
//     other, the one that most rows fail first.
//  2. Rows whose value is outside the range that the predicates allow are left
//     out. Those that are NULL, or not for the fast parser, stay.
//  3. The fields of the rows left are parsed, those of predicates too.
//
// It ends where too few rows are left out. Values of rows that are left out are
// not judged; tolerant readers, which count them, have no lateFilter.
type lateFilter struct {
	tests      []rangeTest
	rows       []int32 // scratch: rows left of those found last
	seen, left int64   // rows
	// kept are the numbers, among the rows found since the batch began, of the
	// batch's rows.
	kept  []int32
	found int32 // since the batch began
}

const (
	lateRows  = 1 << 14 // rows after which it is known whether the filter helps
	lateRatio = 0.75    // of the rows, that it may leave at most
)

// rangeTest is the predicates on one column: the values that may pass are those
// of a range.
type rangeTest struct {
	k          int // index among the needed fields
	seen, left int64
	pick       func(buf []byte, fields []span, rows []int32) []int32
}

// newLateFilter is nil where there is nothing to test, or nothing to save.
func (r *reader) newLateFilter() *lateFilter {
	if r.tolerant() || r.spec.Limit > 0 || len(r.need) == 0 {
		return nil
	}
	f := &lateFilter{}
	for k, c := range r.schemaColumns {
		var preds []catalog.Predicate
		for _, p := range r.spec.Pruning {
			if p.Column == c && len(p.Values) == 1 && p.Values[0].Len() == 1 && !p.Values[0].IsNull(0) &&
				arrow.TypeEqual(p.Values[0].DataType(), r.spec.Schema.Field(c).Type) {
				preds = append(preds, p)
			}
		}
		if pick := newPick(r.spec.Schema.Field(c), r.options, preds); pick != nil {
			f.tests = append(f.tests, rangeTest{k: k, pick: pick})
		}
	}
	if len(f.tests) == 0 || len(r.need) == 1 {
		return nil
	}
	return f
}

// newPick makes the test of a column; nil if there is none for its type.
func newPick(f arrow.Field, o *options, preds []catalog.Predicate) func([]byte, []span, []int32) []int32 {
	if len(preds) == 0 || formatted(f, o, 0) != nil {
		return nil
	}
	null := newNulls(o, 0)
	switch t := f.Type.(type) {
	case *arrow.Int16Type, *arrow.Int32Type, *arrow.Int64Type:
		if r, ok := rangeOf(preds, intAt); ok && o.marks.usual() {
			return (&intPick{null, r, 64 - t.(arrow.FixedWidthDataType).BitWidth()}).pick
		}
	case *arrow.Date32Type:
		if r, ok := rangeOf(preds, intAt); ok {
			return (&isoPick{null, r, len(isoDate)}).pick
		}
	case *arrow.TimestampType:
		if r, ok := rangeOf(preds, intAt); ok && t.Unit == arrow.Microsecond && t.TimeZone == "" {
			return (&isoPick{null, r, len(isoTimestamp)}).pick
		}
	case *arrow.Float64Type:
		if r, ok := rangeOf(preds, floatAt); ok && o.marks.usual() {
			return (&floatPick{null, r}).pick
		}
	}
	return nil
}

func intAt(a arrow.Array) int64 {
	switch a := a.(type) {
	case *array.Int16:
		return int64(a.Value(0))
	case *array.Int32:
		return int64(a.Value(0))
	case *array.Date32:
		return int64(a.Value(0))
	case *array.Timestamp:
		return int64(a.Value(0))
	}
	return a.(*array.Int64).Value(0)
}

func floatAt(a arrow.Array) float64 { return a.(*array.Float64).Value(0) }

// allowed is the values that may pass: above low and below high, or equal to
// them. NaN, which is greater than all numbers, is none.
type allowed[T int64 | float64] struct {
	low, high T
	open      [2]bool // low, high: equal ones do not pass
	bounded   [2]bool
}

// rangeOf is the range of the predicates; ok is false if they make none.
func rangeOf[T int64 | float64](preds []catalog.Predicate, at func(arrow.Array) T) (r allowed[T], ok bool) {
	for _, p := range preds {
		v := at(p.Values[0])
		if math.IsNaN(float64(v)) {
			continue
		}
		switch p.Op {
		case "=", "in":
			r.from(v, false)
			r.to(v, false)
		case ">", ">=":
			r.from(v, p.Op == ">")
		case "<", "<=":
			r.to(v, p.Op == "<")
		}
	}
	return r, r.bounded[0] || r.bounded[1]
}

func (r *allowed[T]) from(v T, open bool) {
	if !r.bounded[0] || v > r.low || v == r.low && open {
		r.low, r.open[0], r.bounded[0] = v, open, true
	}
}

func (r *allowed[T]) to(v T, open bool) {
	if !r.bounded[1] || v < r.high || v == r.high && open {
		r.high, r.open[1], r.bounded[1] = v, open, true
	}
}

func (r *allowed[T]) has(v T) bool {
	return (!r.bounded[0] || v > r.low || v == r.low && !r.open[0]) &&
		(!r.bounded[1] || v < r.high || v == r.high && !r.open[1])
}

// The picks differ in the fast parser alone (see fixedColumn).
type (
	intPick struct {
		nulls
		allowed[int64]
		spare int // bits of 64 that the type does not have
	}
	isoPick struct {
		nulls
		allowed[int64]
		length int // of an isoDate or isoTimestamp
	}
	floatPick struct {
		nulls
		allowed[float64]
	}
)

func (c *intPick) pick(buf []byte, fields []span, rows []int32) []int32 {
	out := rows[:0]
	for _, i := range rows {
		b := fields[i].bytes(buf)
		v, ok := sqltype.FastInt64(b)
		ok = ok && v<<c.spare>>c.spare == v
		if !ok || c.has(v) || c.isNull(fields[i], b) {
			out = append(out, i)
		}
	}
	return out
}

func (c *isoPick) pick(buf []byte, fields []span, rows []int32) []int32 {
	out := rows[:0]
	for _, i := range rows {
		s := fields[i]
		b := s.bytes(buf)
		if len(b) == c.length {
			if v, ok := isoAt(buf, int(s.beg&^quotedBit), c.length); ok && !c.has(v) && !c.isNull(s, b) {
				continue
			}
		}
		out = append(out, i)
	}
	return out
}

func (c *floatPick) pick(buf []byte, fields []span, rows []int32) []int32 {
	out := rows[:0]
	for _, i := range rows {
		s := fields[i]
		b := s.bytes(buf)
		v, ok := 0.0, false
		if len(b) > 0 {
			v, ok = fastFloat(buf, int(s.beg&^quotedBit), int(s.end))
		}
		if !ok || c.has(v) || c.isNull(s, b) {
			out = append(out, i)
		}
	}
	return out
}

// begin begins a batch.
func (f *lateFilter) begin() { f.kept, f.found = f.kept[:0], 0 }

// filter leaves out of the n rows found, by spans, those that cannot pass, and
// gives how many there are left.
func (f *lateFilter) filter(buf []byte, spans [][]span, n int) int {
	f.rows = f.rows[:0]
	for i := range n {
		f.rows = append(f.rows, int32(i))
	}
	rows := f.rows
	for t := range f.tests {
		test := &f.tests[t]
		test.seen += int64(len(rows))
		rows = test.pick(buf, spans[test.k][:n], rows)
		test.left += int64(len(rows))
	}
	for _, i := range rows {
		f.kept = append(f.kept, f.found+i)
	}
	f.found += int32(n)
	f.seen += int64(n)
	f.left += int64(len(rows))
	if len(rows) == n {
		return n
	}
	for _, fields := range spans {
		for at, i := range rows {
			fields[at] = fields[i]
		}
	}
	return len(rows)
}

// settle sorts the tests after a batch, and gives f, or nil if it leaves too
// many rows.
func (f *lateFilter) settle() *lateFilter {
	if f.seen < lateRows {
		return f
	}
	if float64(f.left) > lateRatio*float64(f.seen) {
		return nil
	}
	slices.SortStableFunc(f.tests, func(a, b rangeTest) int {
		return cmp.Compare(float64(a.left)*float64(max(b.seen, 1)), float64(b.left)*float64(max(a.seen, 1)))
	})
	return f
}
