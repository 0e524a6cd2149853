package planner

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/planner/physical"
	"volley/udf"
)

// projectedSet is the physical form of a ProjectSet.
func projectedSet(n *logical.ProjectSet, in physical.Node) physical.Node {
	calls := make([]physical.SetCall, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = physical.SetCall(c)
	}
	return &physical.ProjectSet{
		Input: in, Keep: n.Keep, Calls: calls, Ordinality: n.Ordinality, Outer: n.Outer, Out: arrow.NewSchema(nullable(n.Out), nil),
	}
}

// pushProjectSet moves conjuncts over the kept columns below the calls.
func (f *filterPusher) pushProjectSet(n *logical.ProjectSet, preds []expr.Expr) logical.Node {
	var below, above []expr.Expr
	for _, p := range preds {
		movable, some := f.volatility(p) < udf.Volatile, false
		expr.EachColumn(p, func(c *expr.Column) {
			some = true
			movable = movable && c.Index < len(n.Keep)
		})
		if !movable || !some {
			above = append(above, p)
			continue
		}
		below = append(below, expr.MapColumns(p, func(c *expr.Column) expr.Expr {
			return &expr.Column{Index: n.Keep[c.Index], Name: c.Name, Type: c.Type}
		}))
	}
	return f.above(n.WithInputs([]logical.Node{f.push(n.Input, below)}), above)
}

// pruneProjectSet keeps only needed columns beside the calls, which all stay:
// they decide the number of rows.
func pruneProjectSet(n *logical.ProjectSet, need columnSet) (logical.Node, []int) {
	inNeed := make(columnSet, n.Input.Schema().NumFields())
	for _, c := range n.Calls {
		for _, a := range c.Args {
			inNeed.addFrom(a)
		}
	}
	for i, k := range n.Keep {
		if need[i] {
			inNeed[k] = true
		}
	}
	in, at := prune(n.Input, inNeed)
	out := *n
	out.Input, out.Keep = in, nil
	where := make([]int, len(need))
	for i, k := range n.Keep {
		if where[i] = -1; need[i] {
			where[i] = len(out.Keep)
			out.Keep = append(out.Keep, at[k])
		}
	}
	for i := len(n.Keep); i < len(need); i++ {
		where[i] = len(out.Keep) + i - len(n.Keep)
	}
	out.Calls = make([]logical.SetCall, len(n.Calls))
	for i, c := range n.Calls {
		c.Args = movedAll(c.Args, at)
		out.Calls[i] = c
	}
	return out.WithSchema(), where
}

// unknownCallRows is how many rows a call is taken to give.
const unknownCallRows = 10

// rowsPerCall guesses how many rows an input row becomes.
func rowsPerCall(n *logical.ProjectSet) float64 {
	rows := 0.0
	for _, c := range n.Calls {
		rows = max(rows, callRows(c))
	}
	return max(rows, 1)
}

// callRows knows the length of a series of integers between constants.
func callRows(c logical.SetCall) float64 {
	if c.Func == "generate_series" && len(c.Args) == 2 {
		from, ok := integerConstant(c.Args[0])
		to, ok2 := integerConstant(c.Args[1])
		if ok && ok2 {
			return max(to-from+1, 0)
		}
	}
	return unknownCallRows
}

func integerConstant(e expr.Expr) (float64, bool) {
	l, ok := e.(*expr.Literal)
	if !ok || l.Value.IsNull(0) {
		return 0, false
	}
	switch v := l.Value.(type) {
	case *array.Int32:
		return float64(v.Value(0)), true
	case *array.Int64:
		return float64(v.Value(0)), true
	}
	return 0, false
}
