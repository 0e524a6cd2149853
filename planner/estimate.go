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

// estimate guesses a node's output, from files' sizes and statistics.
func estimate(n logical.Node) size {
	switch n := n.(type) {
	case *logical.Scan:
		return estimateScan(n)
	case *logical.Values:
		return sized(float64(len(n.Rows)), n)
	case *logical.Filter:
		in := estimate(n.Input)
		return scaled(in, filterFactor(n.Predicate))
	case *logical.Project:
		return sized(estimate(n.Input).rows, n)
	case *logical.ProjectSet:
		return sized(estimate(n.Input).rows*rowsPerCall(n), n)
	case *logical.Aggregate:
		if len(n.Keys) == 0 {
			return sized(1, n)
		}
		return sized(estimate(n.Input).rows*groupsPerRow, n)
	case *logical.Join:
		return estimateJoin(n)
	case *logical.Limit:
		in := estimate(n.Input)
		if c, ok := constantCount(n.Count); ok && float64(c) < in.rows {
			return sized(float64(c), n)
		}
		return in
	case *logical.Sort:
		return estimate(n.Input)
	case *logical.Expand:
		return sized(estimate(n.Input).rows*float64(len(n.Sets)), n)
	case *logical.Repeat:
		return estimate(n.Input)
	case *logical.DistinctOn:
		return scaled(estimate(n.Input), groupsPerRow)
	case *logical.Sample:
		return estimate(n.Input)
	case *logical.Window:
		return sized(estimate(n.Input).rows, n)
	case *logical.LimitBy:
		return scaled(estimate(n.Input), groupsPerRow)
	case *logical.CTE:
		return estimate(n.Shared.Plan)
	case *logical.Recursive:
		return sized(roundsPerRecursion*estimate(n.Initial).rows, n)
	case *logical.WorkingTable:
		return sized(workingTableRows, n)
	case *logical.Union:
		var out size
		for _, p := range n.Parts {
			s := estimate(p)
			out.rows, out.bytes = out.rows+s.rows, out.bytes+s.bytes
		}
		return out
	}
	return size{}
}

func estimateScan(n *logical.Scan) size {
	var bytes float64
	for _, f := range n.Def.Files {
		bytes += float64(f.Size)
	}
	switch {
	case n.Def.Format == "parquet":
		bytes *= compressedFactor
	case len(n.Def.Files) == 0 && !n.Def.Local:
		bytes = unknownTableBytes
	}
	out := sized(bytes/max(1, rowWidth(n.Def.Schema)), n)
	if n.Stats != nil && n.Stats.Rows >= 0 {
		out = sized(float64(n.Stats.Rows), n)
	}
	if n.Filter != nil {
		out = scaled(out, filterFactor(n.Filter))
	}
	return out
}

// estimateJoin takes keys to be keys of one side: as many rows as the larger.
func estimateJoin(n *logical.Join) size {
	l, r := estimate(n.Left), estimate(n.Right)
	switch {
	case n.Rows > 0:
		return sized(n.Rows, n)
	case n.Kind == logical.Mark:
		return sized(l.rows, n)
	case n.Kind == logical.Semi || n.Kind == logical.Anti:
		return scaled(l, 0.5)
	case len(n.LeftKeys) == 0:
		return sized(l.rows*max(r.rows, 1), n)
	}
	return sized(max(l.rows, r.rows), n)
}

func sized(rows float64, n logical.Node) size {
	return size{rows, rows * rowWidth(n.Schema())}
}

func scaled(s size, f float64) size { return size{s.rows * f, s.bytes * f} }

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
func rowWidth(s *arrow.Schema) float64 {
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
