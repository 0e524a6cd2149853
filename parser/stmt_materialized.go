package parser

import "volley/parser/ast"

// createMaterialized reads what follows CREATE MATERIALIZED VIEW: a table that
// remembers its query.
func (p *parser) createMaterialized(pos ast.Pos) ast.Statement {
	s := &ast.CreateTable{Pos: pos, IfNotExists: p.ifNotExists()}
	s.Name = p.qname()
	if p.punct("(") {
		p.tableElements(s)
	}
	if p.eat("using") {
		p.name()
	}
	if p.eat("with") {
		p.options() // storage parameters
	}
	if p.eat("tablespace") {
		p.name()
	}
	p.need("as")
	from := p.pos()
	s.As = p.queryNode()
	s.Materialized = p.textFrom(from)
	s.WithNoData = p.withData()
	return s
}

// withData reads WITH [NO] DATA, if it is there, and tells whether it has NO.
func (p *parser) withData() bool {
	return p.eat("with", "no", "data") || p.eat("with", "data") && false
}

// refresh reads REFRESH MATERIALIZED VIEW.
func (p *parser) refresh() ast.Statement {
	s := &ast.Refresh{Pos: p.at()}
	p.advance()
	p.need("materialized", "view")
	p.eat("concurrently")
	s.Name = p.qname()
	s.WithNoData = p.withData()
	return s
}
