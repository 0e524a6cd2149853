package planner

import (
	"cmp"
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/sqltype"
)

// valueRange is what conjuncts say about one column: an end below, one above,
// values that it must have one of, and values that it must not have.
type valueRange struct {
	column *expr.Column
	at     []int // places of the conjuncts

	low, high rangeEnd
	one       []*expr.Literal // when set, in their order
	isOneOf   bool
	set       expr.Expr // the conjunct that says so, nil for several
	not       []exclusion
	notNull   expr.Expr
}

// rangeEnd is a comparison with an end of a range; none when test is nil.
type rangeEnd struct {
	value     *expr.Literal
	inclusive bool
	test      expr.Expr
}

// exclusion is a conjunct of values that are not to be.
type exclusion struct {
	values []*expr.Literal
	test   expr.Expr
}

// restrict adds a conjunct, column op values.
func (r *valueRange) restrict(test expr.Expr, op string, values []*expr.Literal) {
	switch op {
	case "=":
		r.member(test, values)
	case "<>":
		r.not = append(r.not, exclusion{values, test})
	case "is not null":
		r.notNull = test
	case "<", "<=":
		end := rangeEnd{values[0], op == "<=", test}
		if r.high.test == nil || end.tighter(r.high, -1) {
			r.high = end
		}
	default:
		end := rangeEnd{values[0], op == ">=", test}
		if r.low.test == nil || end.tighter(r.low, 1) {
			r.low = end
		}
	}
}

// tighter tells whether a range with this end, on the side of sign, is smaller.
func (e rangeEnd) tighter(other rangeEnd, sign int) bool {
	c := compareLiterals(e.value, other.value) * sign
	return c > 0 || c == 0 && other.inclusive && !e.inclusive
}

func (r *valueRange) member(test expr.Expr, values []*expr.Literal) {
	values = slices.Clone(values)
	slices.SortFunc(values, compareLiterals)
	if !r.isOneOf {
		r.isOneOf, r.one, r.set = true, values, test
		return
	}
	r.one, r.set = slices.DeleteFunc(r.one, func(v *expr.Literal) bool {
		_, found := slices.BinarySearchFunc(values, v, compareLiterals)
		return !found
	}), nil
}

// admits tells whether a value is within the ends and not excluded.
func (r *valueRange) admits(v *expr.Literal) bool {
	return r.within(v) && !slices.ContainsFunc(r.not, func(x exclusion) bool {
		return slices.ContainsFunc(x.values, func(l *expr.Literal) bool { return compareLiterals(l, v) == 0 })
	})
}

func (r *valueRange) within(v *expr.Literal) bool {
	if r.low.test != nil {
		if c := compareLiterals(v, r.low.value); c < 0 || c == 0 && !r.low.inclusive {
			return false
		}
	}
	if r.high.test != nil {
		if c := compareLiterals(v, r.high.value); c > 0 || c == 0 && !r.high.inclusive {
			return false
		}
	}
	return true
}

// tests are the conjuncts that say the same, as few as can be; a false one where
// no value is left.
func (r *valueRange) tests() []expr.Expr {
	never := []expr.Expr{boolLiteral(false)}
	if r.isOneOf {
		left := make([]*expr.Literal, 0, len(r.one))
		for _, v := range r.one {
			if r.admits(v) {
				left = append(left, v)
			}
		}
		switch {
		case len(left) == 0:
			return never
		case r.set != nil && len(left) == len(r.one):
			return []expr.Expr{r.set}
		case len(left) == 1:
			return []expr.Expr{same("=", r.column, left[0])}
		}
		list := make([]expr.Expr, len(left))
		for i, v := range left {
			list[i] = v
		}
		return []expr.Expr{&expr.In{Arg: r.column, List: list}}
	}
	var out []expr.Expr
	if r.low.test != nil && r.high.test != nil {
		c := compareLiterals(r.low.value, r.high.value)
		switch {
		case c > 0 || c == 0 && !(r.low.inclusive && r.high.inclusive) || r.nothingBetween():
			return never
		case c == 0:
			if !r.admits(r.low.value) {
				return never
			}
			return []expr.Expr{same("=", r.column, r.low.value)}
		}
	}
	for _, e := range []rangeEnd{r.low, r.high} {
		if e.test != nil {
			out = append(out, e.test)
		}
	}
	for _, x := range r.not {
		if slices.ContainsFunc(x.values, r.within) {
			out = append(out, x.test)
		}
	}
	if len(out) == 0 && r.notNull != nil {
		out = append(out, r.notNull)
	}
	return out
}

// nothingBetween tells whether integers or days follow each other at the ends, of
// which neither is in the range.
func (r *valueRange) nothingBetween() bool {
	if r.low.inclusive || r.high.inclusive {
		return false
	}
	if d, ok := r.low.value.Value.(*array.Date32); ok {
		return int64(d.Value(0))+1 == int64(r.high.value.Value.(*array.Date32).Value(0))
	}
	low, ok1 := sqltype.IntegerValue(r.low.value.Value, 0)
	high, ok2 := sqltype.IntegerValue(r.high.value.Value, 0)
	return ok1 && ok2 && low < math.MaxInt64 && low+1 == high
}

// hasOrder tells whether compareLiterals orders the values of a type as the
// operators do. Text is left out, whose order is a matter of its collation.
func hasOrder(t arrow.DataType) bool {
	return sqltype.IsInteger(t) && sqltype.IntegerScalar(t, 0) != nil || sqltype.IsDecimal(t) ||
		sqltype.IsUnconstrainedNumeric(t) || sqltype.IsFloat(t) || t.ID() == arrow.DATE32 || t.ID() == arrow.TIMESTAMP
}

// ofType tells whether a literal is a value of a type, not NULL.
func ofType(l *expr.Literal, t arrow.DataType) bool {
	return l.Value.Len() == 1 && !l.Value.IsNull(0) && sqltype.Equal(l.DataType(), t)
}

// compareLiterals orders values of one type of hasOrder.
func compareLiterals(a, b *expr.Literal) int {
	switch x := a.Value.(type) {
	case *array.Date32:
		return cmp.Compare(x.Value(0), b.Value.(*array.Date32).Value(0))
	case *array.Timestamp:
		return cmp.Compare(x.Value(0), b.Value.(*array.Timestamp).Value(0))
	case *array.Float32:
		return compareFloats(float64(x.Value(0)), float64(b.Value.(*array.Float32).Value(0)))
	case *array.Float64:
		return compareFloats(x.Value(0), b.Value.(*array.Float64).Value(0))
	}
	if x, ok := sqltype.IntegerValue(a.Value, 0); ok {
		y, _ := sqltype.IntegerValue(b.Value, 0)
		return cmp.Compare(x, y)
	}
	x, _ := numericValue(a.Value)
	y, _ := numericValue(b.Value)
	return x.Cmp(y)
}

// compareFloats has NaN as the greatest value, which is equal to itself.
func compareFloats(a, b float64) int { return -cmp.Compare(-a, -b) }
