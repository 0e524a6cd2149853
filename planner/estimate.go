package planner

import (
	"context"
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/planner/expr"
	"volley/planner/logical"
)

// size is a guess at how much a node gives.
type size struct{ rows, bytes float64 }

// estimator guesses how much nodes give, from what is known of tables:
//
//	rows              of a node: estimate.go, and a file for each kind that says
//	                  something: estimate_join.go, estimate_group.go
//	column            of a node: values and NULLs (estimate_column.go)
//	selectivity       of a condition over a node (estimate_filter.go and on)
//
// It remembers what it has found for each node, which is immutable, so that rules
// may ask as often as they like. What nobody knows is in estimate_default.go.
type estimator struct {
	ctx  context.Context
	eval *optimizer // computes constants; nil: nobody does
	// sampling: rows of tables may be looked at, because the plan depends on it.
	sampling bool
	// tasks is how many tasks a large scan is cut into; 0: one.
	tasks   float64
	known   map[logical.Node]float64
	columns map[columnOfNode]columnGuess
	samples map[columnOfTable]*catalog.ColumnStats
}

// dependsOnValues tells whether it matters to a plan how many values columns have:
// whether there are joins or groups.
func dependsOnValues(n logical.Node) bool {
	switch n := n.(type) {
	case *logical.Join:
		return true
	case *logical.Aggregate:
		if len(n.Keys) > 0 {
			return true
		}
	case *logical.CTE:
		return dependsOnValues(n.Shared.Plan)
	}
	for _, in := range n.Inputs() {
		if dependsOnValues(in) {
			return true
		}
	}
	return false
}

// size guesses a node's output.
func (e *estimator) size(n logical.Node) size {
	rows := e.rows(n)
	return size{rows, rows * e.width(n)}
}

// rows guesses how many rows a node gives.
func (e *estimator) rows(n logical.Node) float64 {
	if rows, ok := e.known[n]; ok {
		return rows
	}
	rows := e.guess(n)
	if rows != rows || rows < 0 {
		rows = 0
	}
	if e.known == nil {
		e.known = map[logical.Node]float64{}
	}
	e.known[n] = rows
	return rows
}

func (e *estimator) guess(n logical.Node) float64 {
	switch n := n.(type) {
	case *logical.Scan:
		return e.scan(n)
	case unfiltered:
		return e.table(n.Scan)
	case pairs:
		return e.rows(n.Left) * e.rows(n.Right)
	case *logical.Values:
		return float64(len(n.Rows))
	case *logical.Filter:
		rows := e.rows(n.Input) * e.selectivity(n.Predicate, n.Input)
		if w, ok := n.Input.(*logical.Window); ok {
			rows = min(rows, e.firstRows(w, n.Predicate))
		}
		return rows
	case *logical.ProjectSet:
		return e.rows(n.Input) * rowsPerCall(n)
	case *logical.Aggregate:
		if len(n.Keys) == 0 {
			return 1
		}
		return max(e.groups(n.Keys, n.Input), float64(len(n.Always)))
	case *logical.PartialAggregate:
		return e.partialGroups(n)
	case *logical.Join:
		return e.join(n)
	case *logical.Limit:
		return e.limit(n)
	case *logical.Expand:
		return e.rows(n.Input) * float64(len(n.Sets))
	case *logical.DistinctOn:
		return e.groups(keyExprs(n.Keys[:min(n.Groups, len(n.Keys))]), n.Input)
	case *logical.Sample:
		return e.rows(n.Input) * sampledShare(n)
	case *logical.LimitBy:
		groups := e.groups(n.Keys, n.Input)
		if c, ok := constantCount(n.Count); ok && c >= 0 {
			return min(groups*float64(c), e.rows(n.Input))
		}
		return e.rows(n.Input)
	case *logical.CTE:
		return e.rows(n.Shared.Plan)
	case *logical.Recursive:
		return recursionRounds * e.rows(n.Initial)
	case *logical.WorkingTable:
		return workingTableRows
	case *logical.Union:
		rows := 0.0
		for _, p := range n.Parts {
			rows += e.rows(p)
		}
		return rows
	}
	if in := n.Inputs(); len(in) == 1 { // projections, sorts, windows
		return e.rows(in[0])
	}
	return 0
}

func keyExprs(keys []logical.SortKey) []expr.Expr {
	out := make([]expr.Expr, len(keys))
	for i, k := range keys {
		out[i] = k.Expr
	}
	return out
}

// sampledShare is the share of rows that TABLESAMPLE keeps.
func sampledShare(n *logical.Sample) float64 {
	if l, ok := n.Percent.(*expr.Literal); ok {
		if v, ok := number(l); ok {
			return min(max(v/100, 0), 1)
		}
	}
	return groupsPerRow
}

func (e *estimator) limit(n *logical.Limit) float64 {
	rows := e.rows(n.Input)
	if c, ok := constantCount(n.Offset); ok && n.Offset != nil && c > 0 {
		rows = max(rows-float64(c), 0)
	}
	if c, ok := constantCount(n.Count); ok && n.Count != nil && c >= 0 {
		rows = min(rows, float64(c))
	}
	return rows
}

// scan is the rows of a table that pass the scan's filter.
func (e *estimator) scan(n *logical.Scan) float64 {
	rows := e.table(n)
	if known, ok := e.chosenRows(n); ok {
		rows = known
	} else if filter := undecided(n); filter != nil {
		rows *= e.selectivity(filter, unfiltered{n})
	}
	if n.Limit > 0 {
		rows = min(rows, float64(n.Limit))
	}
	return rows
}

// table is all rows of a scan's table.
func (e *estimator) table(n *logical.Scan) float64 {
	if n.Stats != nil && n.Stats.Rows >= 0 {
		return float64(n.Stats.Rows)
	}
	return scanBytes(n) / max(1, rowWidth(n.Def.Schema))
}

// unfiltered is a scan without its filter.
type unfiltered struct{ *logical.Scan }

// scanBytes is what a table's files take in memory.
func scanBytes(n *logical.Scan) float64 {
	var bytes float64
	for _, f := range n.Def.Files {
		bytes += float64(f.Size)
	}
	switch {
	case n.Def.Format == "parquet":
		return bytes * compressed
	case len(n.Def.Files) == 0 && !n.Def.Local:
		return unknownBytes
	}
	return bytes
}

// width is about how many bytes a row of a node takes in memory.
func (e *estimator) width(n logical.Node) float64 {
	s := n.Schema()
	w := 0.0
	for i := range s.NumFields() {
		if fixed, ok := fixedWidth(s.Type(i)); ok {
			w += fixed
		} else if known := e.knownWidth(n, i); known > 0 {
			w += known
		} else {
			w += textWidth
		}
	}
	return w
}

// knownWidth is the width of a table's column where it is known already; nobody looks
// at rows for it.
func (e *estimator) knownWidth(n logical.Node, i int) float64 {
	at, ok := e.origin(n, i)
	if !ok || at.table.Stats == nil {
		return 0
	}
	column := at.table.Projection[at.column]
	if s, ok := e.samples[columnOfTable{at.table.Stats, column}]; ok {
		return s.Width
	}
	if column < len(at.table.Stats.Columns) {
		return at.table.Stats.Columns[column].Width
	}
	return 0
}

// rowWidth is width without statistics.
func rowWidth(s columnList) float64 {
	w := 0.0
	for i := range s.NumFields() {
		if fixed, ok := fixedWidth(s.Field(i).Type); ok {
			w += fixed
		} else {
			w += textWidth
		}
	}
	return w
}

func fixedWidth(t arrow.DataType) (float64, bool) {
	fixed, ok := t.(arrow.FixedWidthDataType)
	if !ok {
		return 0, false
	}
	return math.Max(1, float64(fixed.BitWidth()/8)), true
}
