package parser

import "volley/parser/ast"

// drop reads DROP TABLE|VIEW|INDEX|SCHEMA|FUNCTION [IF EXISTS] names [CASCADE].
func (p *parser) drop() ast.Statement {
	s := &ast.Drop{Pos: p.at()}
	p.advance()
	if p.secretFollows() {
		return p.dropSecret(&ast.DropSecret{Pos: s.Pos})
	}
	p.eat("external")
	switch {
	case p.kwIn("table", "view", "index", "schema", "function", "sequence"):
		s.Kind = p.label()
	case p.eat("materialized", "view"):
		s.Kind = "materialized view"
	case p.kwIn("type", "domain", "trigger", "rule", "extension", "role",
		"user", "group", "database", "aggregate", "procedure", "routine", "operator", "owned", "policy",
		"publication", "server", "foreign", "macro", "collation", "cast", "language", "tablespace"):
		p.unsupported(p.pos(), "DROP "+p.objectKind())
		return s
	default:
		p.fail()
		return s
	}
	if s.Kind == "index" {
		p.eat("concurrently")
	}
	s.IfExists = p.eat("if", "exists")
	for {
		s.Names = append(s.Names, p.qname())
		if s.Kind == "function" {
			var args []ast.ColumnDef
			if p.punct("(") {
				in, _, _ := p.functionArgs()
				args = append([]ast.ColumnDef{}, in...)
			}
			s.Args = append(s.Args, args)
		}
		if !p.eatPunct(",") {
			break
		}
	}
	s.Cascade = p.cascade()
	return s
}
