package planner

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/planner/expr"
	"volley/planner/logical"
)

// columnGuess is what is known of a column of a node's output.
type columnGuess struct {
	// stats are those of the table's column that it is; nil: it is computed, or
	// nothing is known. They are of all rows of the table.
	stats *catalog.ColumnStats
	// table is where it comes from; nil: it is computed.
	table *logical.Scan
	// distinct is the number of values in the node's rows; 0: not known.
	distinct float64
	// nulls is the share of its rows in which it is NULL.
	nulls float64
}

type columnOfNode struct {
	node   logical.Node
	column int
}

type columnOfTable struct {
	stats  *catalog.Stats
	column int
}

// column guesses about column i of a node's output.
func (e *estimator) column(n logical.Node, i int) columnGuess {
	key := columnOfNode{n, i}
	if c, ok := e.columns[key]; ok {
		return c
	}
	c := e.trace(n, i)
	if e.columns == nil {
		e.columns = map[columnOfNode]columnGuess{}
	}
	e.columns[key] = c
	return c
}

// trace follows a column to where it comes from. On the way up there are no more
// of its values than rows are left.
func (e *estimator) trace(n logical.Node, i int) columnGuess {
	switch n := n.(type) {
	case unfiltered:
		return e.tableColumn(n.Scan, i)
	case joinCondRows:
		rel := n.region.owner[i]
		return e.column(n.region.leaves[rel], i-n.region.starts[rel])
	case pairs:
		return e.pairColumn(n.Join, i)
	case *logical.Scan:
		return e.left(e.tableColumn(n, i), unfiltered{n}, e.rows(n), n.Filter, i)
	case *logical.Filter:
		return e.left(e.column(n.Input, i), n.Input, e.rows(n), n.Predicate, i)
	case *logical.Project:
		return e.expression(n.Exprs[i], n.Input)
	case *logical.Aggregate:
		if i < len(n.Keys) {
			c := e.expression(n.Keys[i], n.Input)
			c.distinct = min(c.distinct, e.rows(n))
			return c
		}
		return e.aggregateColumn(n, i)
	case *logical.PartialAggregate:
		if i < len(n.Keys) {
			c := e.expression(n.Keys[i], n.Input)
			c.distinct = min(c.distinct, e.rows(n))
			return c
		}
		return columnGuess{distinct: e.rows(n)}
	case *logical.Join:
		return e.joinColumn(n, i)
	case *logical.Limit:
		return e.left(e.column(n.Input, i), n.Input, e.rows(n), nil, i)
	case *logical.Sample:
		return e.left(e.column(n.Input, i), n.Input, e.rows(n), nil, i)
	case *logical.Sort:
		return e.column(n.Input, i)
	case *logical.DistinctOn:
		return e.left(e.column(n.Input, i), n.Input, e.rows(n), nil, i)
	case *logical.LimitBy:
		return e.left(e.column(n.Input, i), n.Input, e.rows(n), nil, i)
	case *logical.Window:
		if i < n.Input.Schema().NumFields() {
			return e.column(n.Input, i)
		}
	case *logical.ProjectSet:
		if i < len(n.Keep) {
			return e.column(n.Input, n.Keep[i])
		}
	case *logical.CTE:
		return e.column(n.Shared.Plan, i)
	case *logical.Union:
		return e.unionColumn(n, i)
	}
	return columnGuess{}
}

// tableColumn is a column of all rows of a scan's table.
func (e *estimator) tableColumn(n *logical.Scan, i int) columnGuess {
	rows := e.table(n)
	c := columnGuess{table: n, stats: e.columnStats(n, n.Projection[i])}
	if c.stats != nil {
		if c.stats.NullCount > 0 && rows > 0 {
			c.nulls = min(float64(c.stats.NullCount)/rows, 1)
		}
		c.distinct = min(max(float64(c.stats.Distinct), 0), rows)
	}
	if isKey(n.Def.Key, n.Projection[i]) || slices.ContainsFunc(n.Def.Uniques, func(u []int) bool { return isKey(u, n.Projection[i]) }) {
		c.distinct = rows * (1 - c.nulls)
	}
	return c
}

// isKey tells whether a column is a key by itself.
func isKey(key []int, column int) bool { return len(key) == 1 && key[0] == column }

// columnStats are a table's column's, from a look at its rows where that is
// called for; nil when nothing is known.
func (e *estimator) columnStats(n *logical.Scan, column int) *catalog.ColumnStats {
	if n.Stats == nil {
		return nil
	}
	var known *catalog.ColumnStats
	if column < len(n.Stats.Columns) {
		known = &n.Stats.Columns[column]
		if known.Distinct > 0 || known.Common != nil || known.Bounds != nil {
			return known
		}
	}
	if !e.sampling || e.ctx == nil || n.Stats.Sampler == nil {
		return known
	}
	key := columnOfTable{n.Stats, column}
	if s, ok := e.samples[key]; ok {
		return s
	}
	s := n.Stats.Sampler.Column(e.ctx, column)
	if known != nil {
		s = surer(s, known, float64(n.Stats.Rows))
	}
	if e.samples == nil {
		e.samples = map[columnOfTable]*catalog.ColumnStats{}
	}
	e.samples[key] = &s
	return &s
}

// surer is a sample's statistics with what is known for sure. Whole numbers and
// dates have no more values than lie between the least and the greatest.
func surer(s catalog.ColumnStats, known *catalog.ColumnStats, rows float64) catalog.ColumnStats {
	if known.Min != nil && known.Max != nil {
		s.Min, s.Max = known.Min, known.Max
	}
	if known.NullCount >= 0 {
		s.NullCount = known.NullCount
	}
	if values, ok := wholeValues(s.Min, s.Max); ok && s.Distinct > 0 {
		s.Distinct = int64(min(float64(s.Distinct), values, rows))
	}
	return s
}

// left is a column of in after rows were left out, so that out are left; i is its
// ordinal in the condition by which, nil for none.
func (e *estimator) left(c columnGuess, in logical.Node, out float64, by expr.Expr, i int) columnGuess {
	rows := e.rows(in)
	if by != nil {
		for _, p := range expr.Conjuncts(by) {
			share := e.given(&c, p, in, i)
			rows *= share
		}
	}
	c.distinct = valuesLeft(c.distinct, rows, out)
	return c
}

// valuesLeft is how many values have a row left when in rows became out: of d
// values, each in in/d rows (Yao, "Approximating Block Accesses in Database
// Organizations", 1977, in the form that PostgreSQL's estimate_num_groups has).
func valuesLeft(distinct, in, out float64) float64 {
	if distinct <= 0 || in <= 0 || out >= in {
		return min(distinct, max(out, 0))
	}
	perValue := in / distinct
	return min(distinct*(1-math.Pow(1-out/in, perValue)), out)
}

// given notes in c what a condition says of column i of n itself. It gives the
// share of rows that go with the values that go.
func (e *estimator) given(c *columnGuess, p expr.Expr, n logical.Node, i int) float64 {
	isIt := func(e expr.Expr) bool {
		col, ok := e.(*expr.Column)
		return ok && col.Index == i
	}
	switch p := p.(type) {
	case *expr.Call:
		if len(p.Args) != 2 || !isIt(p.Args[0]) && !isIt(p.Args[1]) {
			if p.Func == "is not null" && isIt(p.Args[0]) {
				c.nulls = 0
			}
			return 1
		}
		c.nulls = 0
		if isIt(p.Args[0]) && expr.HasColumns(p.Args[1]) || isIt(p.Args[1]) && expr.HasColumns(p.Args[0]) {
			return 1
		}
		share := e.selectivity(p, n)
		switch p.Func {
		case "=":
			c.distinct = min(c.distinct, 1)
			return share
		case "<", "<=", ">", ">=":
			if c.distinct > 0 {
				c.distinct = max(c.distinct*share, 1)
			}
			return share
		}
	case *expr.In:
		if isIt(p.Arg) {
			c.nulls = 0
			if !p.Negated && c.distinct > 0 {
				c.distinct = min(c.distinct, float64(len(p.List)))
				return e.selectivity(p, n)
			}
		}
	}
	return 1
}

// expression is about a computed column: it has no more values than what it is
// computed from has.
func (e *estimator) expression(x expr.Expr, in logical.Node) columnGuess {
	switch x := x.(type) {
	case *expr.Column:
		return e.column(in, x.Index)
	case *expr.Literal:
		return columnGuess{distinct: 1}
	case *expr.Cast:
		c := e.expression(x.Arg, in)
		return columnGuess{distinct: c.distinct, nulls: c.nulls}
	case *expr.Call:
		if c, ok := e.datePart(x, in); ok {
			return c
		}
	case *expr.Case:
		if n, ok := constantArms(x); ok {
			return columnGuess{distinct: n}
		}
	}
	out := columnGuess{distinct: 1}
	seen := map[int]bool{}
	expr.EachColumn(x, func(col *expr.Column) {
		if seen[col.Index] {
			return
		}
		seen[col.Index] = true
		c := e.column(in, col.Index)
		out.distinct *= c.distinct // 0 if not known
		out.nulls = max(out.nulls, c.nulls)
	})
	if len(seen) == 0 {
		out.distinct = 0 // random() and its like
	}
	out.distinct = min(out.distinct, e.rows(in))
	if few := e.confined(x, in); !math.IsInf(few, 1) && (out.distinct == 0 || few < out.distinct) {
		out.distinct = few
	}
	if x.DataType().ID() == arrow.BOOL {
		out.distinct = 2
	}
	return out
}

// constantArms counts the results of a CASE whose arms are constants.
func constantArms(c *expr.Case) (float64, bool) {
	arms := 1.0
	for _, w := range c.Whens {
		if _, ok := w.Then.(*expr.Literal); !ok {
			return 0, false
		}
		arms++
	}
	_, ok := c.Else.(*expr.Literal)
	return arms, ok
}

// unionColumn has the values of all parts, or as many as the one with most: those
// of the same table are the same.
func (e *estimator) unionColumn(n *logical.Union, i int) columnGuess {
	out, rows, nulls := columnGuess{}, 0.0, 0.0
	for _, p := range n.Parts {
		c := e.column(p, i)
		if c.distinct == 0 {
			return columnGuess{}
		}
		out.distinct = max(out.distinct, c.distinct)
		rows += e.rows(p)
		nulls += e.rows(p) * c.nulls
	}
	if rows > 0 {
		out.nulls = nulls / rows
	}
	return out
}
