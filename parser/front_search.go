package parser

import "volley/parser/ast"

// searchClause reads SEARCH DEPTH|BREADTH FIRST BY column, … SET column.
func (p *parser) searchClause() *ast.Search {
	s := &ast.Search{Pos: p.at()}
	if !p.eat("search") {
		return nil
	}
	if s.Breadth = p.eat("breadth"); !s.Breadth {
		p.need("depth")
	}
	p.need("first")
	p.need("by")
	s.By = p.columnList()
	p.need("set")
	s.Set = p.name()
	return s
}

// cycleClause reads CYCLE column, … SET column [TO value DEFAULT value] USING
// column.
func (p *parser) cycleClause() *ast.Cycle {
	c := &ast.Cycle{Pos: p.at()}
	if !p.eat("cycle") {
		return nil
	}
	c.Columns = p.columnList()
	p.need("set")
	c.Mark = p.name()
	c.Value = &ast.Literal{Pos: c.Pos, Kind: ast.Boolean, Text: "true"}
	c.Default = &ast.Literal{Pos: c.Pos, Kind: ast.Boolean, Text: "false"}
	if p.eat("to") {
		c.Value = p.constant()
		p.need("default")
		c.Default = p.constant()
	}
	p.need("using")
	c.Path = p.name()
	return c
}

// columnList reads names without parentheses.
func (p *parser) columnList() []string {
	list := []string{p.name()}
	for p.eatPunct(",") {
		list = append(list, p.name())
	}
	return list
}

// constant reads a constant of a SEARCH or CYCLE clause: TRUE, FALSE, NULL, a
// number, a string, or a type and a string.
func (p *parser) constant() ast.Expr {
	pos, t := p.at(), p.tok()
	switch {
	case p.kwIn("true", "false"):
		p.advance()
		return &ast.Literal{Pos: pos, Kind: ast.Boolean, Text: t.text}
	case p.eat("null"):
		return &ast.Literal{Pos: pos, Kind: ast.Null}
	case t.kind == tokString:
		p.advance()
		return &ast.Literal{Pos: pos, Kind: ast.String, Text: t.text}
	case t.kind == tokInteger:
		p.advance()
		return &ast.Literal{Pos: pos, Kind: ast.Integer, Text: t.text}
	case t.kind == tokDecimal:
		p.advance()
		return &ast.Literal{Pos: pos, Kind: ast.Decimal, Text: t.text}
	case t.kind == tokIdent && p.peek(1).kind == tokString:
		typ := p.typeName()
		text := p.tok().text
		p.advance()
		return &ast.TypedLiteral{Pos: pos, Type: typ, Text: text}
	}
	p.fail()
	return &ast.Literal{Pos: pos, Kind: ast.Null}
}
