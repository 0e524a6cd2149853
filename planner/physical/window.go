package physical

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
)

// Window adds a column for each call to its input's. The input is sorted by
// PartitionBy and then by OrderBy: rows of equal PartitionBy values follow one
// another, and within them the rows of equal OrderBy values.
type Window struct {
	Input       Node
	PartitionBy []expr.Expr
	OrderBy     []SortKey
	Calls       []WindowCall
	Out         *arrow.Schema
}

// WindowCall is one window function over frames of its partition; ArgTypes are
// as in AggCall, by which the registry finds an aggregate.
type WindowCall struct {
	Func      string
	Aggregate bool
	Args      []expr.Expr
	ArgTypes  []arrow.DataType
	Filter    expr.Expr // aggregates only; nil for none
	Frame     expr.Frame
	Type      arrow.DataType
	Pos       int
}

func (*Window) node() {}

// Schema is the input's columns, then one for each call.
func (n *Window) Schema() *arrow.Schema { return n.Out }

// Inputs is the sorted input.
func (n *Window) Inputs() []Node { return []Node{n.Input} }

// String is the partition, the order and the calls.
func (n *Window) String() string {
	s := "Window"
	if len(n.PartitionBy) > 0 {
		s += " partition by " + list(n.PartitionBy)
	}
	if len(n.OrderBy) > 0 {
		s += " order by " + sortKeys(n.OrderBy)
	}
	parts := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		parts[i] = c.String()
	}
	return s + " compute [" + strings.Join(parts, ", ") + "]"
}

// String is f(args) FILTER (WHERE …) and the frame unless it is the default.
func (c WindowCall) String() string {
	var b strings.Builder
	b.WriteString(c.Func + "(" + list(c.Args))
	if c.Aggregate && len(c.Args) == 0 {
		b.WriteString("*")
	}
	b.WriteString(")")
	if c.Filter != nil {
		fmt.Fprintf(&b, " FILTER (WHERE %s)", c.Filter)
	}
	if !c.Frame.Equal(expr.DefaultFrame()) {
		b.WriteString(" " + c.Frame.String())
	}
	return b.String()
}

func (c *codec) window(n *Window) {
	c.node(&n.Input)
	c.exprs(&n.PartitionBy)
	slice(c, &n.OrderBy, c.sortKey)
	slice(c, &n.Calls, c.windowCall)
	c.schema(&n.Out)
}

func (c *codec) windowCall(w *WindowCall) {
	c.string(&w.Func)
	c.bool(&w.Aggregate)
	c.exprs(&w.Args)
	slice(c, &w.ArgTypes, c.dataType)
	c.optional(&w.Filter)
	enum(c, &w.Frame.Unit, expr.Groups+1)
	c.bound(&w.Frame.Start)
	c.bound(&w.Frame.End)
	enum(c, &w.Frame.Exclude, expr.ExcludeTies+1)
	c.dataType(&w.Type)
	c.int(&w.Pos)
}

func (c *codec) bound(b *expr.Bound) {
	enum(c, &b.Kind, expr.UnboundedFollowing+1)
	c.optional(&b.Offset)
	if (b.Kind == expr.Preceding || b.Kind == expr.Following) != (b.Offset != nil) {
		c.corrupt()
	}
}
