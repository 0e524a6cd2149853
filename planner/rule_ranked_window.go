package planner

import (
	"math"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// limitRankedWindows tells a window of whose partitions a filter keeps the first
// rows only, by row_number or rank, how many these are: rows that come after so
// many others of their partition need not be brought together and sorted. Each row that
// the filter keeps has all rows before it and all its peers beside it, so that its
// own place is right.
func limitRankedWindows(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		f, ok := n.(*logical.Filter)
		if !ok {
			return n
		}
		w, ok := f.Input.(*logical.Window)
		if !ok {
			return n
		}
		first := firstRanks(f.Predicate, w)
		if first <= 0 || first > maxFirstRows || !o.limitable(w) {
			return n
		}
		c := *w
		c.First = first
		return f.WithInputs([]logical.Node{&c})
	})
}

// maxFirstRows is how many rows of each partition are worth being looked for
// before all are sorted.
const maxFirstRows = 10_000

// firstRanks is how many rows, and peers of the last one, a filter over a window
// keeps of each partition at most; math.MaxInt64 if it does not say so.
func firstRanks(pred expr.Expr, w *logical.Window) int64 {
	first := int64(math.MaxInt64)
	width := w.Input.Schema().NumFields()
	for _, p := range expr.Conjuncts(pred) {
		c, op, values := valueTest(p)
		if c == nil || c.Index < width || len(values) == 0 {
			continue
		}
		if f := w.Calls[c.Index-width].Func; f != "row_number" && f != "rank" {
			continue
		}
		greatest := int64(math.MinInt64)
		for _, l := range values {
			v, ok := constantCount(l)
			if !ok {
				v = math.MaxInt64
			}
			greatest = max(greatest, v)
		}
		switch op {
		case "=", "<=":
			first = min(first, greatest)
		case "<":
			first = min(first, max(greatest, math.MinInt64+1)-1)
		}
	}
	return first
}

// limitable tells whether all results are places among the rows of a partition,
// and whether what orders these is the same each time.
func (o *optimizer) limitable(w *logical.Window) bool {
	for _, e := range append(keyExprs(w.OrderBy), w.PartitionBy...) {
		if o.volatility(e) == udf.Volatile {
			return false
		}
	}
	for _, c := range w.Calls {
		switch {
		case c.Func == "row_number":
		case c.Func == "rank", c.Func == "dense_rank":
			if len(w.OrderBy) == 0 { // all rows are the first
				return false
			}
		default:
			return false
		}
	}
	return true
}

// firstRows guesses how many rows of a window a filter by rank keeps.
func (e *estimator) firstRows(w *logical.Window, pred expr.Expr) float64 {
	first := firstRanks(pred, w)
	if first == math.MaxInt64 {
		return e.rows(w)
	}
	groups := 1.0
	if len(w.PartitionBy) > 0 {
		groups = e.groups(w.PartitionBy, w.Input)
	}
	return groups * float64(max(first, 0))
}
