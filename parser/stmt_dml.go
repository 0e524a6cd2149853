package parser

import (
	"volley/parser/ast"
)

// insert reads INSERT INTO table [(columns)] query | DEFAULT VALUES
// [ON CONFLICT …] [RETURNING …]. The WITH list before it has been read, if there
// is one.
func (p *parser) insert(with *ast.Query) ast.Statement {
	s := &ast.Insert{Pos: p.changePos(with), With: with}
	p.advance()
	p.need("into")
	s.Table = p.qname()
	if p.kw("as") {
		p.advance()
		s.Alias = p.name()
	}
	if p.punct("(") && !p.tok().query {
		p.rope.reset()
		var parts frag
		if s.Columns, parts = p.targets(); !parts.empty() {
			if sel := p.liftSelect(&selectInfo{}, parts, frag{}, frag{}); sel != nil {
				fillTargets(&sel.Items, s.Columns)
			}
		}
	}
	s.Overriding = p.overriding()
	switch {
	case p.eat("default", "values"):
	case !p.queryFollows():
		p.fail()
	default:
		s.Query = p.queryNode()
	}
	if p.kw("on", "conflict") {
		p.onConflict(s)
	}
	s.Returning = p.returning()
	return s
}

// overriding reads [OVERRIDING SYSTEM|USER VALUE].
func (p *parser) overriding() (of string) {
	if !p.eat("overriding") {
		return ""
	}
	if of = "user"; !p.eat("user") {
		of = "system"
		p.need("system")
	}
	p.need("value")
	return of
}

// onConflict reads ON CONFLICT [(columns) [WHERE …]] DO NOTHING | DO UPDATE SET … [WHERE …].
func (p *parser) onConflict(s *ast.Insert) {
	p.i += 2
	if p.punct("(") {
		s.ConflictItems = p.indexItems()
		if p.eat("where") {
			s.ConflictWhere = p.exprNode()
		}
	} else if p.eat("on", "constraint") {
		s.ConflictConstraint = p.name()
	}
	p.need("do")
	if p.eat("update") {
		s.OnConflict = "update"
		p.need("set")
		p.rope.reset()
		set, values := p.assignments()
		s.Set = set
		if sel := p.liftSelect(&selectInfo{}, values, frag{}, p.whereClause()); sel != nil {
			setValues(set, &sel.Items)
			s.Where = sel.Where
		}
		return
	}
	p.need("nothing")
	s.OnConflict = "nothing"
}

// returning reads RETURNING items.
func (p *parser) returning() []ast.SelectItem {
	if !p.eat("returning") {
		return nil
	}
	p.rope.reset()
	sel := p.liftSelect(&selectInfo{}, p.selectList(), frag{}, frag{})
	if sel == nil {
		return nil
	}
	return sel.Items
}

// update reads UPDATE table [alias] SET … [FROM …] [WHERE …] [RETURNING …]. The
// values, FROM and WHERE go through TiDB as one SELECT.
func (p *parser) update(with *ast.Query) ast.Statement {
	s := &ast.Update{Pos: p.changePos(with), With: with}
	p.advance()
	s.Table, s.Alias = p.target("set")
	p.need("set")
	p.rope.reset()
	var values, from, where frag
	s.Set, values = p.assignments()
	if p.eat("from") {
		from = p.fromList()
	}
	where = p.whereClause()
	sel := p.liftSelect(&selectInfo{}, values, from, where)
	if sel == nil {
		return s
	}
	setValues(s.Set, &sel.Items)
	s.From, s.Where = sel.From, sel.Where
	s.Returning = p.returning()
	return s
}

// setValues gives the assignments their values, which are the first items of a SELECT.
func setValues(set []ast.Assignment, items *[]ast.SelectItem) {
	for i := range set {
		fillTargets(items, set[i].Columns)
		fill(items, &set[i].Value)
	}
}

// fillTargets gives targets their parts, which are the first items of a SELECT.
func fillTargets(items *[]ast.SelectItem, targets []ast.Target) {
	for i := range targets {
		fill(items, &targets[i].Part)
	}
}

// fill puts the first of items in the place of an expression that is absent.
func fill(items *[]ast.SelectItem, e *ast.Expr) {
	if *e == absent && len(*items) > 0 {
		*e, *items = (*items)[0].Expr, (*items)[1:]
	}
}

// assignments reads column = value, …; the parts of columns and the values are a list for
// a SELECT.
func (p *parser) assignments() (set []ast.Assignment, values frag) {
	for {
		a := ast.Assignment{Pos: p.at(), Value: absent}
		if p.punct("(") {
			var parts frag
			a.Columns, parts = p.targets()
			a.Multiple, values = true, p.list(values, parts)
		} else {
			a.Columns = make([]ast.Target, 1)
			a.Columns[0], values = p.assignedTo(values)
		}
		p.needPunct("=")
		set = append(set, a)
		values = p.list(values, p.expr())
		if !p.eatPunct(",") {
			return set, values
		}
	}
}

// targets reads (column, …), of which each may be a part of one: these are a list for a
// SELECT.
func (p *parser) targets() (list []ast.Target, parts frag) {
	p.needPunct("(")
	for {
		var t ast.Target
		t, parts = p.assignedTo(parts)
		list = append(list, t)
		if !p.eatPunct(",") {
			p.needPunct(")")
			return list, parts
		}
	}
}

// assignedTo reads column[subscripts].field…, and appends the part to a list.
func (p *parser) assignedTo(parts frag) (ast.Target, frag) {
	t := ast.Target{Pos: p.at(), Name: p.name()}
	if !p.punct("[") && !p.punct(".") {
		return t, parts
	}
	t.Part = absent
	return t, p.list(parts, p.indirection(p.literal(ast.Null, "", noPos)))
}

// whereClause writes [WHERE expr].
func (p *parser) whereClause() frag {
	if !p.eat("where") {
		return frag{}
	}
	if p.kw("current", "of") {
		p.unsupported(p.pos(), "WHERE CURRENT OF")
	}
	return p.expr()
}

// target reads the table of UPDATE and DELETE, with its alias, which cannot be
// the keyword that follows it.
func (p *parser) target(follow string) (ast.QName, string) {
	p.eat("only")
	name := p.qname()
	p.eatPunct("*")
	if p.eat("as") || p.tok().isName() && !p.kw(follow) {
		return name, p.name()
	}
	return name, ""
}

// delete reads DELETE FROM table [alias] [USING …] [WHERE …] [RETURNING …].
func (p *parser) delete(with *ast.Query) ast.Statement {
	s := &ast.Delete{Pos: p.changePos(with), With: with}
	p.advance()
	p.need("from")
	s.Table, s.Alias = p.target("using")
	p.rope.reset()
	var using, where frag
	if p.eat("using") {
		using = p.fromList()
	}
	where = p.whereClause()
	sel := p.liftSelect(&selectInfo{}, frag{}, using, where)
	if sel != nil {
		s.Using, s.Where = sel.From, sel.Where
	}
	s.Returning = p.returning()
	return s
}

// truncate reads TRUNCATE [TABLE] names.
func (p *parser) truncate() ast.Statement {
	s := &ast.Truncate{Pos: p.at()}
	p.advance()
	p.eat("table")
	p.eat("only")
	for {
		s.Names = append(s.Names, p.qname())
		p.eatPunct("*")
		if !p.eatPunct(",") {
			break
		}
	}
	if s.Restart = p.eat("restart", "identity"); !s.Restart {
		p.eat("continue", "identity")
	}
	p.cascade()
	return s
}

// cascade reads CASCADE or RESTRICT.
func (p *parser) cascade() bool {
	if p.eat("cascade") {
		return true
	}
	p.eat("restrict")
	return false
}
