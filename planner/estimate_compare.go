package planner

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/statistics"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// compare guesses about =, <>, <, <=, > and >=.
func (e *estimator) compare(op string, args []expr.Expr, n logical.Node) float64 {
	left, right := args[0], args[1]
	if !expr.HasColumns(left) {
		op, left, right = flipped[op], right, left
	}
	g := e.guessOf(left, n)
	lit, constant := right.(*expr.Literal)
	if constant && lit.Value.IsNull(0) {
		return 0
	}
	if col, ok := uncast(left).(*expr.Column); ok && constant && g.table == nil {
		if v, ok := number(lit); ok {
			if s, ok := e.onAggregate(op, col.Index, n, v); ok {
				return s
			}
		}
	}
	if constant && !sqltype.Equal(left.DataType(), lit.DataType()) {
		constant = false
	}
	switch op {
	case "=", "<>":
		s := 0.0
		switch {
		case constant:
			s = e.equalTo(g, lit.Value, e.defaultEqual(g, n))
		case expr.HasColumns(right):
			s = e.equalColumns(g, e.guessOf(right, n))
		default: // a value that is not known yet
			s = (1 - g.nulls) * e.defaultEqual(g, n)
		}
		if op == "<>" {
			return max(1-s-g.nulls, 0)
		}
		return s
	}
	if constant {
		if p, ok := statistics.PointOf(lit.Value, 0); ok {
			return e.inRange(g, op, p)
		}
	}
	return defaultRange
}

// equalColumns is PostgreSQL's eqjoinsel for two columns of one row: each value of
// the column with fewer is one of the other's.
func (e *estimator) equalColumns(a, b columnGuess) float64 {
	d := max(a.distinct, b.distinct)
	if d <= 0 {
		return defaultEqual
	}
	return (1 - a.nulls) * (1 - b.nulls) / max(d, 1)
}

// defaultEqual is the share of the rows that have some value: one of as many as
// there are, or as there are by default.
func (e *estimator) defaultEqual(g columnGuess, n logical.Node) float64 {
	if g.distinct >= 1 {
		return 1 / g.distinct
	}
	return 1 / max(1, min(e.rows(n), defaultDistinct))
}

// equalTo is the share of rows whose column has a value: what the statistics say
// of it if it is a common one, or else its part of the rows that have no common
// one (PostgreSQL's var_eq_const).
func (e *estimator) equalTo(g columnGuess, value arrow.Array, unknown float64) float64 {
	if p, ok := statistics.PointOf(value, 0); ok {
		return e.equalPoint(g, p, unknown)
	}
	return (1 - g.nulls) * unknown
}

func (e *estimator) equalPoint(g columnGuess, p statistics.Point, unknown float64) float64 {
	s := g.stats
	if s == nil {
		return (1 - g.nulls) * unknown
	}
	if outside(s, p) {
		return 0
	}
	if s.Common == nil {
		return (1 - g.nulls) * unknown
	}
	rest := 1 - g.nulls
	for i, share := range s.CommonShares {
		if c, ok := statistics.PointOf(s.Common, i); ok && c.Compare(p) == 0 {
			if g.distinct >= 1 && g.distinct < float64(s.Distinct)/2 { // one of the few that are left
				return max(share, 1/g.distinct)
			}
			return share
		}
		rest -= share
	}
	others := float64(s.Distinct) - float64(len(s.CommonShares))
	if others < 1 {
		return 0
	}
	return min(max(rest, 0)/others, s.CommonShares[len(s.CommonShares)-1])
}

// outside tells whether a value is less than the least or more than the greatest.
func outside(s *catalog.ColumnStats, p statistics.Point) bool {
	if s.Min == nil || s.Max == nil {
		return false
	}
	lo, ok1 := statistics.PointOf(s.Min, 0)
	hi, ok2 := statistics.PointOf(s.Max, 0)
	return ok1 && ok2 && (p.Compare(lo) < 0 || p.Compare(hi) > 0)
}

// inRange is the share of rows whose column is less (or more) than a value: of the
// common values those that are, and of the others the part of the histogram below
// it (PostgreSQL's scalarineqsel).
func (e *estimator) inRange(g columnGuess, op string, p statistics.Point) float64 {
	s := g.stats
	if s == nil {
		return defaultRange
	}
	common, commonBelow, equal := 0.0, 0.0, 0.0
	for i, share := range s.CommonShares {
		c, ok := statistics.PointOf(s.Common, i)
		if !ok {
			return defaultRange
		}
		common += share
		switch order := c.Compare(p); {
		case order < 0:
			commonBelow += share
		case order == 0:
			equal = share
		}
	}
	below, known := belowShare(s, p)
	rest := max(1-g.nulls-common, 0)
	if !known && rest > 0.01 {
		return defaultRange
	}
	less := commonBelow + rest*below
	if strings.HasSuffix(op, "=") == (op[0] == '<') { // the value itself is below the cut: <= and >
		if equal == 0 && s.Distinct > 0 && !outside(s, p) {
			equal = rest / max(float64(s.Distinct)-float64(len(s.CommonShares)), 1)
			equal = min(equal, rest*(1-below))
		}
		less += equal
	}
	if op[0] == '>' {
		less = 1 - g.nulls - less
	}
	return max(less, 0)
}

// belowShare is the share of the values that are not common that are less than p.
func belowShare(s *catalog.ColumnStats, p statistics.Point) (share float64, known bool) {
	if s.Bounds != nil && s.Bounds.Len() > 1 {
		return binShare(s, p)
	}
	if s.Min == nil || s.Max == nil {
		return 0, false
	}
	lo, ok1 := statistics.PointOf(s.Min, 0)
	hi, ok2 := statistics.PointOf(s.Max, 0)
	return statistics.Fraction(p, lo, hi), ok1 && ok2
}

// binShare finds the bin of p. The least and the greatest value of the table, which
// a sample may have missed, end the outer bins.
func binShare(s *catalog.ColumnStats, p statistics.Point) (float64, bool) {
	n := s.Bounds.Len()
	at := func(i int) (statistics.Point, bool) {
		b, ok := statistics.PointOf(s.Bounds, i)
		if i == 0 && s.Min != nil {
			if lo, ok := statistics.PointOf(s.Min, 0); ok && lo.Compare(b) < 0 {
				return lo, true
			}
		}
		if i == n-1 && s.Max != nil {
			if hi, ok := statistics.PointOf(s.Max, 0); ok && hi.Compare(b) > 0 {
				return hi, true
			}
		}
		return b, ok
	}
	low, high := 0, n-1 // p is after bound low−1 and not after bound high
	for low < high {
		mid := (low + high) / 2
		b, ok := at(mid)
		if !ok {
			return 0, false
		}
		if b.Compare(p) < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	last, _ := at(n - 1)
	switch {
	case last.Compare(p) < 0:
		return 1, true
	case low == 0:
		return 0, true
	}
	a, _ := at(low - 1)
	b, _ := at(low)
	return (float64(low-1) + statistics.Fraction(p, a, b)) / float64(n-1), true
}

// uncast is what is below casts.
func uncast(x expr.Expr) expr.Expr {
	for {
		c, ok := x.(*expr.Cast)
		if !ok {
			return x
		}
		x = c.Arg
	}
}
