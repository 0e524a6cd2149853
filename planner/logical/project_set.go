package logical

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/sqltype"
)

// ProjectSet calls table functions for each row of its input, in lockstep: the
// n-th rows of all calls stand side by side, and calls with fewer rows than the
// longest are filled up with NULLs. Output: the kept columns of the input, the
// columns of each call, and with Ordinality the number of the row within its
// input row. Outer gives one row of NULLs for an input row without results.
type ProjectSet struct {
	Input      Node
	Keep       []int // input columns, in order
	Calls      []SetCall
	Ordinality bool
	Outer      bool
	Out        *Schema
}

// SetCall is one call of a table function over the input's columns.
type SetCall struct {
	Func    string
	Args    []expr.Expr
	Columns []arrow.Field
	Pos     int
}

// String is f(args).
func (c SetCall) String() string { return c.Func + "(" + list(c.Args) + ")" }

// NewProjectSet keeps all columns of the input.
func NewProjectSet(input Node, calls []SetCall, ordinality bool) *ProjectSet {
	keep := make([]int, input.Schema().NumFields())
	for i := range keep {
		keep[i] = i
	}
	return (&ProjectSet{Input: input, Keep: keep, Calls: calls, Ordinality: ordinality}).WithSchema()
}

// WithSchema is n with the schema that its other fields ask for.
func (n *ProjectSet) WithSchema() *ProjectSet {
	in := n.Input.Schema()
	fields := make([]arrow.Field, 0, len(n.Keep)+len(n.Calls)+1)
	for _, k := range n.Keep {
		fields = append(fields, in.Field(k))
	}
	for _, c := range n.Calls {
		for _, f := range c.Columns {
			name := f.Name
			if name == "" {
				name = c.Func
			}
			fields = append(fields, arrow.Field{Name: name, Type: f.Type, Nullable: true})
		}
	}
	if n.Ordinality {
		fields = append(fields, arrow.Field{Name: "ordinality", Type: sqltype.Int64, Nullable: true})
	}
	n.Out = NewSchema(fields)
	return n
}

func (*ProjectSet) node() {}

// Schema is the kept columns, then those of the calls.
func (n *ProjectSet) Schema() *Schema { return n.Out }

// Inputs is the input.
func (n *ProjectSet) Inputs() []Node { return []Node{n.Input} }

// WithInputs is the same calls over another input.
func (n *ProjectSet) WithInputs(in []Node) Node { c := *n; c.Input = in[0]; return &c }

// String is the calls.
func (n *ProjectSet) String() string {
	s := "ProjectSet " + columns(len(n.Calls), func(i int) string { return n.Calls[i].String() })
	if n.Ordinality {
		s += " with ordinality"
	}
	if n.Outer {
		s += " outer"
	}
	if len(n.Keep) > 0 {
		s += fmt.Sprintf(" keep %v", n.Keep)
	}
	return s
}

// mapped is n with f applied to the arguments.
func (n *ProjectSet) mapped(f func([]expr.Expr) []expr.Expr) *ProjectSet {
	c := *n
	c.Calls = append([]SetCall(nil), n.Calls...)
	for i := range c.Calls {
		c.Calls[i].Args = f(c.Calls[i].Args)
	}
	return &c
}
