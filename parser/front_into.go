package parser

import (
	"volley/parser/ast"
	"volley/sqlerr"
)

// selectInto is the target of a statement SELECT … INTO.
type selectInto struct {
	depth int // of the query that may have it
	right int // right operands of set operations being read
	table *ast.CreateTable
}

// queryStatement reads a query that is a statement: SELECT … INTO t is CREATE
// TABLE t AS.
func (p *parser) queryStatement() ast.Statement {
	pos := p.at()
	p.into = &selectInto{depth: p.depth + 1}
	q := p.queryNode()
	table := p.into.table
	p.into = nil
	if table == nil {
		return q
	}
	table.Pos, table.As = pos, q
	return table
}

// intoTable reads INTO [TEMPORARY | UNLOGGED] [TABLE] name.
func (p *parser) intoTable() {
	pos := int(p.pos())
	p.advance()
	table := &ast.CreateTable{Into: true}
	switch {
	case p.eat("temporary"), p.eat("temp"):
		table.Temp = true
	case p.eat("local"), p.eat("global"):
		p.advance()
		table.Temp = true
	default:
		p.eat("unlogged")
	}
	p.eat("table")
	table.Name = p.qname()
	switch {
	case p.into == nil || p.depth > p.into.depth:
		p.failAt(int32(pos), sqlerr.SyntaxError, "SELECT ... INTO is not allowed here")
	case p.into.right > 0 || p.into.table != nil:
		p.failAt(int32(pos), sqlerr.SyntaxError, "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT")
	default:
		p.into.table = table
	}
}

// rightOperand reads the right operand of a set operation.
func (p *parser) rightOperand(bind int) queryText {
	if p.into == nil {
		return p.setOp(bind)
	}
	p.into.right++
	defer func(into *selectInto) { into.right-- }(p.into)
	return p.setOp(bind)
}
