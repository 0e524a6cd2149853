package parser

import (
	"slices"
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// create reads CREATE [OR REPLACE] [TEMP] TABLE, VIEW, INDEX, ….
func (p *parser) create() ast.Statement {
	pos := p.at()
	p.advance()
	replace := p.eat("or", "replace")
	if p.secretFollows() {
		s := &ast.CreateSecret{Pos: pos, OrReplace: replace, Persistent: p.eat("persistent")}
		if !s.Persistent && !p.kw("secret") {
			p.advance()
		}
		return p.createSecret(s)
	}
	temp, recursive := false, false
	for p.kwIn("temp", "temporary", "local", "global", "unlogged", "recursive") {
		temp = temp || p.kwIn("temp", "temporary")
		recursive = recursive || p.kw("recursive")
		p.advance()
	}
	if recursive && !p.kw("view") {
		p.fail()
		return nil
	}
	switch {
	case p.eat("external", "table"):
		return p.createExternal(&ast.CreateExternalTable{Pos: pos, OrReplace: replace})
	case p.eat("table"):
		return p.createTable(&ast.CreateTable{Pos: pos, OrReplace: replace, Temp: temp})
	case p.eat("view"):
		view := &ast.CreateView{Pos: pos, OrReplace: replace, Temp: temp}
		if recursive {
			return p.createRecursiveView(view)
		}
		return p.createView(view)
	case p.eat("unique", "index"):
		return p.createIndex(&ast.CreateIndex{Pos: pos, Unique: true})
	case p.eat("index"):
		return p.createIndex(&ast.CreateIndex{Pos: pos})
	case p.eat("schema"):
		return p.createSchema(pos)
	case p.eat("sequence"):
		return p.createSequence(&ast.CreateSequence{Pos: pos, Temp: temp})
	case p.eat("function"):
		return p.createFunction(&ast.CreateFunction{Pos: pos, OrReplace: replace})
	case p.eat("materialized", "view"):
		return p.createMaterialized(pos)
	case p.kwIn("type", "domain", "trigger", "rule", "extension", "role",
		"user", "group", "database", "aggregate", "procedure", "operator", "collation", "cast",
		"policy", "publication", "subscription", "server", "foreign", "language", "tablespace",
		"conversion", "statistics", "access", "event", "text", "constraint", "macro"):
		p.unsupported(p.pos(), "CREATE "+p.objectKind())
	default:
		p.fail()
	}
	return nil
}

// objectKind names the kind of object at the current token, for a message.
func (p *parser) objectKind() string {
	kind := strings.ToUpper(p.tok().text)
	switch p.tok().text {
	case "materialized", "foreign", "access", "event", "text", "operator":
		if next := p.peek(1); next.kind == tokIdent {
			kind += " " + strings.ToUpper(next.text)
		}
	}
	return kind
}

// ifNotExists reads IF NOT EXISTS.
func (p *parser) ifNotExists() bool { return p.eat("if", "not", "exists") }

// createTable reads what follows CREATE TABLE.
func (p *parser) createTable(s *ast.CreateTable) ast.Statement {
	s.IfNotExists = p.ifNotExists()
	s.Name = p.qname()
	if p.punct("(") {
		p.tableElements(s)
	}
	if p.kwIn("partition", "inherits", "of") {
		p.unsupported(p.pos(), strings.ToUpper(p.tok().text)+" in CREATE TABLE")
	}
	p.accessMethod()
	if p.kw("with") && p.peek(1).is("(") {
		p.advance()
		p.options() // storage parameters
	}
	if p.eat("on", "commit") {
		if !p.eat("preserve", "rows") && !p.eat("delete", "rows") {
			p.need("drop")
		}
	}
	if p.eat("tablespace") {
		p.name()
	}
	if p.kw("as") && slices.ContainsFunc(s.Columns, func(c ast.ColumnDef) bool { return c.Type.Name != "" }) {
		p.fail()
	}
	if p.eat("as") {
		if p.kw("execute") {
			s.Execute, _ = p.execute().(*ast.Execute)
		} else {
			s.As = p.queryNode()
		}
		if p.eat("with", "no", "data") {
			s.WithNoData = true
		} else {
			p.eat("with", "data")
		}
	} else if p.toks[p.i-1].kind != tokPunct && len(s.Columns) == 0 && len(s.Constraints) == 0 && len(s.Likes) == 0 {
		p.fail()
	}
	return s
}

// accessMethod reads USING heap: there is no other one.
func (p *parser) accessMethod() {
	if !p.eat("using") {
		return
	}
	if method := p.name(); method != "heap" && p.err == nil {
		p.setErr(sqlerr.New(sqlerr.UndefinedObject, "access method \"%s\" does not exist", method))
	}
}

// tableElements reads (column type …, constraint, …). Before AS the types may be
// missing.
func (p *parser) tableElements(s *ast.CreateTable) {
	p.needPunct("(")
	if p.eatPunct(")") {
		return
	}
	for {
		switch {
		case p.kw("like"):
			s.Likes = append(s.Likes, p.tableLike(len(s.Columns)))
		case p.kwIn("constraint", "primary", "unique", "check", "foreign", "exclude") && p.constraintFollows():
			s.Constraints = append(s.Constraints, p.tableConstraint())
		default:
			s.Columns = append(s.Columns, p.columnDef())
		}
		if !p.eatPunct(",") || p.punct(")") {
			break
		}
	}
	p.needPunct(")")
}

// constraintFollows tells a table constraint from a column of that name.
func (p *parser) constraintFollows() bool {
	t := p.tok()
	return t.class == reserved || p.peek(1).is("(") || p.peek(1).text == "using"
}

// columnDef reads name [type] [constraints].
func (p *parser) columnDef() ast.ColumnDef {
	c := ast.ColumnDef{Pos: p.at(), Name: p.name()}
	if !p.punct(",") && !p.punct(")") {
		c.Type = p.typeName()
	}
	for p.err == nil {
		k := ast.Constraint{Pos: p.at()}
		if p.eat("constraint") {
			k.Name = p.name()
		}
		if !p.columnConstraint(&c, k) {
			return c
		}
	}
	return c
}

// columnConstraint reads one constraint of a column into it; k is what was read of it
// before.
func (p *parser) columnConstraint(c *ast.ColumnDef, k ast.Constraint) bool {
	switch {
	case p.kw("not") && p.peek(1).text != "null" && p.peek(1).text != "deferrable":
		p.advance() // the grammar has NOT with these two only
		p.fail()
	case p.eat("not", "null"):
		c.NotNull = true
	case p.eat("null"):
	case p.eat("primary", "key"):
		c.PrimaryKey, c.NotNull = true, true
		k.Kind = "primary key"
		p.deferrable(&k)
		c.Constraints = append(c.Constraints, k)
	case p.eat("unique"):
		k.Kind, k.NullsNotDistinct = "unique", p.nullsNotDistinct()
		p.deferrable(&k)
		c.Constraints = append(c.Constraints, k)
	case p.eat("default"):
		pos := p.pos()
		c.Default = p.bExprNode()
		c.DefaultText = p.textFrom(pos)
	case p.eat("check"):
		p.check(&k)
		c.Constraints = append(c.Constraints, k)
	case p.eat("references"):
		p.references()
	case p.eat("collate"):
		c.Collation = p.collationName()
	case p.eat("generated"):
		p.generated(c)
	case p.eat("deferrable"), p.eat("not", "deferrable"), p.eat("initially", "deferred"), p.eat("initially", "immediate"):
	default:
		return false
	}
	return true
}

// generated reads GENERATED ALWAYS AS (expr) STORED and GENERATED ALWAYS|BY
// DEFAULT AS IDENTITY [(options)].
func (p *parser) generated(c *ast.ColumnDef) {
	kind := p.identityKind()
	p.need("as")
	if p.eat("identity") {
		c.Identity, c.NotNull = kind, true
		p.identityOptions(c)
		return
	}
	p.needPunct("(")
	pos := p.pos()
	c.Generated = p.exprNode()
	c.GeneratedText = p.textFrom(pos)
	p.needPunct(")")
	p.need("stored")
}

// identityKind reads ALWAYS or BY DEFAULT.
func (p *parser) identityKind() string {
	if p.eat("always") {
		return "always"
	}
	p.need("by", "default")
	return "by default"
}

// identityOptions reads the options of an identity column's sequence, if there are any.
func (p *parser) identityOptions(c *ast.ColumnDef) {
	if p.eatPunct("(") {
		c.Sequence = p.sequenceOptions()
		p.needPunct(")")
	}
}

// references passes what follows REFERENCES; foreign keys are not enforced.
func (p *parser) references() {
	p.qname()
	if p.punct("(") {
		p.names()
	}
	for p.err == nil {
		switch {
		case p.eat("match"):
			p.label()
		case p.eat("on", "delete"), p.eat("on", "update"):
			if p.eat("no") {
				p.need("action")
			} else if p.eat("set") {
				p.label()
			} else {
				p.label()
			}
		default:
			return
		}
	}
}

// tableConstraint reads [CONSTRAINT name] PRIMARY KEY (…) | UNIQUE (…) |
// CHECK (…) | FOREIGN KEY (…) REFERENCES ….
func (p *parser) tableConstraint() ast.Constraint {
	c := ast.Constraint{Pos: p.at()}
	if p.eat("constraint") {
		c.Name = p.name()
	}
	switch {
	case p.eat("primary", "key"):
		c.Kind, c.Columns = "primary key", p.names()
	case p.eat("unique"):
		c.Kind, c.NullsNotDistinct = "unique", p.nullsNotDistinct()
		c.Columns = p.names()
	case p.eat("check"):
		p.check(&c)
	case p.eat("foreign", "key"):
		c.Kind, c.Columns = "foreign key", p.names()
		p.need("references")
		p.references()
	default:
		p.unsupported(p.pos(), "this table constraint")
	}
	p.deferrable(&c)
	return c
}

// check reads what follows CHECK.
func (p *parser) check(c *ast.Constraint) {
	c.Kind = "check"
	p.needPunct("(")
	pos := p.pos()
	c.Check = p.exprNode()
	c.Text = p.textFrom(pos)
	p.needPunct(")")
	p.eat("no", "inherit")
}

// nullsNotDistinct reads [NULLS [NOT] DISTINCT].
func (p *parser) nullsNotDistinct() bool {
	if p.eat("nulls", "distinct") {
		return false
	}
	return p.eat("nulls", "not", "distinct")
}

// deferrable reads [NOT] DEFERRABLE and INITIALLY DEFERRED|IMMEDIATE.
func (p *parser) deferrable(c *ast.Constraint) {
	never := false
	for {
		switch pos := p.pos(); {
		case p.eat("deferrable"):
			c.Deferrable = true
		case p.eat("not", "deferrable"):
			never = true
		case p.eat("initially", "deferred"):
			c.Deferrable, c.Deferred = true, true
		case p.eat("initially", "immediate"):
		case never && c.Deferred:
			p.failAt(pos, sqlerr.SyntaxError, "constraint declared INITIALLY DEFERRED must be DEFERRABLE")
			return
		default:
			return
		}
	}
}

// createExternal reads what follows CREATE EXTERNAL TABLE; its clauses may stand
// in any order.
func (p *parser) createExternal(s *ast.CreateExternalTable) ast.Statement {
	s.IfNotExists = p.ifNotExists()
	s.Name = p.qname()
	if p.punct("(") {
		p.advance()
		for !p.punct(")") && p.err == nil {
			s.Columns = append(s.Columns, p.columnDef())
			if !p.eatPunct(",") {
				break
			}
		}
		p.needPunct(")")
	}
	for p.err == nil {
		switch {
		case p.eat("stored", "as"):
			s.StoredAs = strings.ToUpper(p.label())
		case p.eat("location"):
			s.Location = p.str()
		case p.eat("partitioned", "by"):
			s.PartitionBy = p.partitionColumns()
		case p.eat("options"), p.kw("with") && p.peek(1).is("(") && p.eat("with"):
			s.Options = append(s.Options, p.options()...)
		case p.eat("with", "header", "row"):
			s.Options = append(s.Options, ast.Option{Pos: p.at(), Name: "header"})
		case s.StoredAs == "" || s.Location == "":
			p.failAt(p.pos(), sqlerr.SyntaxError, "CREATE EXTERNAL TABLE needs STORED AS and LOCATION")
			return s
		default:
			return s
		}
	}
	return s
}

// partitionColumns reads (name [type], …).
func (p *parser) partitionColumns() []ast.ColumnDef {
	p.needPunct("(")
	var out []ast.ColumnDef
	for {
		out = append(out, p.columnDef())
		if !p.eatPunct(",") {
			break
		}
	}
	p.needPunct(")")
	return out
}

// createView reads what follows CREATE VIEW.
func (p *parser) createView(s *ast.CreateView) ast.Statement {
	s.IfNotExists = p.ifNotExists()
	s.Name = p.qname()
	if p.punct("(") {
		s.Columns = p.names()
	}
	if p.eat("with") {
		s.Options = p.options()
	}
	p.need("as")
	pos := p.pos()
	s.Query = p.queryNode()
	s.Text = p.textFrom(pos)
	if p.eat("with") {
		if s.CheckOption = "cascaded"; !p.eat("cascaded") && p.eat("local") {
			s.CheckOption = "local"
		}
		p.need("check", "option")
	}
	return s
}

// createSchema reads what follows CREATE SCHEMA.
func (p *parser) createSchema(pos ast.Pos) ast.Statement {
	s := &ast.CreateSchema{Pos: pos, IfNotExists: p.ifNotExists()}
	if !p.kw("authorization") {
		s.Name = p.name()
	}
	if p.eat("authorization") {
		role := p.label()
		if s.Name == "" {
			s.Name = role
		}
	}
	return s
}
