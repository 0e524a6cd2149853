package physical

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
)

// PartitionTopN leaves out rows that come, by the first key of Order, after at least
// Count others with equal Keys; without Order, those that are read after them. It may
// let some of them pass. Rows keep their order. A row that passes has with it all the
// rows that come before it, unless it has Count of them.
type PartitionTopN struct {
	Input Node
	Keys  []expr.Expr
	Order []SortKey
	Count int64
}

func (*PartitionTopN) node() {}

// Schema is the input's.
func (n *PartitionTopN) Schema() *arrow.Schema { return n.Input.Schema() }

// Inputs is the input.
func (n *PartitionTopN) Inputs() []Node { return []Node{n.Input} }

// String is the count, the order and the keys.
func (n *PartitionTopN) String() string {
	s := fmt.Sprintf("PartitionTopN %d", n.Count)
	if len(n.Order) > 0 {
		s += " by " + sortKeys(n.Order[:1])
	}
	if len(n.Keys) > 0 {
		s += fmt.Sprintf(" keys=%v", n.Keys)
	}
	return s
}
