package parser

import (
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// options reads (name [=] value, …), as in COPY, WITH, OPTIONS and EXPLAIN.
func (p *parser) options() []ast.Option {
	p.needPunct("(")
	var out []ast.Option
	for !p.punct(")") && p.err == nil {
		o := ast.Option{Pos: p.at()}
		if p.tok().kind == tokString {
			o.Name = strings.ToLower(p.str())
		} else {
			o.Name = strings.ToLower(p.label())
			for p.eatPunct(".") {
				o.Name += "." + strings.ToLower(p.label())
			}
		}
		p.eatPunct("=")
		if !p.punct(",") && !p.punct(")") {
			o.Value = p.optionValue()
		}
		out = append(out, o)
		if !p.eatPunct(",") {
			break
		}
	}
	p.needPunct(")")
	return out
}

// optionValue reads a word, a literal, a list or a struct. A word is a string,
// but for true, false, null.
func (p *parser) optionValue() ast.Expr {
	t, next := p.tok(), p.peek(1)
	ends := next.is(",") || next.is(")") || next.is(";") || next.kind == tokEOF
	switch {
	case t.is("*"):
		p.advance()
		return &ast.Star{Pos: ast.Pos(t.pos)}
	case (t.kind == tokIdent || t.kind == tokQuoted) && ends && !p.kwIn("true", "false", "null"):
		p.advance()
		return &ast.Literal{Pos: ast.Pos(t.pos), Kind: ast.String, Text: t.text}
	case t.is("("):
		return p.optionList()
	case p.kw("map") && next.is("{"): // DuckDB's MAP {'k': v}
		p.advance()
	}
	return p.exprNode()
}

// optionList reads (a, b) as an Array.
func (p *parser) optionList() ast.Expr {
	if !p.enter() {
		p.leave()
		return nil
	}
	defer p.leave()
	list := &ast.Array{Pos: p.at()}
	p.needPunct("(")
	for !p.punct(")") && p.err == nil {
		list.Items = append(list.Items, p.optionValue())
		if !p.eatPunct(",") {
			break
		}
	}
	p.needPunct(")")
	return list
}

// boolOption reads the value of a boolean option of EXPLAIN and of transactions.
func boolOption(o ast.Option) (bool, error) {
	text := "true"
	switch v := o.Value.(type) {
	case nil:
	case *ast.Literal:
		text = strings.ToLower(v.Text)
	default:
		text = ""
	}
	switch text {
	case "true", "on", "1":
		return true, nil
	case "false", "off", "0":
		return false, nil
	}
	return false, sqlerr.At(o.Position(), sqlerr.SyntaxError, "%s requires a Boolean value", o.Name)
}
