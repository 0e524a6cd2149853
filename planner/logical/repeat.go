package logical

import (
	"volley/planner/expr"
)

// Repeat gives each row of its input as many times as Count, a bigint, says:
// none when that is NULL or not positive.
type Repeat struct {
	Input Node
	Count expr.Expr
}

func (*Repeat) node() {}

// Schema is the input's.
func (n *Repeat) Schema() *Schema { return n.Input.Schema() }

// Inputs is the repeated input.
func (n *Repeat) Inputs() []Node { return []Node{n.Input} }

// WithInputs repeats the rows of another input.
func (n *Repeat) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// String is the count.
func (n *Repeat) String() string { return "Repeat " + n.Count.String() + " times" }
