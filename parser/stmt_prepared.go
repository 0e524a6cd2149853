package parser

import (
	"strconv"

	"volley/parser/ast"
	"volley/sqlerr"
)

// prepare reads PREPARE name [(types)] AS statement.
func (p *parser) prepare() ast.Statement {
	s := &ast.Prepare{Pos: p.at()}
	p.advance()
	if p.kw("transaction") {
		p.unsupported(p.pos(), "a prepared transaction")
		return s
	}
	s.Name = p.name()
	if p.eatPunct("(") {
		for {
			s.Types = append(s.Types, p.typeName())
			if !p.eatPunct(",") {
				break
			}
		}
		p.needPunct(")")
	}
	p.need("as")
	pos := p.pos()
	if !p.queryFollows() && !p.kwIn("insert", "update", "delete") {
		p.fail()
		return s
	}
	s.Stmt = p.statement()
	s.Text = p.textFrom(pos)
	return s
}

// execute reads EXECUTE name [(args)].
func (p *parser) execute() ast.Statement {
	s := &ast.Execute{Pos: p.at()}
	p.advance()
	s.Name = p.name()
	if p.eatPunct("(") {
		for !p.punct(")") && p.err == nil {
			s.Args = append(s.Args, p.exprNode())
			if !p.eatPunct(",") {
				break
			}
		}
		p.needPunct(")")
	}
	return s
}

// deallocate reads DEALLOCATE [PREPARE] name|ALL.
func (p *parser) deallocate() ast.Statement {
	s := &ast.Deallocate{Pos: p.at()}
	p.advance()
	p.eat("prepare")
	if !p.eat("all") {
		s.Name = p.name()
	}
	return s
}

// declare reads DECLARE name [options] CURSOR [WITH|WITHOUT HOLD] FOR query.
func (p *parser) declare() ast.Statement {
	s := &ast.DeclareCursor{Pos: p.at()}
	p.advance()
	s.Name = p.name()
	for p.eat("binary") || p.eat("insensitive") || p.eat("asensitive") || p.eat("no", "scroll") || p.eat("scroll") {
	}
	p.need("cursor")
	if p.eat("with", "hold") {
		s.Hold = true
	} else {
		p.eat("without", "hold")
	}
	p.need("for")
	s.Query = p.queryNode()
	return s
}

// fetchCursor reads FETCH|MOVE [direction] [FROM|IN] cursor. Cursors go forward
// only.
func (p *parser) fetchCursor() ast.Statement {
	s := &ast.Fetch{Pos: p.at(), Move: p.kw("move"), Count: 1}
	p.advance()
	forward := p.eat("forward")
	switch {
	case p.eat("all"):
		s.Count = -1
	case p.eat("next"):
	case p.tok().kind == tokInteger:
		s.Count = p.count()
	case !forward && (p.punct("-") || p.kwIn("prior", "first", "last", "absolute", "relative", "backward")) &&
		p.peek(1).kind != tokEOF && !p.peek(1).is(";"):
		p.unsupported(p.pos(), "a cursor that moves other than forward")
		return s
	}
	if !p.eat("from") {
		p.eat("in")
	}
	s.Cursor = p.name()
	return s
}

// count reads a number of rows.
func (p *parser) count() int64 {
	t := p.tok()
	n, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil {
		p.failAt(t.pos, sqlerr.NumericOutOfRange, "value \"%s\" is out of range for type bigint", t.text)
		return 0
	}
	p.advance()
	return n
}

// closeCursor reads CLOSE name|ALL.
func (p *parser) closeCursor() ast.Statement {
	s := &ast.CloseCursor{Pos: p.at()}
	p.advance()
	if !p.eat("all") {
		s.Name = p.name()
	}
	return s
}

// explain reads EXPLAIN [ANALYZE] [VERBOSE] statement and EXPLAIN (options)
// statement.
func (p *parser) explain() ast.Statement {
	s := &ast.Explain{Pos: p.at()}
	p.advance()
	if p.punct("(") && !p.tok().query {
		s.Options = p.options()
		for _, o := range s.Options {
			var err error
			switch o.Name {
			case "analyze", "analyse":
				s.Analyze, err = boolOption(o)
			case "verbose":
				s.Verbose, err = boolOption(o)
			}
			if err != nil {
				p.setErr(err)
			}
		}
	} else {
		s.Analyze = p.eat("analyze") || p.eat("analyse")
		s.Verbose = p.eat("verbose")
	}
	if !p.queryFollows() && !p.kwIn("insert", "update", "delete", "copy", "create", "execute", "declare") {
		p.fail()
		return s
	}
	s.Stmt = p.statement()
	return s
}

// analyze reads ANALYZE [(options)] [VERBOSE] [table [(columns)], …].
func (p *parser) analyze() ast.Statement {
	s := &ast.Analyze{Pos: p.at()}
	p.advance()
	if p.punct("(") {
		p.options()
	}
	p.eat("verbose")
	p.eat("table")
	if p.eof() || p.punct(";") {
		return s
	}
	for {
		s.Names = append(s.Names, p.qname())
		if p.punct("(") {
			p.names()
		}
		if !p.eatPunct(",") {
			return s
		}
	}
}
