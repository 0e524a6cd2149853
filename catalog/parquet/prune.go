package parquet

import (
	"bytes"
	"cmp"
	"math"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/catalog"
	"volley/sqltype"
)

// pruner decides which row groups of one file may hold rows that match all of
// a scan's predicates.
type pruner struct {
	f     *footer
	preds []boundPredicate
}

// boundPredicate is a predicate and where its column's values come from.
type boundPredicate struct {
	catalog.Predicate
	typ    arrow.DataType
	column *column     // nil: not in the file
	value  arrow.Array // of a partition or filename column: its one value
}

// newPruner binds the predicates of spec to the columns of a file.
func newPruner(f *footer, spec *catalog.ScanSpec) (*pruner, error) {
	p := &pruner{f: f}
	if len(spec.Pruning) == 0 {
		return p, nil
	}
	opts, err := parseOptions(spec.Options)
	if err != nil {
		return nil, err
	}
	src := newSources(f, spec, opts)
	for _, pred := range spec.Pruning {
		if pred.Column < 0 || pred.Column >= spec.Schema.NumFields() {
			continue
		}
		field := spec.Schema.Field(pred.Column)
		if sqltype.IsString(field.Type) && sqltype.CharLength(field) > 0 {
			continue // the file's values may have blanks at their ends, which rows have not
		}
		s, err := src.of(field)
		if err != nil {
			return nil, err
		}
		if s.column != nil && s.column.kind != leafColumn {
			continue
		}
		p.preds = append(p.preds, boundPredicate{pred, field.Type, s.column, s.value})
	}
	return p, nil
}

// mayMatch tells whether rows of a row group can match.
func (p *pruner) mayMatch(group int) bool {
	for _, pred := range p.preds {
		var b bounds
		switch rows := p.f.groups[group].rows; {
		case pred.value != nil:
			b = bounds{min: pred.value, max: pred.value, rows: rows}
			if pred.value.IsNull(0) {
				b = bounds{rows: rows, nulls: rows}
			}
		case pred.column == nil:
			b = bounds{rows: rows, nulls: rows}
		default:
			b = p.f.columnBounds(group, pred.column)
			b.widen(pred.typ)
		}
		if !b.mayMatch(pred.Predicate, isFloat(pred.typ) && pred.value == nil) {
			return false
		}
	}
	return true
}

func isFloat(t arrow.DataType) bool { return t.ID() == arrow.FLOAT32 || t.ID() == arrow.FLOAT64 }

// widen gives the bounds the type of the table's column.
func (b *bounds) widen(to arrow.DataType) {
	for _, a := range []*arrow.Array{&b.min, &b.max} {
		if *a == nil {
			continue
		}
		w, err := widen(*a, to)
		if err != nil {
			w = nil
		}
		*a = w
	}
}

// mayMatch tells whether values within b can match a predicate. NaN is larger
// than all numbers in SQL but not part of a file's bounds, so the upper bound
// of floats excludes nothing.
func (b *bounds) mayMatch(p catalog.Predicate, nan bool) bool {
	switch p.Op {
	case "is null":
		return b.nulls != 0
	case "is not null":
		return b.nulls != b.rows
	}
	if b.nulls == b.rows && b.rows > 0 {
		return false // nothing compares with null
	}
	if p.Op == "in" {
		for _, v := range p.Values {
			for i := range v.Len() {
				if v.IsValid(i) && b.mayHold(v, i) {
					return true
				}
			}
		}
		return false
	}
	if len(p.Values) != 1 || p.Values[0].Len() != 1 || p.Values[0].IsNull(0) {
		return true
	}
	v := p.Values[0]
	lo, loOK := compare(b.min, v, 0) // of min and the value
	hi, hiOK := compare(b.max, v, 0)
	switch p.Op {
	case "=":
		return b.mayHold(v, 0)
	case "<":
		return !loOK || lo < 0
	case "<=":
		return !loOK || lo <= 0
	case ">":
		return nan || !hiOK || hi > 0
	case ">=":
		return nan || !hiOK || hi >= 0
	case "<>":
		return nan || !loOK || !hiOK || lo != 0 || hi != 0
	}
	return true
}

func (b *bounds) mayHold(v arrow.Array, i int) bool {
	lo, loOK := compare(b.min, v, i)
	hi, hiOK := compare(b.max, v, i)
	return (!loOK || lo <= 0) && (!hiOK || hi >= 0)
}

// compare orders the one value of a bound and value i of v. It gives false when
// either is not known or they do not compare.
func compare(bound, v arrow.Array, i int) (int, bool) {
	if bound == nil || bound.Len() != 1 || v == nil || !sqltype.Equal(bound.DataType(), v.DataType()) {
		return 0, false
	}
	switch a := bound.(type) {
	case *array.Boolean:
		return cmp.Compare(boolRank(a.Value(0)), boolRank(v.(*array.Boolean).Value(i))), true
	case *array.Int16:
		return cmp.Compare(a.Value(0), v.(*array.Int16).Value(i)), true
	case *array.Int32:
		return cmp.Compare(a.Value(0), v.(*array.Int32).Value(i)), true
	case *array.Int64:
		return cmp.Compare(a.Value(0), v.(*array.Int64).Value(i)), true
	case *array.Float32:
		return compareFloats(float64(a.Value(0)), float64(v.(*array.Float32).Value(i)))
	case *array.Float64:
		return compareFloats(a.Value(0), v.(*array.Float64).Value(i))
	case *array.Date32:
		return cmp.Compare(a.Value(0), v.(*array.Date32).Value(i)), true
	case *array.Time64:
		return cmp.Compare(a.Value(0), v.(*array.Time64).Value(i)), true
	case *array.Timestamp:
		return cmp.Compare(a.Value(0), v.(*array.Timestamp).Value(i)), true
	case *array.Decimal128:
		return compareDecimals(a.Value(0), v.(*array.Decimal128).Value(i)), true
	case *array.String:
		return strings.Compare(a.Value(0), v.(*array.String).Value(i)), true
	case *array.Binary:
		return bytes.Compare(a.Value(0), v.(*array.Binary).Value(i)), true
	}
	return 0, false
}

func boolRank(v bool) int {
	if v {
		return 1
	}
	return 0
}

// compareFloats knows nothing of NaN, whose place differs between SQL and files.
func compareFloats(a, b float64) (int, bool) {
	if math.IsNaN(a) || math.IsNaN(b) {
		return 0, false
	}
	if a == b { // −0 and 0 too
		return 0, true
	}
	return cmp.Compare(a, b), true
}

func compareDecimals(a, b decimal128.Num) int {
	if c := cmp.Compare(a.HighBits(), b.HighBits()); c != 0 {
		return c
	}
	return cmp.Compare(a.LowBits(), b.LowBits())
}
