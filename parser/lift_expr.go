package parser

import (
	"strings"

	tast "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/opcode"

	"volley/parser/ast"
)

func (l *lifter) exprs(list []tast.ExprNode) []ast.Expr {
	out := make([]ast.Expr, len(list))
	for i, n := range list {
		out[i] = l.expr(n)
	}
	return out
}

// expr lifts an expression.
func (l *lifter) expr(n tast.ExprNode) ast.Expr {
	switch n := n.(type) {
	case *value:
		return n.literal(l.at(n.OriginTextPosition()).position())
	case *tast.FuncCallExpr:
		return l.call(n)
	case *tast.ParenthesesExpr:
		return l.paren(n)
	case *paramMarker:
		if e, ok := l.sides[l.at(n.OriginTextPosition()).side].(ast.Expr); ok {
			return e // built by the front
		}
	case *tast.RowExpr:
		return &ast.Row{Pos: l.at(n.OriginTextPosition()).position(), Items: l.exprs(n.Values)}
	case *tast.SubqueryExpr:
		pos := l.at(n.OriginTextPosition()).position()
		return &ast.Subquery{Pos: pos, Kind: ast.Scalar, Query: l.query(n)}
	}
	l.fail("expression", n)
	return &ast.Literal{}
}

// paren lifts what the front wrote in parentheses: an operator, whose mark is at
// the "(", or a group.
func (l *lifter) paren(n *tast.ParenthesesExpr) ast.Expr {
	m := l.at(n.OriginTextPosition())
	pos := m.position()
	switch e := n.Expr.(type) {
	case *tast.BinaryOperationExpr:
		return l.binary(e, m)
	case *tast.UnaryOperationExpr:
		return &ast.Unary{Pos: pos, Op: unaryOps[e.Op], Arg: l.expr(e.V)}
	case *tast.IsNullExpr:
		return l.is(m, e.Expr)
	case *tast.IsTruthExpr:
		return l.is(m, e.Expr)
	case *tast.BetweenExpr:
		if b, ok := l.sides[m.side].(*ast.Between); ok {
			b.Pos, b.Arg, b.Low, b.High = pos, l.expr(e.Expr), l.expr(e.Left), l.expr(e.Right)
			return b
		}
	case *tast.PatternInExpr:
		if in, ok := l.sides[m.side].(*ast.In); ok {
			in.Pos, in.Arg = pos, l.expr(e.Expr)
			if e.Sel != nil {
				in.Query = l.query(e.Sel)
			} else {
				in.List = l.exprs(e.List)
			}
			return in
		}
	case *tast.ExistsSubqueryExpr:
		return &ast.Subquery{Pos: pos, Kind: ast.Exists, Query: l.query(e.Sel)}
	default:
		return l.expr(n.Expr)
	}
	l.fail("operator", n.Expr)
	return &ast.Literal{}
}

func (l *lifter) is(m mark, arg tast.ExprNode) ast.Expr {
	is, ok := l.sides[m.side].(*ast.Is)
	if !ok {
		l.fail("IS", arg)
		return &ast.Literal{}
	}
	is.Pos, is.Arg = m.position(), l.expr(arg)
	return is
}

// binary lifts a run of operators, which TiDB nests to the left, without
// recursion along it.
func (l *lifter) binary(n *tast.BinaryOperationExpr, m mark) ast.Expr {
	if d, ok := l.sides[m.side].(*ast.IsDistinct); ok {
		d.Pos, d.Left, d.Right = m.position(), l.expr(n.L), l.expr(n.R)
		return d
	}
	spine := []*tast.BinaryOperationExpr{n}
	for {
		left, ok := spine[len(spine)-1].L.(*tast.BinaryOperationExpr)
		if !ok {
			break
		}
		spine = append(spine, left)
	}
	ops, _ := l.sides[m.side].([]opAt)
	out := l.expr(spine[len(spine)-1].L)
	for i := range spine {
		e := spine[len(spine)-1-i]
		at := opAt{op: binaryOps[e.Op], pos: m.pos}
		if i < len(ops) {
			at = ops[i]
		}
		out = &ast.Binary{Pos: ast.Pos(at.pos), Op: at.op, Left: out, Right: l.expr(e.R)}
	}
	return out
}

// unaryOps and binaryOps are PostgreSQL's names of TiDB's operators.
var (
	unaryOps  = map[opcode.Op]string{opcode.Minus: "-", opcode.Plus: "+", opcode.Not: "not"}
	binaryOps = map[opcode.Op]string{
		opcode.LogicAnd: "and", opcode.LogicOr: "or",
		opcode.Plus: "+", opcode.Minus: "-", opcode.Mul: "*", opcode.Div: "/", opcode.Mod: "%",
		opcode.EQ: "=", opcode.NE: "<>", opcode.LT: "<", opcode.LE: "<=", opcode.GT: ">", opcode.GE: ">=",
	}
)

// call lifts a function call: of a user's function or of a marker.
func (l *lifter) call(n *tast.FuncCallExpr) ast.Expr {
	m := l.at(n.OriginTextPosition())
	side := l.sides[m.side]
	if strings.HasPrefix(n.FnName.O, userPrefix) {
		if info, ok := side.(*callInfo); ok {
			return l.userCall(info, m, n.Args)
		}
	} else if mk, ok := markerByName[n.FnName.O]; ok && markers[mk].lift != nil {
		return markers[mk].lift(m.position(), side, l.exprs(n.Args))
	}
	l.fail("call of "+n.FnName.O, n)
	return &ast.Literal{}
}

// userCall lifts a call laid out as callInfo says.
func (l *lifter) userCall(info *callInfo, m mark, args []tast.ExprNode) ast.Expr {
	c := &info.call
	c.Pos = m.position()
	if info.args > 0 {
		c.Args = make([]ast.Arg, info.args)
	}
	for i := range c.Args {
		c.Args[i].Value = l.expr(args[i])
		if i < len(info.argNames) {
			c.Args[i].Name = info.argNames[i]
		}
	}
	args = args[info.args:]
	for ; info.order > 0; info.order-- {
		c.OrderBy = append(c.OrderBy, l.sortItem(args[0]))
		args = args[1:]
	}
	for ; info.within > 0; info.within-- {
		c.WithinGroup = append(c.WithinGroup, l.sortItem(args[0]))
		args = args[1:]
	}
	if info.filter {
		c.Filter = l.expr(args[0])
		args = args[1:]
	}
	if info.window != nil {
		c.Over = info.window
		if carrier, ok := args[0].(*tast.WindowFuncExpr); ok {
			l.fillWindow(c.Over, &carrier.Spec)
		} else {
			l.fail("OVER", args[0])
		}
	}
	return c
}
