package physical

import "github.com/apache/arrow/go/v15/arrow"

// Unique gives the first row of each run of rows that are equal in Keys, by
// which its input is ordered.
type Unique struct {
	Input Node
	Keys  []SortKey
}

func (*Unique) node() {}

// Schema is the input's.
func (n *Unique) Schema() *arrow.Schema { return n.Input.Schema() }

// Inputs is the ordered input.
func (n *Unique) Inputs() []Node { return []Node{n.Input} }

// String is the keys.
func (n *Unique) String() string { return "Unique by " + sortKeys(n.Keys) }
