package physical

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
)

// Spool keeps the rows of Input for all Spools of the same ID in its fragment,
// each of which gives all of them. Just one of them has the Input; the others'
// is nil.
type Spool struct {
	ID    int
	Input Node
	Out   *arrow.Schema
}

func (*Spool) node() {}

// Schema is the input's.
func (n *Spool) Schema() *arrow.Schema { return n.Out }

// Inputs is the input, of the Spool that has it.
func (n *Spool) Inputs() []Node {
	if n.Input == nil {
		return nil
	}
	return []Node{n.Input}
}

// String is the number.
func (n *Spool) String() string {
	if n.Input == nil {
		return fmt.Sprintf("Spool #%d again", n.ID)
	}
	return fmt.Sprintf("Spool #%d", n.ID)
}

func (c *codec) spool(n *Spool) {
	c.int(&n.ID)
	present := n.Input != nil
	c.bool(&present)
	if present {
		c.node(&n.Input)
	}
	c.schema(&n.Out)
}
