package parser

import (
	"math"
	"strconv"

	"volley/parser/ast"
	"volley/sqlerr"
)

// declare reads DECLARE name [options] CURSOR [WITH|WITHOUT HOLD] FOR query.
func (p *parser) declare() ast.Statement {
	s := &ast.DeclareCursor{Pos: p.at()}
	p.advance()
	s.Name = p.name()
	for {
		pos := p.pos()
		switch {
		case p.eat("no", "scroll"):
			s.NoScroll = true
		case p.eat("scroll"):
			s.Scroll = true
		case p.eat("insensitive"):
			s.Insensitive = true
			continue
		case p.eat("binary"), p.eat("asensitive"):
			continue
		default:
			p.need("cursor")
			if s.Hold = p.eat("with", "hold"); !s.Hold {
				p.eat("without", "hold")
			}
			p.need("for")
			s.Query = p.queryNode()
			return s
		}
		if s.Scroll && s.NoScroll {
			p.failAt(pos, sqlerr.InvalidCursorDefinition, "cannot specify both SCROLL and NO SCROLL")
			return s
		}
	}
}

// fetchCursor reads FETCH|MOVE [direction] [FROM|IN] cursor.
func (p *parser) fetchCursor() ast.Statement {
	s := &ast.Fetch{Pos: p.at(), Move: p.kw("move"), Direction: ast.Forward, Count: 1}
	p.advance()
	next := p.peek(1)
	if next.kind != tokEOF && !next.is(";") { // else the word is the cursor's name
		p.fetchDirection(s)
	}
	if !p.eat("from") {
		p.eat("in")
	}
	s.Cursor = p.name()
	return s
}

func (p *parser) fetchDirection(s *ast.Fetch) {
	switch {
	case p.eat("next"):
	case p.eat("prior"):
		s.Direction = ast.Backward
	case p.eat("first"):
		s.Direction = ast.Absolute
	case p.eat("last"):
		s.Direction, s.Count = ast.Absolute, -1
	case p.eat("absolute"):
		s.Direction, s.Count = ast.Absolute, p.rowCount()
	case p.eat("relative"):
		s.Direction, s.Count = ast.Relative, p.rowCount()
	case p.eat("forward"):
		p.optionalCount(s)
	case p.eat("backward"):
		s.Direction = ast.Backward
		p.optionalCount(s)
	default:
		p.optionalCount(s)
	}
}

// optionalCount reads ALL or a number of rows, if one is there.
func (p *parser) optionalCount(s *ast.Fetch) {
	switch {
	case p.eat("all"):
		s.Count = math.MaxInt64
	case p.tok().kind == tokInteger || p.punct("-") || p.punct("+"):
		s.Count = p.rowCount()
	}
}

// rowCount reads a number of rows with its sign.
func (p *parser) rowCount() int64 {
	minus := p.eatPunct("-")
	if !minus {
		p.eatPunct("+")
	}
	t := p.tok()
	if t.kind != tokInteger {
		p.fail()
		return 0
	}
	n, err := strconv.ParseInt(t.text, 10, 32)
	if err != nil {
		p.fail()
		return 0
	}
	p.advance()
	if minus {
		n = -n
	}
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
