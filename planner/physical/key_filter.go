package physical

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
)

// KeyFilter leaves out rows that a join above it will not need (a runtime filter,
// or semi-join reduction): those whose columns Keys are not, in the same row of
// From, in the columns FromKeys. It is a hint: where From is too large, or nearly
// all rows are found, it lets all of them pass. Rows with a NULL key are left out.
type KeyFilter struct {
	Input Node
	// From is an ExchangeSource with Broadcast.
	From           Node
	Keys, FromKeys []int
	// Early: Input is a scan that need not look at the rows that are left out, since
	// its filter cannot fail.
	Early bool
}

func (*KeyFilter) node() {}

// Schema is the input's.
func (n *KeyFilter) Schema() *arrow.Schema { return n.Input.Schema() }

// Inputs are the filtered input and the rows with the keys.
func (n *KeyFilter) Inputs() []Node { return []Node{n.Input, n.From} }

// String is the pairs of columns.
func (n *KeyFilter) String() string { return "KeyFilter " + n.pairs() }

func (n *KeyFilter) pairs() string {
	in, from := n.Input.Schema(), n.From.Schema()
	parts := make([]string, len(n.Keys))
	for i := range n.Keys {
		parts[i] = in.Field(n.Keys[i]).Name + " = " + from.Field(n.FromKeys[i]).Name
	}
	return strings.Join(parts, " AND ")
}

// valid tells whether every ordinal is one of a column.
func (n *KeyFilter) valid() bool {
	if len(n.Keys) == 0 || len(n.Keys) != len(n.FromKeys) {
		return false
	}
	in, from := n.Input.Schema().NumFields(), n.From.Schema().NumFields()
	for i := range n.Keys {
		if n.Keys[i] < 0 || n.Keys[i] >= in || n.FromKeys[i] < 0 || n.FromKeys[i] >= from {
			return false
		}
	}
	return true
}

func (c *codec) keyFilter(n *KeyFilter) {
	c.node(&n.Input)
	c.node(&n.From)
	slice(c, &n.Keys, c.int)
	slice(c, &n.FromKeys, c.int)
	c.bool(&n.Early)
	if !c.writing && c.err == nil && !n.valid() {
		c.corrupt()
	}
}
