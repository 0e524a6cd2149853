package logical

import (
	"volley/planner/expr"
)

// LimitBy skips, of the rows of each group of equal Keys, the first Offset and
// gives at most Count; NULL keys are equal. Count and Offset are bigint
// expressions over the input, the same for all rows of a group, nil or NULL for
// none. Without Keys all rows are one group. Rows keep their order within a
// group.
type LimitBy struct {
	Input         Node
	Keys          []expr.Expr
	Count, Offset expr.Expr
}

func (*LimitBy) node() {}

// Schema is the input's.
func (n *LimitBy) Schema() *Schema { return n.Input.Schema() }

// Inputs is the limited input.
func (n *LimitBy) Inputs() []Node { return []Node{n.Input} }

// WithInputs is the same limit of another input.
func (n *LimitBy) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// String is the count, the offset and the keys.
func (n *LimitBy) String() string {
	s := "Limit"
	if n.Count != nil {
		s += " " + n.Count.String()
	}
	if n.Offset != nil {
		s += " offset " + n.Offset.String()
	}
	return s + " by [" + list(n.Keys) + "]"
}
