package planner

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// triedValues is on how many common values, and on how many bounds of a histogram,
// a condition is tried.
const triedValues = 24

// tried guesses about a condition on one column of which statistics say nothing
// themselves, substring(phone, 1, 2) IN ('13', '31') or x % 10 = 3, by computing it
// for values that the statistics have: the common ones and a sample of the others.
func (e *estimator) tried(p expr.Expr, n logical.Node) (float64, bool) {
	if e.eval == nil || !e.sampling {
		return 0, false
	}
	index := -1
	several := false
	expr.EachColumn(p, func(c *expr.Column) {
		several = several || index >= 0 && index != c.Index
		index = c.Index
	})
	if index < 0 || several {
		return 0, false
	}
	g := e.column(n, index)
	if g.stats == nil || e.eval.volatility(p) == udf.Volatile {
		return 0, false
	}
	s := g.stats
	common, hits := 0.0, 0.0
	for i, share := range s.CommonShares {
		if i == triedValues {
			break
		}
		common += share
		yes, ok := e.tryValue(p, s.Common, i)
		if !ok {
			return 0, false
		}
		if yes {
			hits += share
		}
	}
	rest := max(1-g.nulls-common, 0)
	if s.Bounds == nil || s.Bounds.Len() < minHistogram {
		if rest > 0.1 {
			return 0, false
		}
		return hits, true
	}
	tries := min(s.Bounds.Len(), triedValues)
	found := 0
	for i := range tries {
		yes, ok := e.tryValue(p, s.Bounds, i*(s.Bounds.Len()-1)/(tries-1))
		if !ok {
			return 0, false
		}
		if yes {
			found++
		}
	}
	// one that none of the few has may be true of half as many
	return hits + rest*max(float64(found), 0.5)/float64(tries), true
}

// tryValue computes a condition for one value of its column.
func (e *estimator) tryValue(p expr.Expr, values arrow.Array, i int) (yes, ok bool) {
	lit := &expr.Literal{Value: array.NewSlice(values, int64(i), int64(i+1))}
	v, err := e.eval.p.Evaluator.Eval(e.ctx, expr.MapColumns(p, func(*expr.Column) expr.Expr { return lit }))
	if err != nil {
		return false, false
	}
	b, isBool := v.(*array.Boolean)
	return isBool && !b.IsNull(0) && b.Value(0), isBool
}

// direct tells whether statistics of columns themselves answer a condition.
func direct(p expr.Expr) bool {
	column := func(x expr.Expr) bool {
		_, ok := x.(*expr.Column)
		return ok
	}
	switch p := p.(type) {
	case *expr.In:
		return column(p.Arg)
	case *expr.Call:
		switch p.Func {
		case "not", "is null", "is not null", "is true", "is not true", "is false", "is not false":
			return true
		}
		for _, a := range p.Args {
			if column(a) {
				return flipped[p.Func] != "" || len(p.Func) > 3 && p.Func[len(p.Func)-4:] == "like"
			}
		}
		return false
	}
	return true
}
