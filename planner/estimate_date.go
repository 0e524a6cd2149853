package planner

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog/statistics"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// values that a part of a date may have; years are those between the least and
// the greatest date.
var datePartValues = map[string]float64{
	"month": 12, "day": 31, "hour": 24, "minute": 60, "dow": 7, "isodow": 7, "quarter": 4, "week": 53, "doy": 366,
}

// datePart is about extract(part FROM column) and date_part('part', column).
func (e *estimator) datePart(c *expr.Call, n logical.Node) (columnGuess, bool) {
	if c.Func != "extract" && c.Func != "date_part" && c.Func != "date_trunc" || len(c.Args) < 2 {
		return columnGuess{}, false
	}
	lit, ok := c.Args[0].(*expr.Literal)
	if !ok {
		return columnGuess{}, false
	}
	text, ok := lit.Value.(*array.String)
	if !ok || text.IsNull(0) {
		return columnGuess{}, false
	}
	g := e.guessOf(uncast(c.Args[1]), n)
	out := columnGuess{distinct: g.distinct, nulls: g.nulls}
	unit := strings.ToLower(text.Value(0))
	values, known := datePartValues[unit]
	if days, ok := e.daysBetween(uncast(c.Args[1]), n, g); ok && (unit == "year" || c.Func == "date_trunc") {
		values, known = days/daysIn(unit)+1, true
	} else if c.Func == "date_trunc" {
		known = false
	}
	if known {
		out.distinct = min(values, e.rows(n))
		if g.distinct > 0 {
			out.distinct = min(out.distinct, g.distinct)
		}
	}
	return out, true
}

// daysIn is the length of a unit in days.
func daysIn(unit string) float64 {
	switch unit {
	case "year":
		return 365.25
	case "quarter":
		return 91.3
	case "month":
		return 30.4
	case "week":
		return 7
	case "hour":
		return 1.0 / 24
	case "minute":
		return 1.0 / 24 / 60
	}
	return 1
}

// daysBetween is the range of x, a date or timestamp over n's rows.
func (e *estimator) daysBetween(x expr.Expr, n logical.Node, g columnGuess) (float64, bool) {
	if g.stats == nil || g.stats.Min == nil || g.stats.Max == nil {
		return 0, false
	}
	lo, ok1 := statistics.PointOf(g.stats.Min, 0)
	hi, ok2 := statistics.PointOf(g.stats.Max, 0)
	if !ok1 || !ok2 {
		return 0, false
	}
	switch g.stats.Min.DataType().ID() {
	case arrow.DATE32:
		return e.narrowedSpan(x, n, lo.Real(), hi.Real()), true
	case arrow.TIMESTAMP:
		return e.narrowedSpan(x, n, lo.Real(), hi.Real()) / (24 * 3600 * 1e6), true
	}
	return 0, false
}

// wholeValues is how many whole numbers or days lie between two values.
func wholeValues(low, high arrow.Array) (float64, bool) {
	if low == nil || high == nil {
		return 0, false
	}
	if t := low.DataType(); !sqltype.IsInteger(t) && t.ID() != arrow.DATE32 {
		return 0, false
	}
	lo, ok1 := statistics.PointOf(low, 0)
	hi, ok2 := statistics.PointOf(high, 0)
	return hi.Real() - lo.Real() + 1, ok1 && ok2
}

// number is a literal as a number.
func number(l *expr.Literal) (float64, bool) {
	if l.Value.IsNull(0) || !sqltype.IsNumeric(l.DataType()) {
		return 0, false
	}
	p, ok := statistics.PointOf(l.Value, 0)
	return p.Real(), ok
}
