package planner

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/logical"
)

// selectivity guesses the share of n's rows for which a condition is true.
func (e *estimator) selectivity(p expr.Expr, n logical.Node) float64 {
	return min(max(e.share(p, n), smallest), 1)
}

func (e *estimator) share(p expr.Expr, n logical.Node) float64 {
	if !direct(p) {
		if s, ok := e.tried(p, n); ok {
			return s
		}
	}
	switch p := p.(type) {
	case *expr.Logic:
		if p.Or {
			return e.either(p.Args, n)
		}
		return e.all(expr.Conjuncts(p), n)
	case *expr.Literal:
		if v, ok := p.Value.(*array.Boolean); ok && !v.IsNull(0) && v.Value(0) {
			return 1
		}
		return 0
	case *expr.Column:
		return e.isTrue(p, n)
	case *expr.In:
		return e.in(p, n)
	case *expr.Call:
		return e.call(p, n)
	case *expr.Coalesce:
		return e.share(p.Args[0], n)
	}
	return defaultOther
}

func (e *estimator) call(p *expr.Call, n logical.Node) float64 {
	switch p.Func {
	case "not":
		return e.not(p.Args[0], n)
	case "is null":
		return e.nullShare(p.Args[0], n)
	case "is not null":
		return 1 - e.nullShare(p.Args[0], n)
	case "is true":
		return e.share(p.Args[0], n)
	case "is not true":
		return 1 - e.share(p.Args[0], n)
	case "is false":
		return e.not(p.Args[0], n)
	case "is not false":
		return 1 - e.not(p.Args[0], n)
	case "like", "ilike", "~~", "~~*", "starts_with", "^@":
		return e.match(p, n)
	case "not like", "not ilike", "!~~", "!~~*":
		positive := *p
		positive.Func = "like"
		return max(1-e.match(&positive, n)-e.nullShare(p.Args[0], n), 0)
	case "~", "~*":
		return defaultMatch
	case "!~", "!~*":
		return 1 - defaultMatch
	case "is distinct from", "is not distinct from":
		equal := e.compare("=", p.Args, n)
		if p.Func == "is distinct from" {
			return 1 - equal
		}
		return equal
	}
	if flipped[p.Func] != "" && len(p.Args) == 2 {
		return e.compare(p.Func, p.Args, n)
	}
	return defaultOther
}

// not is the share of rows for which p is false: neither true nor NULL.
func (e *estimator) not(p expr.Expr, n logical.Node) float64 {
	nulls := 0.0
	expr.EachColumn(p, func(c *expr.Column) { nulls = max(nulls, e.column(n, c.Index).nulls) })
	return max(1-e.share(p, n)-nulls, 0)
}

// all is AND: a lower and an upper bound of one column are taken together, and
// what several columns say is not independent of one another as a rule, so from
// the third on the shares count less and less, the smallest ones first
// ("exponential backoff", as SQL Server has it since 2014).
func (e *estimator) all(preds []expr.Expr, n logical.Node) float64 {
	shares := make([]float64, 0, len(preds))
	for i := 0; i < len(preds); i++ {
		if j, s := e.between(preds, i, n); j > 0 {
			shares = append(shares, s)
			preds = slices.Delete(slices.Clone(preds), j, j+1)
			continue
		}
		shares = append(shares, e.selectivity(preds[i], n))
	}
	slices.Sort(shares)
	out, weight := 1.0, 1.0
	for i, s := range shares {
		if i >= dampingFrom {
			weight /= 2
		}
		out *= math.Pow(s, weight)
	}
	return out
}

// between finds the other bound of the column that preds[i] bounds, among those
// after it, and the share of rows between both.
func (e *estimator) between(preds []expr.Expr, i int, n logical.Node) (int, float64) {
	col, low, ok := bound(preds[i])
	if !ok || len(preds) > maxPairedConjuncts {
		return 0, 0
	}
	for j := i + 1; j < len(preds); j++ {
		other, otherLow, ok := bound(preds[j])
		if !ok || other.Index != col.Index || low == otherLow {
			continue
		}
		a, b := e.selectivity(preds[i], n), e.selectivity(preds[j], n)
		if a == defaultRange && b == defaultRange {
			return j, defaultBetween
		}
		s := a + b - 1 + e.column(n, col.Index).nulls
		return j, max(s, min(a, b)*groupsPerRow*groupsPerRow)
	}
	return 0, 0
}

// maxPairedConjuncts bounds the search for pairs.
const maxPairedConjuncts = 64

// bound recognises a comparison of a column with a constant; low tells whether
// the column is greater.
func bound(p expr.Expr) (col *expr.Column, low, ok bool) {
	call, ok := p.(*expr.Call)
	if !ok || len(call.Args) != 2 || call.Func == "=" || call.Func == "<>" || flipped[call.Func] == "" {
		return nil, false, false
	}
	op, left, right := call.Func, call.Args[0], call.Args[1]
	if _, ok := left.(*expr.Column); !ok {
		op, left, right = flipped[op], right, left
	}
	col, ok = left.(*expr.Column)
	if !ok || expr.HasColumns(right) {
		return nil, false, false
	}
	return col, op[0] == '>', true
}

// either is OR: the sum for alternatives of one column, which exclude one another,
// and s1 + s2 − s1·s2 otherwise.
func (e *estimator) either(args []expr.Expr, n logical.Node) float64 {
	exclusive := sameColumnEqualities(args)
	none, sum := 1.0, 0.0
	for _, a := range args {
		s := e.selectivity(a, n)
		none *= 1 - s
		sum += s
	}
	if exclusive {
		return min(sum, 1)
	}
	return 1 - none
}

// sameColumnEqualities tells whether all compare one column with constants.
func sameColumnEqualities(args []expr.Expr) bool {
	index := -1
	for _, a := range args {
		c, l := columnIsConstant(a)
		if l == nil || index >= 0 && c.Index != index {
			return false
		}
		index = c.Index
	}
	return true
}

// isTrue is the share of rows in which a boolean column is true.
func (e *estimator) isTrue(c *expr.Column, n logical.Node) float64 {
	return e.equalTo(e.column(n, c.Index), boolArray(true), defaultBool)
}

func boolArray(v bool) arrow.Array { return boolLiteral(v).Value }

func (e *estimator) nullShare(x expr.Expr, n logical.Node) float64 {
	c, ok := x.(*expr.Column)
	if !ok {
		return defaultNull
	}
	g := e.column(n, c.Index)
	if g.nulls == 0 && (g.stats == nil || g.stats.NullCount < 0) {
		return defaultNull
	}
	return g.nulls
}

// in is the sum over the list's values.
func (e *estimator) in(p *expr.In, n logical.Node) float64 {
	g := e.guessOf(p.Arg, n)
	s := 0.0
	for i, v := range p.List {
		if i == maxPruningValues { // the others are like those
			s *= float64(len(p.List)) / maxPruningValues
			break
		}
		if l, ok := v.(*expr.Literal); ok && !l.Value.IsNull(0) {
			s += e.equalTo(g, l.Value, e.defaultEqual(g, n))
		} else if !ok { // a parameter
			s += (1 - g.nulls) * e.defaultEqual(g, n)
		}
	}
	s = min(s, 1-g.nulls)
	if p.Negated {
		return max(1-s-g.nulls, 0)
	}
	return s
}

// guessOf is about an expression.
func (e *estimator) guessOf(x expr.Expr, n logical.Node) columnGuess {
	if cast, ok := x.(*expr.Cast); ok { // its column's statistics are in another type
		c := e.guessOf(cast.Arg, n)
		c.stats = nil
		return c
	}
	return e.expression(x, n)
}
