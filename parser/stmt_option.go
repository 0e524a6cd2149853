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

// copy reads COPY table [(columns)] | (query) FROM|TO file|STDIN|STDOUT [options].
func (p *parser) copy() ast.Statement {
	s := &ast.Copy{Pos: p.at()}
	p.advance()
	p.eat("binary")
	if p.punct("(") {
		p.advance()
		if !p.queryFollows() {
			p.unsupported(p.pos(), "COPY of a statement that is no query")
		}
		s.Query = p.queryNode()
		p.needPunct(")")
	} else {
		s.Table = p.qname()
		if p.punct("(") {
			s.Columns = p.names()
		}
	}
	switch {
	case p.eat("from"):
		s.From = true
		if s.Query != nil {
			p.fail()
		}
	default:
		p.need("to")
	}
	switch {
	case p.eat("stdin"), p.eat("stdout"):
		s.Std = true
	case p.kw("program"):
		p.unsupported(p.pos(), "COPY PROGRAM")
	default:
		s.File = p.str()
	}
	if p.eat("with") || !p.punct("(") {
		p.eatPunct("=")
	}
	if p.punct("(") {
		s.Options = p.options()
	} else {
		s.Options = p.copyWords()
	}
	if p.eat("where") {
		p.unsupported(p.pos(), "COPY WHERE")
	}
	return s
}

// copyWords reads the options of COPY in the syntax before PostgreSQL 9.0.
func (p *parser) copyWords() []ast.Option {
	var out []ast.Option
	for p.err == nil {
		o := ast.Option{Pos: p.at(), Name: p.tok().text}
		word := ast.Literal{Pos: o.Pos, Kind: ast.String}
		switch {
		case p.eat("csv"), p.eat("binary"):
			word.Text, o.Name = o.Name, "format"
			o.Value = &word
		case p.eat("header"), p.eat("freeze"):
		case p.eat("delimiter"), p.eat("null"), p.eat("quote"), p.eat("escape"), p.eat("encoding"):
			p.eat("as")
			word.Text = p.str()
			o.Value = &word
		case p.eat("delimiters"):
			o.Name = "delimiter"
			p.eat("as")
			word.Text = p.str()
			o.Value = &word
		case p.eat("force"):
			o = p.forceOption(o.Pos)
		default:
			return out
		}
		out = append(out, o)
	}
	return out
}

// forceOption reads QUOTE columns, NOT NULL columns and NULL columns.
func (p *parser) forceOption(pos ast.Pos) ast.Option {
	o := ast.Option{Pos: pos}
	switch {
	case p.eat("quote"):
		o.Name = "force_quote"
	case p.eat("not", "null"):
		o.Name = "force_not_null"
	default:
		p.need("null")
		o.Name = "force_null"
	}
	if p.punct("*") {
		o.Value = &ast.Star{Pos: p.at()}
		p.advance()
		return o
	}
	list := &ast.Array{Pos: p.at()}
	for {
		at := p.at()
		list.Items = append(list.Items, &ast.Literal{Pos: at, Kind: ast.String, Text: p.name()})
		if !p.eatPunct(",") {
			break
		}
	}
	o.Value = list
	return o
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
