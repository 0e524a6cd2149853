package planner

import (
	"testing"

	"volley/planner/expr"
	"volley/planner/physical"
	"volley/sqltype"
)

// checkPlan holds a plan to what exec and the scheduler count on.
func checkPlan(t *testing.T, p *physical.Plan) {
	t.Helper()
	read := map[int]bool{}
	for i, s := range p.Stages {
		if s.ID != i {
			t.Errorf("stage %d has ID %d", i, s.ID)
		}
		scans := 0
		keys := map[physical.Node]bool{} // exchanges of key filters, which read all rows of any output
		var walk func(physical.Node)
		walk = func(n physical.Node) {
			if rows, ok := p.Estimates[n]; p.Estimates != nil && (!ok || !(rows >= 0)) {
				t.Errorf("the estimate of %s is %g", n, rows)
			}
			switch n := n.(type) {
			case *physical.KeyFilter:
				keys[n.From] = true
			case *physical.Scan:
				if p.Defs[n.ID] == nil {
					t.Errorf("scan %d has no table", n.ID)
				}
				if n.ID == s.Scan {
					scans++
				}
				if p.Defs[n.ID].Local && i < len(p.Stages)-1 {
					t.Errorf("stage %d reads rows of the coordinator", i)
				}
			case *physical.ExchangeSource:
				if n.Stage >= i {
					t.Errorf("stage %d reads stage %d", i, n.Stage)
					return
				}
				read[n.Stage] = true
				from := p.Stages[n.Stage]
				if !sameTypes(from.Root, n) {
					t.Errorf("stage %d: %s has not its producer's columns", i, n)
				}
				if (from.Output.Kind == physical.Broadcast) != n.Broadcast && !keys[n] {
					t.Errorf("stage %d: %s of a %s", i, n, from.Output)
				}
				if from.Output.Kind == physical.Hash && from.Output.Count != s.Tasks && !n.Broadcast {
					t.Errorf("stage %d has %d tasks for %d partitions", i, s.Tasks, from.Output.Count)
				}
			}
			checkColumns(t, n)
			for _, c := range n.Inputs() {
				walk(c)
			}
		}
		walk(s.Root)
		if s.Scan >= 0 && scans != 1 || s.Scan < 0 && s.Tasks < 1 {
			t.Errorf("stage %d: scan %d, %d tasks", i, s.Scan, s.Tasks)
		}
		for _, k := range s.Output.Keys {
			checkExpr(t, k, s.Root)
		}
	}
	for i := range p.Stages[:len(p.Stages)-1] {
		if !read[i] {
			t.Errorf("nothing reads stage %d", i)
		}
	}
}

func sameTypes(a, b physical.Node) bool {
	x, y := a.Schema(), b.Schema()
	if x.NumFields() != y.NumFields() {
		return false
	}
	for i := range x.Fields() {
		if !sqltype.Equal(x.Field(i).Type, y.Field(i).Type) {
			return false
		}
	}
	return true
}

// checkColumns checks the column references of a node against its input.
func checkColumns(t *testing.T, n physical.Node) {
	switch n := n.(type) {
	case *physical.Join:
		for i := range n.LeftKeys {
			checkExpr(t, n.LeftKeys[i], n.Left)
			checkExpr(t, n.RightKeys[i], n.Right)
			if !sqltype.Equal(n.LeftKeys[i].DataType(), n.RightKeys[i].DataType()) {
				t.Errorf("%s: keys of different types", n)
			}
		}
	case *physical.Scan:
		if n.Filter != nil {
			checkExpr(t, n.Filter, n)
		}
	case *physical.Values:
	default:
		if len(n.Inputs()) == 1 {
			eachExpr(n, func(e expr.Expr) { checkExpr(t, e, n.Inputs()[0]) })
		}
	}
}

func checkExpr(t *testing.T, e expr.Expr, in physical.Node) {
	s := in.Schema()
	expr.EachColumn(e, func(c *expr.Column) {
		if c.Index >= s.NumFields() || !sqltype.Equal(s.Field(c.Index).Type, c.Type) {
			t.Errorf("%s: column %d %q of type %s over %s", e, c.Index, c.Name, c.Type, s)
		}
	})
	expr.Walk(e, func(e expr.Expr) bool {
		if _, ok := e.(*untyped); ok {
			t.Errorf("an untyped literal %s is left in the plan", e)
		}
		return true
	})
}
