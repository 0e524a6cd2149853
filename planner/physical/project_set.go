package physical

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
)

// ProjectSet calls table functions for each row of its input, in lockstep, and
// fills shorter calls up with NULLs. Output: the columns Keep of the input,
// those of each call, and with Ordinality the row's number within its input
// row, from 1. Outer gives one row of NULLs where all calls are empty.
type ProjectSet struct {
	Input      Node
	Keep       []int
	Calls      []SetCall
	Ordinality bool
	Outer      bool
	Out        *arrow.Schema
}

// SetCall is a call of a table function of the registry, whose columns are
// Columns.
type SetCall struct {
	Func    string
	Args    []expr.Expr
	Columns []arrow.Field
	Pos     int
}

func (*ProjectSet) node() {}

// Schema is the kept columns, then those of the calls.
func (n *ProjectSet) Schema() *arrow.Schema { return n.Out }

// Inputs is the input.
func (n *ProjectSet) Inputs() []Node { return []Node{n.Input} }

// String is the calls.
func (n *ProjectSet) String() string {
	parts := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		parts[i] = c.Func + "(" + list(c.Args) + ")"
	}
	s := "ProjectSet " + strings.Join(parts, ", ")
	if n.Ordinality {
		s += " with ordinality"
	}
	if n.Outer {
		s += " outer"
	}
	return s
}

func (c *codec) projectSet(n *ProjectSet) {
	c.node(&n.Input)
	slice(c, &n.Keep, c.int)
	slice(c, &n.Calls, func(s *SetCall) {
		c.string(&s.Func)
		c.exprs(&s.Args)
		slice(c, &s.Columns, c.field)
		c.int(&s.Pos)
	})
	c.bool(&n.Ordinality)
	c.bool(&n.Outer)
	c.schema(&n.Out)
	if c.err == nil && !c.writing && !n.consistent() {
		c.corrupt()
	}
}

// consistent tells whether the schema fits the rest, as exec takes for granted.
func (n *ProjectSet) consistent() bool {
	width := len(n.Keep)
	for _, s := range n.Calls {
		width += len(s.Columns)
	}
	if n.Ordinality {
		width++
	}
	if n.Out == nil || n.Input == nil || width != n.Out.NumFields() {
		return false
	}
	for _, k := range n.Keep {
		if k < 0 || k >= n.Input.Schema().NumFields() {
			return false
		}
	}
	return true
}
