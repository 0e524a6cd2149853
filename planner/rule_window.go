package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// pushWindow moves conjuncts over PARTITION BY columns alone below a window:
// they drop whole partitions. Others would change what its frames hold.
func (f *filterPusher) pushWindow(n *logical.Window, preds []expr.Expr) logical.Node {
	var below, above []expr.Expr
	for _, p := range preds {
		onKeys, some := true, false
		expr.EachColumn(p, func(c *expr.Column) {
			some = true
			onKeys = onKeys && containsColumn(n.PartitionBy, c.Index)
		})
		if onKeys && some {
			below = append(below, p)
		} else {
			above = append(above, p)
		}
	}
	return f.above(n.WithInputs([]logical.Node{f.push(n.Input, below)}), above)
}

func containsColumn(list []expr.Expr, index int) bool {
	for _, e := range list {
		if c, ok := e.(*expr.Column); ok && c.Index == index {
			return true
		}
	}
	return false
}

// pruneWindow drops calls that nothing needs, and the window with the last one.
func pruneWindow(n *logical.Window, need columnSet) (logical.Node, []int) {
	width := n.Input.Schema().NumFields()
	var calls []logical.WindowCall
	var results []int // places of the calls kept, in the output
	for i, c := range n.Calls {
		if need[width+i] {
			calls, results = append(calls, c), append(results, width+i)
		}
	}
	inNeed := need[:width].clone()
	if len(calls) > 0 {
		for _, e := range n.PartitionBy {
			inNeed.addFrom(e)
		}
		for _, k := range n.OrderBy {
			inNeed.addFrom(k.Expr)
		}
	}
	for _, c := range calls {
		c.Map(func(e expr.Expr) expr.Expr { inNeed.addFrom(e); return e })
	}
	in, at := prune(n.Input, inNeed)
	out := make([]int, len(need))
	for i := range out {
		out[i] = -1
	}
	copy(out, at[:width])
	if len(calls) == 0 {
		return in, out
	}
	for k, i := range results {
		out[i] = in.Schema().NumFields() + k
		calls[k] = calls[k].Map(func(e expr.Expr) expr.Expr { return moved(e, at) })
	}
	w := logical.NewWindow(in, movedAll(n.PartitionBy, at), movedKeys(n.OrderBy, at), calls)
	w.First = n.First
	return w, out
}
