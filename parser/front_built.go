package parser

import "volley/parser/ast"

// What the front knows whole needs no grammar: literals, columns, and operators
// and calls over such, are built as nodes at once. In the TiDB SQL each of them
// is a "?", whose side data is the node.

// built is a fragment that stands for a node, which is height nodes high.
func (p *parser) built(e ast.Expr, height int32) frag {
	f := p.rope.add(piece{text: "?", pos: noPos, side: p.rope.side(e), built: true})
	f.height = height
	return f
}

// node is what f was built of; nil where it is text.
func (p *parser) node(f frag) ast.Expr {
	if f.empty() || f.head != f.tail || !p.rope.pieces[f.head].built {
		return nil
	}
	e, _ := p.rope.sides[p.rope.pieces[f.head].side].(ast.Expr)
	return e
}

// nodes are the elements of a list of built fragments; false where one is text.
func (p *parser) nodes(f frag) ([]ast.Expr, bool) {
	n := 0
	for i := f.head; i != 0; i = p.rope.pieces[i].next {
		if pc := &p.rope.pieces[i]; !pc.built || pc.comma != (i != f.head) {
			return nil, false
		}
		n++
	}
	if n == 0 {
		return nil, true
	}
	out := make([]ast.Expr, 0, n)
	for i := f.head; i != 0; i = p.rope.pieces[i].next {
		e, _ := p.rope.sides[p.rope.pieces[i].side].(ast.Expr)
		out = append(out, e)
	}
	return out, true
}

// replace makes the built fragment f stand for e, a node over it and others of
// at most the given height.
func (p *parser) replace(f frag, e ast.Expr, height int32) frag {
	p.rope.sides[p.rope.pieces[f.head].side] = e
	f.height = max(f.height, height)
	return p.raise(f, 1)
}

// literal is a constant.
func (p *parser) literal(kind ast.LiteralKind, text string, pos int32) frag {
	return p.built(&ast.Literal{Pos: ast.Pos(max(pos, 0)), Kind: kind, Text: text}, 0)
}

// integer is a whole number; its leading zeros do not count.
func (p *parser) integer(t *token) frag {
	text := t.text
	for len(text) > 1 && text[0] == '0' {
		text = text[1:]
	}
	return p.literal(ast.Integer, text, t.pos)
}

// unary applies an operator of one operand.
func (p *parser) unary(op string, pos int32, arg frag) frag {
	if e := p.node(arg); e != nil {
		return p.replace(arg, &ast.Unary{Pos: ast.Pos(pos), Op: op, Arg: e}, 0)
	}
	text := "NOT "
	if op != "not" {
		text = op + " "
	}
	return p.paren(pos, nil, p.text(text), arg)
}

// binary applies an operator to built operands; false where one is text.
func (p *parser) binary(at opAt, left, right frag) (frag, bool) {
	l := p.node(left)
	if l == nil {
		return left, false
	}
	r := p.node(right)
	if r == nil {
		return left, false
	}
	e := &ast.Binary{Pos: ast.Pos(at.pos), Op: at.op, Schema: at.schema, Left: l, Right: r}
	return p.replace(left, e, right.height), true
}

// logicOf connects built terms; false where one is text.
func (p *parser) logicOf(terms []frag, ops []opAt) (frag, bool) {
	var height int32
	for _, f := range terms {
		if p.node(f) == nil {
			return frag{}, false
		}
		height = max(height, f.height)
	}
	if len(terms) > nativeLogic {
		list := make([]ast.Expr, len(terms))
		for i, f := range terms {
			list[i] = p.node(f)
		}
		return p.raise(p.replace(terms[0], balance(list, ops), height), 32), true
	}
	out := p.node(terms[0])
	for i, at := range ops {
		out = &ast.Binary{Pos: ast.Pos(at.pos), Op: at.op, Left: out, Right: p.node(terms[i+1])}
	}
	return p.raise(p.replace(terms[0], out, height), len(ops)-1), true
}
