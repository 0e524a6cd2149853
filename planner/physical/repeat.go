package physical

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
)

// Repeat gives each row of its input Count times, a bigint; not at all when
// that is NULL or not positive.
type Repeat struct {
	Input Node
	Count expr.Expr
}

func (*Repeat) node() {}

// Schema is the input's.
func (n *Repeat) Schema() *arrow.Schema { return n.Input.Schema() }

// Inputs is the repeated input.
func (n *Repeat) Inputs() []Node { return []Node{n.Input} }

// String is the count.
func (n *Repeat) String() string { return "Repeat " + n.Count.String() + " times" }
