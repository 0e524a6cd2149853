package parser

import (
	"strings"

	"volley/parser/ast"
)

// comment reads COMMENT ON kind name IS 'text'|NULL. Comments on anything but
// relations, columns, constraints, functions and schemas are passed over.
func (p *parser) comment() ast.Statement {
	s := &ast.Comment{Pos: p.at()}
	p.advance()
	p.need("on")
	p.eat("materialized")
	if !p.kwIn("table", "view", "column", "index", "sequence", "schema", "database", "function", "constraint") {
		p.skipStatement()
		return &ast.NoOp{Pos: s.Pos, Tag: "COMMENT"}
	}
	s.Kind = p.label()
	s.Name = p.qname()
	switch s.Kind {
	case "function":
		if p.punct("(") {
			in, _, _ := p.functionArgs()
			s.Args = append([]ast.ColumnDef{}, in...)
		}
	case "constraint":
		p.need("on")
		s.Table = p.qname()
	}
	p.need("is")
	if !p.eat("null") {
		text := p.str()
		s.Text = &text
	}
	return s
}

// reindex reads REINDEX [(options)] INDEX|TABLE|SCHEMA|DATABASE|SYSTEM
// [CONCURRENTLY] name, and SQLite's REINDEX name.
func (p *parser) reindex() ast.Statement {
	s := &ast.Reindex{Pos: p.at()}
	p.advance()
	if p.punct("(") {
		p.options()
	}
	if !p.kwIn("index", "table", "schema", "database", "system") {
		p.fail()
		return s
	}
	s.Kind = strings.ToLower(p.label())
	p.eat("concurrently")
	if !p.eof() && !p.punct(";") {
		s.Name = p.qname()
	}
	return s
}
