package parser

import "volley/parser/ast"

// begin reads BEGIN and START TRANSACTION with modes.
func (p *parser) begin() ast.Statement {
	s := &ast.Transaction{Pos: p.at(), Kind: "begin"}
	if p.eat("start") {
		p.need("transaction")
		s.Start = true
	} else {
		p.advance()
		p.work()
	}
	s.Modes = p.modes()
	return s
}

// work reads WORK or TRANSACTION.
func (p *parser) work() {
	if !p.eat("work") {
		p.eat("transaction")
	}
}

// modes reads transaction modes.
func (p *parser) modes() (m ast.TransactionModes) {
	for comma := false; p.err == nil; comma = p.eatPunct(",") {
		switch {
		case p.eat("isolation", "level"):
			switch {
			case p.eat("read", "committed"):
				m.Isolation = "read committed"
			case p.eat("read", "uncommitted"):
				m.Isolation = "read uncommitted"
			case p.eat("repeatable", "read"):
				m.Isolation = "repeatable read"
			default:
				p.need("serializable")
				m.Isolation = "serializable"
			}
		case p.kw("read", "only"), p.kw("read", "write"):
			yes := p.kw("read", "only")
			m.ReadOnly = &yes
			p.i += 2
		case p.kw("deferrable"), p.kw("not", "deferrable"):
			yes := !p.eat("not")
			m.Deferrable = &yes
			p.advance()
		case comma:
			p.fail()
		default:
			return m
		}
	}
	return m
}

// setTransaction reads what follows SET [SESSION CHARACTERISTICS AS] TRANSACTION.
func (p *parser) setTransaction(pos ast.Pos, session bool) ast.Statement {
	if p.kw("snapshot") && !session {
		p.unsupported(p.pos(), "SET TRANSACTION SNAPSHOT")
		return nil
	}
	s := &ast.SetTransaction{Pos: pos, Session: session, Modes: p.modes()}
	if s.Modes == (ast.TransactionModes{}) {
		p.fail()
	}
	return s
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
	case p.eat("and", "chain"):
		s.Chain = true
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
