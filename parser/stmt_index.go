package parser

import "volley/parser/ast"

// createIndex reads what follows CREATE INDEX.
func (p *parser) createIndex(s *ast.CreateIndex) ast.Statement {
	p.eat("concurrently")
	s.IfNotExists = p.ifNotExists()
	if !p.kw("on") {
		s.Name = p.name()
	}
	p.need("on")
	p.eat("only")
	s.Table = p.qname()
	if p.eat("using") {
		p.name()
	}
	s.Columns = p.indexItems()
	if p.eat("include") {
		p.names()
	}
	s.NullsNotDistinct = p.nullsNotDistinct()
	if p.eat("with") {
		p.options()
	}
	if p.eat("where") {
		pos := p.pos()
		s.Where = p.exprNode()
		s.WhereText = p.textFrom(pos)
	}
	return s
}

// indexItems reads "(" item, … ")" of CREATE INDEX and of ON CONFLICT.
func (p *parser) indexItems() []ast.IndexItem {
	p.needPunct("(")
	var out []ast.IndexItem
	for {
		out = append(out, p.indexItem())
		if !p.eatPunct(",") {
			break
		}
	}
	p.needPunct(")")
	return out
}

// indexItem reads a column, a call, or an expression in parentheses, then
// [COLLATE collation] [operator class [(option = value, …)]] [ASC | DESC] [NULLS FIRST | LAST].
func (p *parser) indexItem() ast.IndexItem {
	item := ast.IndexItem{Pos: p.at()}
	pos := p.pos()
	p.rope.reset()
	if p.eatPunct("(") {
		pos = p.pos()
		item.Expr = p.exprNode()
		item.Text = p.textFrom(pos)
		p.needPunct(")")
	} else {
		item.Expr = p.liftExpr(p.exprAbove(bindCast, true))
		item.Text = p.textFrom(pos)
	}
	if at := p.at(); p.eat("collate") {
		item.Expr = &ast.Collate{Pos: at, Arg: item.Expr, Name: p.collationName()}
	}
	if t := p.tok(); t.isName() && !p.kw("asc") && !p.kw("desc") && !p.kw("nulls") {
		p.qname()
		if p.punct("(") {
			p.options()
		}
	}
	sort := ast.SortItem{}
	p.sortDirection(&sort)
	item.Desc, item.NullsFirst = sort.Desc, sort.NullsFirst
	return item
}
