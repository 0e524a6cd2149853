package parser

import "volley/parser/ast"

// The lifts of the table in marker.go. Each takes the template that the front
// left as side data and fills in position and operands.

func liftStar(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Star)
	n.Pos = pos
	for i := range n.Replace {
		n.Replace[i].Expr = args[i]
	}
	return n
}

func liftPrefix(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Unary)
	n.Pos, n.Arg = pos, args[0]
	return n
}

func liftOp(_ ast.Pos, side any, args []ast.Expr) ast.Expr {
	out := args[0]
	for i, at := range side.([]opAt) {
		right := args[i+1]
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
func liftLogic(_ ast.Pos, side any, args []ast.Expr) ast.Expr {
	return balance(args, side.([]opAt))
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

func liftLike(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Like)
	n.Pos, n.Arg, n.Match = pos, args[0], args[1]
	if len(args) > 2 {
		n.Escape = args[2]
	}
	return n
}

func liftIs(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Is)
	n.Pos, n.Arg = pos, args[0]
	return n
}

func liftQuantified(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Quantified)
	n.Pos, n.Left = pos, args[0]
	right := args[1]
	if sub, ok := right.(*ast.Subquery); ok && sub.Kind == ast.Scalar {
		n.Query = sub.Query
	} else {
		n.Array = right
	}
	return n
}

func liftCase(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Case)
	n.Pos = pos
	if n.Arg != nil {
		n.Arg, args = args[0], args[1:]
	}
	for i := range n.Whens {
		n.Whens[i] = ast.When{Cond: args[2*i], Then: args[2*i+1]}
	}
	if n.Else != nil {
		n.Else = args[len(args)-1]
	}
	return n
}

func liftCast(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Cast)
	n.Pos, n.Arg = pos, args[0]
	return n
}

func liftRow(pos ast.Pos, _ any, args []ast.Expr) ast.Expr {
	return &ast.Row{Pos: pos, Items: args}
}

func liftArray(pos ast.Pos, _ any, args []ast.Expr) ast.Expr {
	return &ast.Array{Pos: pos, Items: args}
}

func liftArrayOf(pos ast.Pos, _ any, args []ast.Expr) ast.Expr {
	return &ast.Subquery{Pos: pos, Kind: ast.ArrayOf, Query: queryOf(args[0])}
}

// queryOf is the query of a subquery.
func queryOf(e ast.Expr) *ast.Query {
	if sub, ok := e.(*ast.Subquery); ok {
		return sub.Query
	}
	return nil
}

func liftStruct(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.StructLit)
	n.Pos, n.Values = pos, args
	return n
}

func liftSubscript(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Subscript)
	n.Pos, n.Arg = pos, args[0]
	if n.Low != nil {
		n.Low = args[1]
	}
	if n.High != nil {
		n.High = args[2]
	}
	return n
}

func liftField(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Field)
	n.Pos, n.Arg = pos, args[0]
	return n
}

func liftCollate(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Collate)
	n.Pos, n.Arg = pos, args[0]
	return n
}

func liftGrouping(pos ast.Pos, side any, args []ast.Expr) ast.Expr {
	n := side.(*ast.Grouping)
	n.Pos, n.Sets = pos, args
	return n
}
