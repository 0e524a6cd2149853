package logical

import (
	"fmt"

	"volley/planner/expr"
)

// Sample is TABLESAMPLE: each row, or with System each block of neighbouring
// rows, is kept by chance. Percent, a float8 without columns but outer ones, is between 0 and
// 100; Seed, a float8 or nil, makes the choice the same each time.
type Sample struct {
	Input   Node
	System  bool
	Percent expr.Expr
	Seed    expr.Expr
	Pos     int
}

func (*Sample) node() {}

// Schema is the input's.
func (n *Sample) Schema() *Schema { return n.Input.Schema() }

// Inputs is the sampled input.
func (n *Sample) Inputs() []Node { return []Node{n.Input} }

// WithInputs is the same sample of another input.
func (n *Sample) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// String is the method and its arguments.
func (n *Sample) String() string {
	method := "bernoulli"
	if n.System {
		method = "system"
	}
	s := fmt.Sprintf("Sample %s (%s)", method, n.Percent)
	if n.Seed != nil {
		s += fmt.Sprintf(" repeatable (%s)", n.Seed)
	}
	return s
}

// mapExprs applies f to the expressions, opt to the one that may be nil.
func (n *Sample) mapExprs(f, opt func(expr.Expr) expr.Expr) Node {
	c := *n
	c.Percent, c.Seed = f(n.Percent), opt(n.Seed)
	return &c
}
