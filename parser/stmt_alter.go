package parser

import (
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// alter reads ALTER TABLE, VIEW, INDEX and SEQUENCE.
func (p *parser) alter() ast.Statement {
	pos := p.at()
	p.advance()
	switch {
	case p.kw("sequence"):
		return p.alterSequence(pos)
	case p.kwIn("table", "view", "index"):
	case p.kw("database"), p.kw("role"), p.kw("user"), p.kw("default", "privileges"):
		tag := "ALTER " + strings.ToUpper(p.tok().text)
		if p.kw("user") {
			tag = "ALTER ROLE"
		}
		if p.kw("default") {
			tag = "ALTER DEFAULT PRIVILEGES"
		}
		p.skipStatement()
		return &ast.NoOp{Pos: pos, Tag: tag}
	case p.kw("schema"):
		p.unsupported(p.pos(), "ALTER SCHEMA")
		return nil
	default:
		p.unsupported(p.pos(), "ALTER "+p.objectKind())
		return nil
	}
	s := &ast.AlterTable{Pos: pos, Kind: p.label()}
	s.IfExists = p.eat("if", "exists")
	p.eat("only")
	s.Name = p.qname()
	p.eatPunct("*")
	for p.err == nil {
		s.Actions = append(s.Actions, p.alterAction())
		if !p.eatPunct(",") {
			break
		}
	}
	return s
}

// alterSequence reads ALTER SEQUENCE: a change of options, or a rename and its
// like, which are those of tables.
func (p *parser) alterSequence(pos ast.Pos) ast.Statement {
	p.advance()
	exists := p.eat("if", "exists")
	name := p.qname()
	if p.kwIn("rename", "owner") || p.kw("set", "schema") {
		return &ast.AlterTable{Pos: pos, Kind: "sequence", Name: name, IfExists: exists, Actions: []ast.AlterAction{p.alterAction()}}
	}
	return &ast.AlterSequence{Pos: pos, Name: name, IfExists: exists, Options: p.sequenceOptions()}
}

func (p *parser) alterAction() ast.AlterAction {
	a := ast.AlterAction{Pos: p.at()}
	switch {
	case p.eat("add"):
		p.addAction(&a)
	case p.eat("drop", "constraint"):
		a.Kind, a.IfExists = "drop constraint", p.eat("if", "exists")
		a.Name = p.name()
		a.Cascade = p.cascade()
	case p.eat("drop"):
		p.eat("column")
		a.Kind, a.IfExists = "drop column", p.eat("if", "exists")
		a.Name = p.name()
		a.Cascade = p.cascade()
	case p.eat("rename", "constraint"):
		a.Kind, a.Name = "rename constraint", p.name()
		p.need("to")
		a.NewName = p.name()
	case p.eat("rename", "to"):
		a.Kind, a.NewName = "rename", p.name()
	case p.eat("rename"):
		p.eat("column")
		a.Kind, a.Name = "rename column", p.name()
		p.need("to")
		a.NewName = p.name()
	case p.eat("set", "schema"):
		a.Kind, a.NewName = "set schema", p.name()
	case p.eat("alter"):
		p.eat("column")
		a.Name = p.name()
		p.alterColumn(&a)
	case p.eat("owner", "to"), p.eat("set", "tablespace"), p.eat("cluster", "on"), p.eat("replica", "identity"),
		p.eat("enable"), p.eat("disable"), p.eat("validate", "constraint"):
		a.Kind = "none"
		for !p.eof() && !p.punct(";") && !p.punct(",") {
			p.advance()
		}
	case p.kwIn("set", "reset") && p.peek(1).is("("):
		a.Kind = "none"
		p.advance()
		p.options()
	case p.eof(), p.punct(";"):
		p.fail()
	default:
		p.unsupported(p.pos(), "this form of ALTER TABLE")
	}
	return a
}

// addAction reads what follows ADD.
func (p *parser) addAction(a *ast.AlterAction) {
	if p.kwIn("constraint", "primary", "unique", "check", "foreign", "exclude") && p.constraintFollows() {
		a.Kind, a.Constraint = "add constraint", p.tableConstraint()
		p.eat("not", "valid")
		return
	}
	p.eat("column")
	a.Kind, a.IfExists = "add column", p.ifNotExists()
	a.Column = p.columnDef()
}

// alterColumn reads what follows ALTER COLUMN name.
func (p *parser) alterColumn(a *ast.AlterAction) {
	switch {
	case p.eat("set", "default"):
		a.Kind = "set default"
		pos := p.pos()
		a.Column.Default = p.exprNode()
		a.Column.DefaultText = p.textFrom(pos)
	case p.eat("drop", "default"):
		a.Kind = "drop default"
	case p.eat("set", "not", "null"):
		a.Kind = "set not null"
	case p.eat("drop", "not", "null"):
		a.Kind = "drop not null"
	case p.eat("add"):
		a.Kind = "add identity"
		p.need("generated")
		a.Column.Identity = p.identityKind()
		p.need("as", "identity")
		p.identityOptions(&a.Column)
	case p.kw("restart"), p.kw("set") && changesIdentity[p.peek(1).text]:
		a.Kind = "set identity"
		p.identityChanges(&a.Column)
	case p.eat("drop", "identity"):
		a.Kind, a.IfExists = "drop identity", p.eat("if", "exists")
	case p.eat("drop", "expression"):
		a.Kind, a.IfExists = "drop expression", p.eat("if", "exists")
	case p.eat("type"), p.eat("set", "data", "type"):
		a.Kind = "type"
		a.Column.Type = p.typeName()
		if p.eat("collate") {
			p.qname()
		}
		if p.eat("using") {
			a.Using = p.exprNode()
		}
	case p.eat("set", "statistics"), p.eat("set", "storage"), p.eat("set", "compression"):
		a.Kind = "none"
		p.eatPunct("-")
		p.advance()
	case p.kw("set") && !p.peek(1).is("("):
		p.advance()
		p.fail()
	default:
		p.unsupported(p.pos(), "this form of ALTER COLUMN")
	}
}

// changesIdentity are the words after SET that begin what changes an identity column.
var changesIdentity = map[string]bool{
	"generated": true, "start": true, "increment": true, "minvalue": true, "maxvalue": true, "no": true, "cycle": true,
	"cache": true, "restart": true, "owned": true, "as": true, "sequence": true,
}

// identityChanges reads SET GENERATED …, SET option and RESTART [[WITH] n], any number of them.
func (p *parser) identityChanges(c *ast.ColumnDef) {
	for p.err == nil {
		pos := p.pos()
		switch {
		case p.kw("set", "generated"):
			p.i += 2
			if c.Identity != "" {
				p.failAt(pos, sqlerr.SyntaxError, "conflicting or redundant options")
			}
			c.Identity = p.identityKind()
		case p.kw("restart"):
			p.sequenceOption(&c.Sequence)
		case p.kw("set"):
			p.advance()
			switch {
			case p.kwIn("as", "owned"):
				name := map[string]string{"as": "as", "owned": "owned_by"}[p.tok().text]
				p.failAt(pos, sqlerr.SyntaxError, "sequence option \"%s\" not supported here", name)
			case p.kw("sequence", "name"):
				p.failAt(pos, sqlerr.SyntaxError, "invalid sequence option SEQUENCE NAME")
			case !p.sequenceOption(&c.Sequence):
				p.fail()
			}
		default:
			return
		}
	}
}
