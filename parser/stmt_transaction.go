package parser

import "volley/parser/ast"

// begin reads BEGIN and START TRANSACTION with modes.
func (p *parser) begin() ast.Statement {
	s := &ast.Transaction{Pos: p.at(), Kind: "begin"}
	if p.eat("start") {
		p.need("transaction")
	} else {
		p.advance()
		p.work()
	}
	_, s.ReadOnly = p.modes()
	return s
}

// work reads WORK or TRANSACTION.
func (p *parser) work() {
	if !p.eat("work") {
		p.eat("transaction")
	}
}

// modes reads transaction modes: the isolation level and READ ONLY or READ WRITE.
func (p *parser) modes() (level string, readOnly *bool) {
	for p.err == nil {
		switch {
		case p.eat("isolation", "level"):
			switch {
			case p.eat("read", "committed"):
				level = "read committed"
			case p.eat("read", "uncommitted"):
				level = "read uncommitted"
			case p.eat("repeatable", "read"):
				level = "repeatable read"
			default:
				p.need("serializable")
				level = "serializable"
			}
		case p.kw("read", "only"), p.kw("read", "write"):
			yes := p.kw("read", "only")
			readOnly = &yes
			p.i += 2
		case p.eat("deferrable"), p.eat("not", "deferrable"):
		default:
			return level, readOnly
		}
		p.eatPunct(",")
	}
	return level, readOnly
}

// endTransaction reads COMMIT, END, ROLLBACK, ABORT and ROLLBACK TO.
func (p *parser) endTransaction() ast.Statement {
	s := &ast.Transaction{Pos: p.at(), Kind: "commit"}
	if p.kwIn("rollback", "abort") {
		s.Kind = "rollback"
	}
	rollback := p.kw("rollback")
	p.advance()
	if p.kw("prepared") {
		p.unsupported(p.pos(), "a prepared transaction")
	}
	p.work()
	switch {
	case rollback && p.eat("to"):
		p.eat("savepoint")
		s.Kind, s.Name = "rollback to", p.name()
	case p.eat("and", "no", "chain"):
	case p.kw("and", "chain"):
		p.unsupported(p.pos(), "AND CHAIN")
	}
	return s
}

// savepoint reads SAVEPOINT name and RELEASE [SAVEPOINT] name.
func (p *parser) savepoint() ast.Statement {
	s := &ast.Transaction{Pos: p.at(), Kind: p.tok().text}
	p.advance()
	if s.Kind == "release" {
		p.eat("savepoint")
	}
	s.Name = p.name()
	return s
}
