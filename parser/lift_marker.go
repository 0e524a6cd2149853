package parser

import (
	tast "github.com/pingcap/tidb/pkg/parser/ast"

	"volley/parser/ast"
)

// The lifts of the table in marker.go. Each takes the template that the front
// left as side data and fills in position and operands.

func liftNumber(_ *lifter, m mark, _ any, args []tast.ExprNode) ast.Expr {
	return &ast.Literal{Pos: m.position(), Kind: ast.Decimal, Text: textOf(args[0])}
}

func liftBits(_ *lifter, m mark, _ any, args []tast.ExprNode) ast.Expr {
	return &ast.Literal{Pos: m.position(), Kind: ast.Bits, Text: textOf(args[0])}
}

func liftDefault(_ *lifter, m mark, _ any, _ []tast.ExprNode) ast.Expr {
	return &ast.Literal{Pos: m.position(), Kind: ast.Default}
}

// textOf is the value of a string literal.
func textOf(n tast.ExprNode) string {
	if v, ok := n.(*value); ok {
		return v.GetString()
	}
	return ""
}

func liftTyped(_ *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.TypedLiteral)
	n.Pos, n.Text = m.position(), textOf(args[0])
	return n
}

func liftColumn(_ *lifter, m mark, side any, _ []tast.ExprNode) ast.Expr {
	return &ast.Column{Pos: m.position(), Parts: side.([]string)}
}

func liftStar(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.Star)
	n.Pos = m.position()
	for i := range n.Replace {
		n.Replace[i].Expr = l.expr(args[i])
	}
	return n
}

func liftPrefix(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.Unary)
	n.Pos, n.Arg = m.position(), l.expr(args[0])
	return n
}

func liftOp(l *lifter, _ mark, side any, args []tast.ExprNode) ast.Expr {
	out := l.expr(args[0])
	for i, at := range side.([]opAt) {
		right := l.expr(args[i+1])
		if at.op == "overlaps" {
			out = overlaps(at, out, right)
			continue
		}
		out = &ast.Binary{Pos: ast.Pos(at.pos), Op: at.op, Schema: at.schema, Left: out, Right: right}
	}
	return out
}

// overlaps makes (a, b) OVERLAPS (c, d) the call overlaps(a, b, c, d).
func overlaps(at opAt, left, right ast.Expr) ast.Expr {
	pos := ast.Pos(at.pos)
	call := &ast.Call{Pos: pos, Name: ast.QName{Pos: pos, Parts: []string{"overlaps"}}}
	for _, side := range []ast.Expr{left, right} {
		items := []ast.Expr{side}
		if row, ok := side.(*ast.Row); ok {
			items = row.Items
		}
		for _, e := range items {
			call.Args = append(call.Args, ast.Arg{Value: e})
		}
	}
	return call
}

// liftLogic makes a long AND or OR a balanced tree: both are associative, and a
// tree as deep as the text is long would burden every walk over it.
func liftLogic(l *lifter, _ mark, side any, args []tast.ExprNode) ast.Expr {
	return balance(l.exprs(args), side.([]opAt))
}

func balance(terms []ast.Expr, ops []opAt) ast.Expr {
	if len(terms) == 1 {
		return terms[0]
	}
	mid := len(terms) / 2
	at := ops[mid-1]
	return &ast.Binary{
		Pos: ast.Pos(at.pos), Op: at.op,
		Left: balance(terms[:mid], ops[:mid-1]), Right: balance(terms[mid:], ops[mid:]),
	}
}

func liftLike(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.Like)
	n.Pos, n.Arg, n.Match = m.position(), l.expr(args[0]), l.expr(args[1])
	if len(args) > 2 {
		n.Escape = l.expr(args[2])
	}
	return n
}

func liftIs(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.Is)
	n.Pos, n.Arg = m.position(), l.expr(args[0])
	return n
}

func liftQuantified(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.Quantified)
	n.Pos, n.Left = m.position(), l.expr(args[0])
	right := l.expr(args[1])
	if sub, ok := right.(*ast.Subquery); ok && sub.Kind == ast.Scalar {
		n.Query = sub.Query
	} else {
		n.Array = right
	}
	return n
}

func liftCast(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.Cast)
	n.Pos, n.Arg = m.position(), l.expr(args[0])
	return n
}

func liftRow(l *lifter, m mark, _ any, args []tast.ExprNode) ast.Expr {
	return &ast.Row{Pos: m.position(), Items: l.exprs(args)}
}

func liftArray(l *lifter, m mark, _ any, args []tast.ExprNode) ast.Expr {
	return &ast.Array{Pos: m.position(), Items: l.exprs(args)}
}

func liftArrayOf(l *lifter, m mark, _ any, args []tast.ExprNode) ast.Expr {
	return &ast.Subquery{Pos: m.position(), Kind: ast.ArrayOf, Query: l.query(unparen(args[0]))}
}

func liftStruct(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.StructLit)
	n.Pos, n.Values = m.position(), l.exprs(args)
	return n
}

func liftSubscript(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.Subscript)
	n.Pos, n.Arg = m.position(), l.expr(args[0])
	if n.Low != nil {
		n.Low = l.expr(args[1])
	}
	if n.High != nil {
		n.High = l.expr(args[2])
	}
	return n
}

func liftField(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.Field)
	n.Pos, n.Arg = m.position(), l.expr(args[0])
	return n
}

func liftCollate(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.Collate)
	n.Pos, n.Arg = m.position(), l.expr(args[0])
	return n
}

func liftGrouping(l *lifter, m mark, side any, args []tast.ExprNode) ast.Expr {
	n := side.(*ast.Grouping)
	n.Pos, n.Sets = m.position(), l.exprs(args)
	return n
}
