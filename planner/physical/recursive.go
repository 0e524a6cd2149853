package physical

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
)

// Recursive gives the rows of Initial and then, round after round until one has
// none, those of Step, in which the WorkingTable of the same ID has the rows of
// the round before. Unless All, rows given before are dropped.
type Recursive struct {
	ID            int
	Initial, Step Node
	All           bool
	Out           *arrow.Schema
}

// WorkingTable reads the rows of the round before of a Recursive around it.
type WorkingTable struct {
	ID  int
	Out *arrow.Schema
}

func (*Recursive) node()    {}
func (*WorkingTable) node() {}

// Schema is that of both terms.
func (n *Recursive) Schema() *arrow.Schema { return n.Out }

// Schema is that of the recursion.
func (n *WorkingTable) Schema() *arrow.Schema { return n.Out }

// Inputs are the initial and the recursive term.
func (n *Recursive) Inputs() []Node { return []Node{n.Initial, n.Step} }

// Inputs is nil.
func (n *WorkingTable) Inputs() []Node { return nil }

// String is the number and whether rows are distinct.
func (n *Recursive) String() string {
	if n.All {
		return fmt.Sprintf("Recursive #%d", n.ID)
	}
	return fmt.Sprintf("Recursive distinct #%d", n.ID)
}

// String is the number of the recursion.
func (n *WorkingTable) String() string { return fmt.Sprintf("WorkingTable #%d", n.ID) }
