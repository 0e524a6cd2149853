package logical

import (
	"fmt"

	"volley/planner/expr"
)

// Expand gives one row for each of Sets for every row of its input: set after
// set of a batch, each a list of expressions for the columns of Out. Grouping
// sets are a grouping of an expansion in which the keys a set lacks are NULL.
type Expand struct {
	Input Node
	Sets  [][]expr.Expr
	Out   *Schema
}

func (*Expand) node() {}

// NewExpand computes every one of sets under names; there is at least one.
func NewExpand(input Node, sets [][]expr.Expr, names []string) *Expand {
	return &Expand{Input: input, Sets: sets, Out: NewProject(input, sets[0], names).Out}
}

// Schema is one column for each expression of a set.
func (n *Expand) Schema() *Schema { return n.Out }

// Inputs is the expanded input.
func (n *Expand) Inputs() []Node { return []Node{n.Input} }

// WithInputs is the same expansion of another input.
func (n *Expand) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// String is the number of sets.
func (n *Expand) String() string { return fmt.Sprintf("Expand to %d sets", len(n.Sets)) }

// mapExprs applies f to every expression.
func (n *Expand) mapExprs(f func([]expr.Expr) []expr.Expr) Node {
	c := *n
	c.Sets = make([][]expr.Expr, len(n.Sets))
	for i, s := range n.Sets {
		c.Sets[i] = f(s)
	}
	return &c
}
