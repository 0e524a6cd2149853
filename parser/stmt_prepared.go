package parser

import "volley/parser/ast"

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
	if !p.queryFollows() && !p.kwIn("insert", "update", "delete", "merge") {
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
	if !p.queryFollows() && !p.kwIn("insert", "update", "delete", "merge", "copy", "create", "execute", "declare") {
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
		s.Options = p.options()
	}
	s.Verbose = p.eat("verbose")
	p.eat("table")
	if p.eof() || p.punct(";") {
		return s
	}
	for {
		t := ast.AnalyzedTable{Name: p.qname()}
		if p.punct("(") {
			t.Columns = p.names()
		}
		s.Tables = append(s.Tables, t)
		if !p.eatPunct(",") {
			return s
		}
	}
}
