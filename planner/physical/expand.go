package physical

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
)

// Expand gives, for every batch of its input, a batch for each of Sets, whose
// expressions are the columns of Out.
type Expand struct {
	Input Node
	Sets  [][]expr.Expr
	Out   *arrow.Schema
}

func (*Expand) node() {}

// Schema is one column for each expression of a set.
func (n *Expand) Schema() *arrow.Schema { return n.Out }

// Inputs is the expanded input.
func (n *Expand) Inputs() []Node { return []Node{n.Input} }

// String is the number of sets.
func (n *Expand) String() string { return fmt.Sprintf("Expand to %d sets", len(n.Sets)) }
