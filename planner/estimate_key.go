package planner

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/catalog/statistics"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// keyShares are the common values of column i of a node's rows, or all of them where
// they are few and known. Nothing is known of what is computed, nor of a column that
// the rows were chosen by.
func (e *estimator) keyShares(i int, n logical.Node) keyShares {
	switch n := n.(type) {
	case *logical.Filter:
		if !mentions(n.Predicate, i) {
			return e.keyShares(i, n.Input)
		}
	case *logical.Sort:
		return e.keyShares(i, n.Input)
	case *logical.Project:
		if c, ok := n.Exprs[i].(*expr.Column); ok {
			return e.keyShares(c.Index, n.Input)
		}
	case *logical.Join:
		if n.Kind == logical.Semi || n.Kind == logical.Anti {
			return e.keyShares(i, n.Left)
		}
	case *logical.Scan:
		if s, ok := e.chosenKeys(n, i); ok {
			return s
		}
		if !mentions(n.Filter, i) {
			return e.commonKeys(n, i)
		}
	}
	return keyShares{}
}

func mentions(p expr.Expr, i int) (found bool) {
	if p != nil {
		expr.EachColumn(p, func(c *expr.Column) { found = found || c.Index == i })
	}
	return found
}

// commonKeys are the common values of a table's column.
func (e *estimator) commonKeys(n *logical.Scan, i int) keyShares {
	g := e.tableColumn(n, i)
	out := keyShares{nulls: g.nulls}
	if g.stats == nil || g.stats.Common == nil {
		return out
	}
	for k, share := range g.stats.CommonShares {
		if p, ok := statistics.PointOf(g.stats.Common, k); ok {
			out.values, out.shares = append(out.values, p), append(out.shares, share)
		}
	}
	return out
}

// chosenKeys are the values of column i in the rows of a small table that pass the
// scan's filter: with them it is known how common in another table the keys are that,
// say, the name of a type stands for.
func (e *estimator) chosenKeys(n *logical.Scan, i int) (keyShares, bool) {
	if n.Filter == nil {
		return keyShares{}, false
	}
	columns, rows, ok := e.smallTable(n, i)
	if !ok {
		return keyShares{}, false
	}
	chosen, ok := e.chosen(n.Filter, columns, rows)
	if !ok {
		return keyShares{}, false
	}
	counts, total := map[statistics.Point]float64{}, 0.0
	var order []statistics.Point
	for row := range rows {
		if chosen.IsNull(row) || !chosen.Value(row) {
			continue
		}
		total++
		p, ok := statistics.PointOf(columns[i], row)
		if !ok {
			continue
		}
		if counts[p]++; counts[p] == 1 {
			order = append(order, p)
		}
	}
	out := keyShares{whole: true, nulls: 1}
	for _, p := range order {
		out.values, out.shares = append(out.values, p), append(out.shares, counts[p]/total)
		out.nulls -= counts[p] / total
	}
	return out, true
}

// rowEvaluator computes an expression over rows.
type rowEvaluator interface {
	EvalRows(e expr.Expr, columns []arrow.Array, rows int) (arrow.Array, error)
}

// chosen computes a condition for rows.
func (e *estimator) chosen(p expr.Expr, columns []arrow.Array, rows int) (*array.Boolean, bool) {
	if e.eval == nil || e.eval.volatility(p) == udf.Volatile {
		return nil, false
	}
	v, ok := e.eval.p.Evaluator.(rowEvaluator)
	if !ok {
		return nil, false
	}
	out, err := v.EvalRows(p, columns, rows)
	if err != nil {
		return nil, false
	}
	b, ok := out.(*array.Boolean)
	return b, ok && b.Len() == rows
}

// smallTable is column i and those of the filter, in their places, of a table of which
// all rows are known.
func (e *estimator) smallTable(n *logical.Scan, i int) ([]arrow.Array, int, bool) {
	if !e.sampling || e.ctx == nil || n.Stats == nil || n.Stats.Rows > catalog.SmallTable {
		return nil, 0, false
	}
	s, ok := n.Stats.Sampler.(catalog.RowSampler)
	if !ok {
		return nil, 0, false
	}
	out := make([]arrow.Array, len(n.Projection))
	rows := -1
	add := func(i int) {
		if i >= len(out) {
			ok = false
		}
		if !ok || out[i] != nil {
			return
		}
		if out[i] = s.Whole(e.ctx, n.Projection[i]); out[i] == nil || rows >= 0 && out[i].Len() != rows {
			ok = false
			return
		}
		rows = out[i].Len()
	}
	add(i)
	expr.EachColumn(n.Filter, func(c *expr.Column) { add(c.Index) })
	return out, rows, ok && rows > 0
}

// chosenRows is how many rows of a small table pass the scan's filter.
func (e *estimator) chosenRows(n *logical.Scan) (float64, bool) {
	if n.Filter == nil || !expr.HasColumns(n.Filter) {
		return 0, false
	}
	first := -1
	expr.EachColumn(n.Filter, func(c *expr.Column) { first = c.Index })
	columns, rows, ok := e.smallTable(n, first)
	if !ok {
		return 0, false
	}
	chosen, ok := e.chosen(n.Filter, columns, rows)
	if !ok {
		return 0, false
	}
	count := 0.0
	for row := range rows {
		if !chosen.IsNull(row) && chosen.Value(row) {
			count++
		}
	}
	return count, true
}
