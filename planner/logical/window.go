package logical

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
)

// Window adds a column for each call to its input's: the results of functions
// over frames of the rows that have equal PartitionBy values, in the order of
// OrderBy. Rows come out partition by partition in that order.
//
// With First > 0, only the rows with fewer than First others before them that are
// not their peers are wanted of each partition; others may be left out, or given
// with any results.
type Window struct {
	Input       Node
	PartitionBy []expr.Expr
	OrderBy     []SortKey
	Calls       []WindowCall
	First       int64 // 0: all rows
	Out         *Schema
}

// WindowCall is one window function; an aggregate if Aggregate is set.
type WindowCall struct {
	Func      string
	Aggregate bool
	Args      []expr.Expr
	Filter    expr.Expr // aggregates only; nil for none
	Frame     expr.Frame
	Type      arrow.DataType
	Pos       int
}

// NewWindow computes calls over one window.
func NewWindow(input Node, partitionBy []expr.Expr, orderBy []SortKey, calls []WindowCall) *Window {
	return (&Window{Input: input, PartitionBy: partitionBy, OrderBy: orderBy, Calls: calls}).withSchema()
}

func (n *Window) withSchema() *Window {
	fields := make([]arrow.Field, len(n.Calls))
	for i, c := range n.Calls {
		fields[i] = arrow.Field{Name: c.Func, Type: c.Type, Nullable: true}
	}
	n.Out = n.Input.Schema().With(fields...)
	return n
}

func (*Window) node() {}

// Schema is the input's columns, then one for each call.
func (n *Window) Schema() *Schema { return n.Out }

// Inputs is the input.
func (n *Window) Inputs() []Node { return []Node{n.Input} }

// WithInputs is the same window over another input.
func (n *Window) WithInputs(in []Node) Node {
	c := *n
	c.Input = in[0]
	return c.withSchema()
}

// mapExprs is n with f applied to each of its own expressions.
func (n *Window) mapExprs(f func(expr.Expr) expr.Expr) *Window {
	c := *n
	c.PartitionBy = make([]expr.Expr, len(n.PartitionBy))
	for i, e := range n.PartitionBy {
		c.PartitionBy[i] = f(e)
	}
	c.OrderBy = make([]SortKey, len(n.OrderBy))
	for i, k := range n.OrderBy {
		c.OrderBy[i] = SortKey{f(k.Expr), k.Desc, k.NullsFirst}
	}
	c.Calls = make([]WindowCall, len(n.Calls))
	for i, call := range n.Calls {
		c.Calls[i] = call.Map(f)
	}
	return &c
}

// Map is the call with f applied to each of its expressions.
func (c WindowCall) Map(f func(expr.Expr) expr.Expr) WindowCall {
	args := make([]expr.Expr, len(c.Args))
	for i, a := range c.Args {
		args[i] = f(a)
	}
	c.Args = args
	if c.Filter != nil {
		c.Filter = f(c.Filter)
	}
	c.Frame = c.Frame.Map(f)
	return c
}

// String is the window and the calls.
func (n *Window) String() string {
	s := "Window"
	if len(n.PartitionBy) > 0 {
		s += " partition by [" + list(n.PartitionBy) + "]"
	}
	if len(n.OrderBy) > 0 {
		s += " order by " + columns(len(n.OrderBy), func(i int) string {
			if n.OrderBy[i].Desc {
				return n.OrderBy[i].Expr.String() + " DESC"
			}
			return n.OrderBy[i].Expr.String()
		})
	}
	if n.First > 0 {
		s += fmt.Sprintf(" first %d", n.First)
	}
	return s + " compute " + columns(len(n.Calls), func(i int) string { return n.Calls[i].String() })
}

// String is the call and its frame.
func (c WindowCall) String() string {
	var b strings.Builder
	b.WriteString(c.Func + "(" + list(c.Args))
	if c.Aggregate && len(c.Args) == 0 {
		b.WriteString("*")
	}
	b.WriteString(")")
	if c.Filter != nil {
		b.WriteString(" FILTER " + c.Filter.String())
	}
	return b.String() + " " + c.Frame.String()
}
