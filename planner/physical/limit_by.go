package physical

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
)

// LimitBy skips, of the rows of each group of equal Keys, the first Offset and
// gives at most Count, in the order of its input. Count and Offset, bigint
// expressions over the input, are evaluated on the first row of a group; nil or
// NULL is none.
type LimitBy struct {
	Input         Node
	Keys          []expr.Expr
	Count, Offset expr.Expr
}

func (*LimitBy) node() {}

// Schema is the input's.
func (n *LimitBy) Schema() *arrow.Schema { return n.Input.Schema() }

// Inputs is the limited input.
func (n *LimitBy) Inputs() []Node { return []Node{n.Input} }

// String is the count, the offset and the keys.
func (n *LimitBy) String() string {
	s := "LimitBy"
	if n.Count != nil {
		s += " count=" + n.Count.String()
	}
	if n.Offset != nil {
		s += " offset=" + n.Offset.String()
	}
	return s + fmt.Sprintf(" keys=%v", n.Keys)
}
