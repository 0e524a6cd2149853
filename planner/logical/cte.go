package logical

// Shared is a plan that is computed once and read by every CTE that refers to
// it. It is the same object for all of them.
type Shared struct {
	Name string
	Plan Node
	Mode SharedMode
	// Outer: Plan has columns of a query around it.
	Outer bool
	// Optimized: the rules have been applied to Plan.
	Optimized bool
	// InPlace: it is to be read again and again by one task, not by several.
	InPlace bool
}

// SharedMode is what a query says about sharing an item of WITH.
type SharedMode uint8

// Modes of sharing: not said, NOT MATERIALIZED, MATERIALIZED.
const (
	SharedIfWorthwhile SharedMode = iota
	NeverShared
	AlwaysShared
)

// CTE reads a shared plan. It is a leaf: rules do not look into the plan, which
// has other readers.
type CTE struct{ Shared *Shared }

func (*CTE) node() {}

// Schema is the plan's.
func (n *CTE) Schema() *Schema { return n.Shared.Plan.Schema() }

// Inputs is nil.
func (n *CTE) Inputs() []Node { return nil }

// WithInputs is n itself.
func (n *CTE) WithInputs([]Node) Node { return n }

// String is the name.
func (n *CTE) String() string { return "CTE " + n.Shared.Name }
