package parser

import (
	"volley/parser/ast"
	"volley/sqlerr"
)

// withStatement reads WITH … before a query or before a statement that changes
// data.
func (p *parser) withStatement() ast.Statement {
	if p.withChanges() {
		return p.change()
	}
	return p.queryStatement()
}

// change reads [WITH …] INSERT, UPDATE, DELETE or MERGE.
func (p *parser) change() ast.Statement {
	var with *ast.Query
	if p.kw("with") {
		with = p.withList()
	}
	switch {
	case p.kw("insert"):
		return p.insert(with)
	case p.kw("update"):
		return p.update(with)
	case p.kw("delete"):
		return p.delete(with)
	case p.kw("merge"):
		return p.merge(with)
	}
	p.fail()
	return nil
}

// changePos is where a statement begins whose WITH list has been read.
func (p *parser) changePos(with *ast.Query) ast.Pos {
	if with != nil {
		return with.Pos
	}
	return p.at()
}

// withList reads a WITH list by itself: a query whose body means nothing.
func (p *parser) withList() *ast.Query {
	p.rope.reset()
	info := &queryInfo{query: ast.Query{Pos: p.at()}}
	with := p.with(&info.query)
	return p.liftQuery(p.withClauses(info, with, frag{}, frag{}, p.nothing()))
}

// nothing writes a query that stands for something that TiDB must not see.
func (p *parser) nothing() queryText {
	return p.selectOf(&selectInfo{}, p.text("1"), frag{})
}

// withBody writes the query of an item of WITH. One that changes data is read
// right away, with a rope of its own.
func (p *parser) withBody(item *ast.CTE) queryText {
	if !p.changes(0) && !(p.kw("with") && p.withChanges()) {
		return p.query()
	}
	if !p.enter() {
		p.leave()
		return queryText{}
	}
	defer p.leave()
	pos, outer := p.at(), p.rope
	p.rope = rope{}
	stmt := p.change()
	p.rope = outer
	if _, ok := stmt.(*ast.Merge); ok {
		p.setErr(sqlerr.At(int(item.Pos), sqlerr.FeatureNotSupported, "MERGE not supported in WITH query"))
	}
	item.Query = &ast.Query{Pos: pos, Body: &ast.Change{Pos: item.Pos, Stmt: stmt}}
	return p.nothing()
}

// withChanges tells whether the statement that follows the WITH list at the
// current token changes data.
func (p *parser) withChanges() bool {
	depth := 0
	for n := 1; p.peek(n).kind != tokEOF && !p.peek(n).is(";"); n++ {
		switch t := p.peek(n); {
		case t.is("("):
			depth++
		case t.is(")"):
			if depth--; depth < 0 {
				return false
			}
		case depth == 0 && p.changes(n):
			return true
		}
	}
	return false
}

// changes tells whether a statement that changes data begins n tokens from here.
func (p *parser) changes(n int) bool {
	t, next := p.peek(n), p.peek(n+1)
	if t.kind != tokIdent {
		return false
	}
	switch t.text {
	case "insert", "merge":
		return next.text == "into"
	case "delete":
		return next.text == "from"
	case "update":
		return next.isName() && next.text != "as"
	}
	return false
}
