package logical

// Recursion is the identity of a recursive query.
type Recursion struct{ Name string }

// Recursive gives the rows of Initial and then, again and again until there are
// none, those of Step, whose WorkingTable has the rows of the round before.
// Unless All, rows that were given already are dropped from every round.
type Recursive struct {
	*Recursion
	Initial, Step Node
	All           bool
	Out           *Schema
}

// WorkingTable reads, within the Step of the recursion Of, the rows of the
// round before.
type WorkingTable struct {
	Of  *Recursion
	Out *Schema
}

func (*Recursive) node()    {}
func (*WorkingTable) node() {}

// Schema is that of both terms.
func (n *Recursive) Schema() *Schema { return n.Out }

// Schema is that of the recursion.
func (n *WorkingTable) Schema() *Schema { return n.Out }

// Inputs are the initial and the recursive term.
func (n *Recursive) Inputs() []Node { return []Node{n.Initial, n.Step} }

// Inputs is nil.
func (n *WorkingTable) Inputs() []Node { return nil }

// WithInputs is the same recursion of other terms.
func (n *Recursive) WithInputs(in []Node) Node {
	c := *n
	c.Initial, c.Step = in[0], in[1]
	return &c
}

// WithInputs is n itself.
func (n *WorkingTable) WithInputs([]Node) Node { return n }

// String is the name.
func (n *Recursive) String() string {
	if n.All {
		return "Recursive " + n.Name
	}
	return "Recursive distinct " + n.Name
}

// String is the recursion's name.
func (n *WorkingTable) String() string { return "WorkingTable " + n.Of.Name }
