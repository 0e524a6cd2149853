package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// padded is a query whose columns of char(n) have the blanks with which they are
// shown. Inside of plans char(n) has none, so that it is compared, hashed and
// sorted as text is.
func (b *binder) padded(rel relation) relation {
	lengths := make([]charLength, len(rel.names))
	some := false
	for i := range lengths {
		lengths[i] = b.chars.column(rel.node, i)
		some = some || lengths[i].isChar()
	}
	if !some {
		return rel
	}
	rel.node = b.padMixed(rel.node, lengths)
	exprs, in := columnsOf(rel.node), rel.node
	if p, ok := rel.node.(*logical.Project); ok {
		exprs, in = append(exprs[:0], p.Exprs...), p.Input
	}
	for i, e := range exprs {
		if lengths[i] > 0 {
			exprs[i] = padTo(e, lengths[i])
		}
	}
	return relation{logical.NewProject(in, exprs, rel.names), rel.names}
}

// padMixed pads, where they come from, the mixed columns of n: those whose values
// have lengths of their own. Above grouping they stay as they are.
func (b *binder) padMixed(n logical.Node, lengths []charLength) logical.Node {
	if !slices.Contains(lengths, mixedChar) {
		return n
	}
	switch n := n.(type) {
	case *logical.Sort, *logical.Limit:
		below := n.WithInputs([]logical.Node{b.padMixed(n.Inputs()[0], lengths)})
		return logical.MapExprs(below, func(e expr.Expr) expr.Expr { return expr.Transform(e, unpadded(lengths)) })
	case *logical.Project:
		return b.padProject(n, lengths)
	case *logical.Union:
		parts := make([]logical.Node, len(n.Parts))
		for p, part := range n.Parts {
			parts[p] = b.padPart(part, lengths)
		}
		return n.WithInputs(parts)
	case *logical.Values:
		c := *n
		c.Rows = make([][]expr.Expr, len(n.Rows))
		for r, row := range n.Rows {
			c.Rows[r] = slices.Clone(row)
			for i, e := range row {
				if lengths[i] == mixedChar {
					c.Rows[r][i] = b.padArms(e, nil)
				}
			}
		}
		return &c
	}
	return n
}

// unpadded takes the blanks off mixed columns, which have been padded below.
func unpadded(lengths []charLength) func(expr.Expr) expr.Expr {
	return func(e expr.Expr) expr.Expr {
		if c, ok := e.(*expr.Column); ok && lengths[c.Index] == mixedChar {
			return &expr.Call{Func: "rtrim", Args: []expr.Expr{e}, Type: sqltype.Text, Pos: -1}
		}
		return e
	}
}

// padProject pads the expressions that are mixed, and further down the columns
// that are only passed on.
func (b *binder) padProject(n *logical.Project, lengths []charLength) logical.Node {
	below := make([]charLength, n.Input.Schema().NumFields())
	exprs := slices.Clone(n.Exprs)
	for i, e := range exprs {
		if lengths[i] != mixedChar {
			continue
		}
		if c, ok := e.(*expr.Column); ok {
			below[c.Index] = mixedChar
		} else {
			exprs[i] = b.padArms(e, n.Input)
		}
	}
	for _, e := range exprs {
		if _, ok := e.(*expr.Column); !ok {
			expr.EachColumn(e, func(c *expr.Column) { below[c.Index] = notChar })
		}
	}
	c := *n
	c.Exprs, c.Input = exprs, b.padMixed(n.Input, below)
	return &c
}

// padPart pads the columns of an operand that are mixed in the whole.
func (b *binder) padPart(n logical.Node, lengths []charLength) logical.Node {
	exprs, names := columnsOf(n), make([]string, len(lengths))
	for i, f := range n.Schema().Fields() {
		names[i] = f.Name
		if c := b.chars.column(n, i); lengths[i] == mixedChar && c > 0 {
			exprs[i] = padTo(exprs[i], c)
		}
	}
	return logical.NewProject(n, exprs, names)
}

// padArms pads the values of an expression over the output of in to the lengths
// they have by themselves.
func (b *binder) padArms(e expr.Expr, in logical.Node) expr.Expr {
	c := b.chars.expr(e, in)
	if c > 0 {
		return padTo(e, c)
	}
	if c != mixedChar {
		return e
	}
	switch x := e.(type) {
	case *expr.Case:
		arms := *x
		arms.Whens = append([]expr.When(nil), x.Whens...)
		for i, w := range x.Whens {
			arms.Whens[i].Then = b.padArms(w.Then, in)
		}
		arms.Else = b.padArms(x.Else, in)
		return &arms
	case *expr.Coalesce:
		args := make([]expr.Expr, len(x.Args))
		for i, a := range x.Args {
			args[i] = b.padArms(a, in)
		}
		return x.WithChildren(args)
	case *expr.Call: // greatest and least
		args := make([]expr.Expr, len(x.Args))
		for i, a := range x.Args {
			args[i] = b.padArms(a, in)
		}
		return x.WithChildren(args)
	}
	return e
}

// padTo fills a text up with blanks to n characters; it has no more of them.
func padTo(e expr.Expr, n charLength) expr.Expr {
	return &expr.Call{Func: "rpad", Args: []expr.Expr{e, int32Literal(int32(n))}, Type: sqltype.Text, Pos: -1}
}
