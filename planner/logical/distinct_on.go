package logical

import "fmt"

// DistinctOn orders rows by Keys, stably, and gives the first row of each run
// that is equal in the first Groups of them.
type DistinctOn struct {
	Input  Node
	Keys   []SortKey
	Groups int
}

func (*DistinctOn) node() {}

// Schema is the input's.
func (n *DistinctOn) Schema() *Schema { return n.Input.Schema() }

// Inputs is the one input.
func (n *DistinctOn) Inputs() []Node { return []Node{n.Input} }

// WithInputs is the same choice among other rows.
func (n *DistinctOn) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// String is the keys and how many of them make a group.
func (n *DistinctOn) String() string {
	return fmt.Sprintf("DistinctOn %d of ", n.Groups) + (&Sort{Keys: n.Keys}).String()[len("Sort "):]
}
