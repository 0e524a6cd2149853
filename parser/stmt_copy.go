package parser

import (
	"volley/parser/ast"
	"volley/sqlerr"
)

// copy reads COPY table [(columns)] | (query) FROM|TO file|STDIN|STDOUT [options]
// [WHERE condition]. The query may be an INSERT, UPDATE or DELETE.
func (p *parser) copy() ast.Statement {
	s := &ast.Copy{Pos: p.at()}
	p.advance()
	if p.punct("(") {
		p.advance()
		p.copySource(s)
		p.needPunct(")")
	} else {
		if next := p.peek(1); p.kw("binary") && next.text != "from" && next.text != "to" && !next.is("(") && !next.is(".") {
			s.Options = append(s.Options, formatOption(p.at(), "binary"))
			p.advance()
		}
		s.Table = p.qname()
		if p.punct("(") {
			s.Columns = p.names()
		}
	}
	if s.Query == nil && s.Change == nil && p.eat("from") {
		s.From = true
	} else {
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
	p.copyDelimiters(s)
	p.eat("with")
	if p.punct("(") {
		s.Options = append(s.Options, p.options()...)
	} else {
		s.Options = append(s.Options, p.copyWords()...)
	}
	where := p.pos()
	if p.eat("where") {
		if s.Where = p.exprNode(); !s.From && p.err == nil {
			p.setErr(sqlerr.At(int(where), sqlerr.SyntaxError, "WHERE clause not allowed with COPY TO"))
		}
	}
	return s
}

// copySource reads the statement whose rows COPY (statement) TO writes.
func (p *parser) copySource(s *ast.Copy) {
	var stmt ast.Statement
	switch {
	case p.kwIn("insert", "update", "delete", "merge"):
		stmt = p.statement()
	case p.queryFollows():
		stmt = p.withStatement()
	default:
		p.fail()
	}
	switch st := stmt.(type) {
	case *ast.Query:
		s.Query = st
	case *ast.CreateTable:
		p.setErr(sqlerr.New(sqlerr.FeatureNotSupported, "COPY (SELECT INTO) is not supported"))
	case *ast.Merge:
		p.setErr(sqlerr.New(sqlerr.FeatureNotSupported, "MERGE not supported in COPY"))
	default:
		s.Change = st
	}
}

// copyDelimiters reads [USING] DELIMITERS 'c', which is older than all options.
func (p *parser) copyDelimiters(s *ast.Copy) {
	if p.kw("using") {
		p.advance()
		if !p.kw("delimiters") {
			p.fail()
			return
		}
	}
	if pos := p.at(); p.eat("delimiters") {
		s.Options = append(s.Options, ast.Option{Pos: pos, Name: "delimiter", Value: &ast.Literal{Pos: pos, Kind: ast.String, Text: p.str()}})
	}
}

func formatOption(pos ast.Pos, format string) ast.Option {
	return ast.Option{Pos: pos, Name: "format", Value: &ast.Literal{Pos: pos, Kind: ast.String, Text: format}}
}

// copyWords reads the options of COPY in the syntax before PostgreSQL 9.0.
func (p *parser) copyWords() []ast.Option {
	var out []ast.Option
	for p.err == nil {
		o := ast.Option{Pos: p.at(), Name: p.tok().text}
		switch {
		case p.eat("csv"), p.eat("binary"):
			o = formatOption(o.Pos, o.Name)
		case p.eat("header"), p.eat("freeze"):
		case p.eat("delimiter"), p.eat("null"), p.eat("quote"), p.eat("escape"):
			p.eat("as")
			o.Value = &ast.Literal{Pos: o.Pos, Kind: ast.String, Text: p.str()}
		case p.eat("encoding"):
			o.Value = &ast.Literal{Pos: o.Pos, Kind: ast.String, Text: p.str()}
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
	if o.Name == "force_quote" && p.punct("*") {
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
