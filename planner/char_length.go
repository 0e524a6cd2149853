package planner

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// charLength says what a text expression or column is as a char: positive is the
// n of char(n), else one of the following.
type charLength int32

const (
	notChar charLength = 0
	// mixedChar: values of chars of several lengths, each of which keeps its own.
	mixedChar charLength = -1
	// anyChar is NULL, which goes with everything.
	anyChar charLength = -2
	// bareChar is a literal: a char without a length if what it meets is a char.
	bareChar charLength = -3
	// plainVarchar is a varchar without a length; that of n characters is n less.
	plainVarchar charLength = -16
	// anyBits is less than any varchar: a bit(n) or bit varying(n) is n less.
	anyBits charLength = -1 << 28
)

// varcharOf is varchar(n), or varchar where n is 0.
func varcharOf(n int32) charLength { return plainVarchar - charLength(n) }

// isVarchar tells whether the type is varchar, with or without a length.
func (c charLength) isVarchar() bool { return c <= plainVarchar && c > anyBits }

// isBits tells whether the type is bit(n) or bit varying(n).
func (c charLength) isBits() bool { return c < anyBits }

// typeName is the SQL name of a column's type, "" where it is text.
func (c charLength) typeName() string {
	switch {
	case c.isChar():
		return "character"
	case c.isVarchar():
		return "character varying"
	}
	return ""
}

// field is f with the length of its type.
func (c charLength) field(f arrow.Field) arrow.Field {
	switch {
	case c.isBits():
		return sqltype.BitField(f, int32(anyBits-c))
	case c.isVarchar():
		return sqltype.VarcharField(f, int32(plainVarchar-c))
	case c == mixedChar:
		return sqltype.BpcharField(f)
	}
	return sqltype.CharField(f, int32(c))
}

// isChar tells whether the values belong to char(n).
func (c charLength) isChar() bool { return c > 0 || c == mixedChar }

// meet is what a column is that has the values of both: as in PostgreSQL, the
// first type that is known decides.
func (c charLength) meet(d charLength) charLength {
	switch {
	case c == d, d == anyChar:
		return c
	case c == anyChar:
		return d
	case c.isBits(), d.isBits():
		return notChar
	case c == bareChar && !d.isChar() && !d.isVarchar(), c == notChar:
		return notChar
	case c == bareChar && d.isVarchar(), c.isVarchar():
		return plainVarchar
	}
	return mixedChar
}

// anyLength is the length in the cast to a varchar without one.
const anyLength = math.MaxInt32

// charLengths finds out which columns of plans are chars. The type of text in a
// plan has no length: that of a column follows from where its values are from.
type charLengths map[outputColumn]charLength

// outputColumn is a column that a node gives.
type outputColumn struct {
	node logical.Node
	at   int
}

// column is that of column i of a node's output, or of outer column i.
func (m charLengths) column(n logical.Node, i int) charLength {
	if i >= outerBase {
		return m[outputColumn{at: i}]
	}
	s := n.Schema()
	if i < 0 || i >= s.NumFields() || !hasLength(s.Field(i).Type) {
		return notChar
	}
	at := outputColumn{n, i}
	c, known := m[at]
	if !known {
		m[at] = notChar // where a plan is its own input
		c = m.trace(n, i)
		m[at] = c
	}
	return c
}

// hasLength tells whether columns of type t may have a length beside it.
func hasLength(t arrow.DataType) bool {
	return sqltype.IsString(t) || sqltype.IsBits(sqltype.ElementType(t))
}

func (m charLengths) trace(n logical.Node, i int) charLength {
	switch n := n.(type) {
	case *logical.Scan:
		if length := sqltype.BitLength(n.Out.Field(i)); length > 0 {
			return anyBits - charLength(length)
		}
		if length, ok := sqltype.Varchar(n.Out.Field(i)); ok {
			return varcharOf(length)
		}
		return charLength(sqltype.CharLength(n.Out.Field(i)))
	case *logical.Values:
		return m.meeting(len(n.Rows), func(r int) charLength { return m.expr(n.Rows[r][i], nil) })
	case *logical.Project:
		return m.expr(n.Exprs[i], n.Input)
	case *logical.Aggregate:
		if i < len(n.Keys) {
			return m.expr(n.Keys[i], n.Input)
		}
		if !sqltype.IsString(n.Out.Field(i).Type) {
			return notChar
		}
		switch a := n.Aggs[i-len(n.Keys)]; a.Func {
		case "min", "max": // which PostgreSQL has of char, but not of varchar
			return m.expr(a.Args[0], n.Input).asChar()
		case "first", "mode":
			return m.expr(a.Args[0], n.Input)
		}
	case *logical.Window:
		return m.window(n, i)
	case *logical.Join:
		if l := n.Left.Schema().NumFields(); i >= l {
			return m.column(n.Right, i-l)
		}
		return m.column(n.Left, i)
	case *logical.Union:
		return m.meeting(len(n.Parts), func(p int) charLength { return m.column(n.Parts[p], i) })
	case *logical.Expand:
		return m.meeting(len(n.Sets), func(s int) charLength { return m.expr(n.Sets[s][i], n.Input) })
	case *logical.ProjectSet:
		if i < len(n.Keep) {
			return m.column(n.Input, n.Keep[i])
		}
	case *logical.CTE:
		return m.column(n.Shared.Plan, i)
	case *logical.Recursive:
		return m.column(n.Initial, i)
	case *logical.Filter, *logical.Sort, *logical.Limit, *logical.LimitBy, *logical.DistinctOn, *logical.Sample, *logical.Repeat:
		return m.column(n.Inputs()[0], i)
	}
	return notChar
}

func (m charLengths) window(n *logical.Window, i int) charLength {
	width := n.Input.Schema().NumFields()
	if i < width {
		return m.column(n.Input, i)
	}
	if !sqltype.IsString(n.Schema().Field(i).Type) {
		return notChar // PostgreSQL has no length for the result of a call
	}
	switch c := n.Calls[i-width]; c.Func {
	case "min", "max":
		return m.expr(c.Args[0], n.Input).asChar()
	case "first_value", "last_value", "nth_value":
		return m.expr(c.Args[0], n.Input)
	case "lag", "lead":
		if len(c.Args) > 2 {
			return m.expr(c.Args[0], n.Input).meet(m.expr(c.Args[2], n.Input))
		}
		return m.expr(c.Args[0], n.Input)
	}
	return notChar
}

// asChar is text for a varchar, else the same.
func (c charLength) asChar() charLength {
	if c.isVarchar() {
		return notChar
	}
	return c
}

// meeting is what n operands are together.
func (m charLengths) meeting(n int, each func(int) charLength) charLength {
	c := anyChar
	for i := 0; i < n && c != notChar; i++ {
		c = c.meet(each(i))
	}
	return c
}

// expr is that of an expression over the output of a node, which may be nil.
func (m charLengths) expr(e expr.Expr, in logical.Node) charLength {
	return lengthOf(e, func(c *expr.Column) charLength {
		if in == nil && c.Index < outerBase {
			return notChar
		}
		return m.column(in, c.Index)
	})
}

// lengthOf is that of an expression over columns of which it is known.
func lengthOf(e expr.Expr, column func(*expr.Column) charLength) charLength {
	switch x := e.(type) {
	case *expr.Column:
		return column(x)
	case *expr.Literal:
		if x.Value.IsNull(0) {
			return anyChar
		}
		if _, ok := x.Value.(*array.String); ok {
			return bareChar
		}
	case *untyped:
		if x.null {
			return anyChar
		}
		return bareChar
	case *expr.Cast:
		switch {
		case x.VarcharLen > 0 && sqltype.IsBits(sqltype.ElementType(x.Type)):
			return anyBits - charLength(x.VarcharLen)
		case x.VarcharLen == 0 || x.Type.ID() != sqltype.Text.ID():
		case x.Pad:
			return charLength(x.VarcharLen)
		case x.VarcharLen == anyLength:
			return plainVarchar
		default:
			return varcharOf(x.VarcharLen)
		}
	case *expr.Case:
		c := lengthOf(x.Else, column) // which comes first in PostgreSQL, too
		for _, w := range x.Whens {
			c = c.meet(lengthOf(w.Then, column))
		}
		return c
	case *expr.Coalesce:
		return lengthOfAll(x.Args, column)
	case *expr.Call:
		switch x.Func {
		case "greatest", "least":
			return lengthOfAll(x.Args, column)
		case singleRowFunc:
			return lengthOf(x.Args[0], column)
		}
	}
	return notChar
}

func lengthOfAll(list []expr.Expr, column func(*expr.Column) charLength) charLength {
	c := anyChar
	for _, e := range list {
		c = c.meet(lengthOf(e, column))
	}
	return c
}
