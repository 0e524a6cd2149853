package planner

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
)

// size is a guess at how much a node gives.
type size struct{ rows, bytes float64 }

// Guesses where statistics say nothing.
const (
	selectivity       = 0.3 // of one conjunct
	equalSelectivity  = 0.1
	groupsPerRow      = 0.1
	textWidth         = 24 // bytes of a text value in memory
	compressedFactor  = 4  // memory per byte of a compressed or columnar file
	unknownTableBytes = 64 << 20
	// as PostgreSQL has it
	roundsPerRecursion = 10
	// More than anything it may be joined with: the other side of a join is the
	// same in each round, so that is the one to build a hash table of.
	workingTableRows = 1e12
)

// estimator guesses how much nodes give. It remembers what it has found for each
// node, which is immutable, so that rules may ask as often as they like.
type estimator struct {
	known map[logical.Node]float64
}

// size guesses a node's output, from files' sizes and statistics.
func (e *estimator) size(n logical.Node) size {
	rows := e.rows(n)
	return size{rows, rows * rowWidth(n.Schema())}
}

// rows guesses how many rows a node gives.
func (e *estimator) rows(n logical.Node) float64 {
	if rows, ok := e.known[n]; ok {
		return rows
	}
	rows := e.guess(n)
	if e.known == nil {
		e.known = map[logical.Node]float64{}
	}
	e.known[n] = rows
	return rows
}

func (e *estimator) guess(n logical.Node) float64 {
	switch n := n.(type) {
	case *logical.Scan:
		return estimateScan(n)
	case *logical.Values:
		return float64(len(n.Rows))
	case *logical.Filter:
		return e.rows(n.Input) * filterFactor(n.Predicate)
	case *logical.Project:
		return e.rows(n.Input)
	case *logical.ProjectSet:
		return e.rows(n.Input) * rowsPerCall(n)
	case *logical.Aggregate:
		if len(n.Keys) == 0 {
			return 1
		}
		return e.rows(n.Input) * groupsPerRow
	case *logical.Join:
		return e.join(n)
	case *logical.Limit:
		in := e.rows(n.Input)
		if c, ok := constantCount(n.Count); ok {
			return min(float64(c), in)
		}
		return in
	case *logical.Sort:
		return e.rows(n.Input)
	case *logical.Expand:
		return e.rows(n.Input) * float64(len(n.Sets))
	case *logical.Repeat:
		return e.rows(n.Input)
	case *logical.DistinctOn:
		return e.rows(n.Input) * groupsPerRow
	case *logical.Sample:
		return e.rows(n.Input)
	case *logical.Window:
		return e.rows(n.Input)
	case *logical.LimitBy:
		return e.rows(n.Input) * groupsPerRow
	case *logical.CTE:
		return e.rows(n.Shared.Plan)
	case *logical.Recursive:
		return roundsPerRecursion * e.rows(n.Initial)
	case *logical.WorkingTable:
		return workingTableRows
	case *logical.Union:
		rows := 0.0
		for _, p := range n.Parts {
			rows += e.rows(p)
		}
		return rows
	}
	return 0
}

func estimateScan(n *logical.Scan) float64 {
	var rows float64
	if n.Stats != nil && n.Stats.Rows >= 0 {
		rows = float64(n.Stats.Rows)
	} else {
		rows = scanBytes(n) / max(1, rowWidth(n.Def.Schema))
	}
	if n.Filter != nil {
		rows *= filterFactor(n.Filter)
	}
	return rows
}

// scanBytes is what a table's files take in memory.
func scanBytes(n *logical.Scan) float64 {
	var bytes float64
	for _, f := range n.Def.Files {
		bytes += float64(f.Size)
	}
	switch {
	case n.Def.Format == "parquet":
		return bytes * compressedFactor
	case len(n.Def.Files) == 0 && !n.Def.Local:
		return unknownTableBytes
	}
	return bytes
}

// estimateJoin takes keys to be keys of one side: as many rows as the larger.
func (e *estimator) join(n *logical.Join) float64 {
	if n.Rows > 0 {
		return n.Rows
	}
	l := e.rows(n.Left)
	switch n.Kind {
	case logical.Mark:
		return l
	case logical.Semi, logical.Anti:
		return l * 0.5
	}
	r := e.rows(n.Right)
	if len(n.LeftKeys) > 0 {
		return max(l, r)
	}
	return l * max(r, 1)
}

func filterFactor(pred expr.Expr) float64 {
	f := 1.0
	for _, c := range expr.Conjuncts(pred) {
		if call, ok := c.(*expr.Call); ok && call.Func == "=" {
			f *= equalSelectivity
		} else {
			f *= selectivity
		}
	}
	return f
}

// rowWidth is about how many bytes a row takes in memory.
func rowWidth(s columnList) float64 {
	w := 0
	for i := range s.NumFields() {
		if fixed, ok := s.Field(i).Type.(arrow.FixedWidthDataType); ok {
			w += max(1, fixed.BitWidth()/8)
		} else {
			w += textWidth
		}
	}
	return float64(w)
}
