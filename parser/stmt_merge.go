package parser

import (
	"volley/parser/ast"
	"volley/sqlerr"
)

// merge reads MERGE INTO table [alias] USING source ON condition WHEN …. All its
// expressions go through TiDB as the list of one SELECT from the source.
func (p *parser) merge(with *ast.Query) ast.Statement {
	s := &ast.Merge{Pos: p.changePos(with), With: with}
	if with != nil && with.Recursive {
		p.failAt(p.pos(), sqlerr.SyntaxError, "WITH RECURSIVE is not supported for MERGE statement")
	}
	p.advance()
	p.need("into")
	s.Table, s.Alias = p.target("using")
	p.need("using")
	p.rope.reset()
	from, _ := p.fromItem()
	from = p.raise(from, 1)
	p.need("on")
	list := p.expr()
	s.On = absent
	for ok := true; ok && p.err == nil; ok = p.kw("when") {
		var w ast.MergeWhen
		w, list = p.mergeWhen(list)
		s.Whens = append(s.Whens, w)
	}
	sel := p.liftSelect(&selectInfo{}, list, from, frag{})
	if sel == nil {
		return s
	}
	s.Using = sel.From[0]
	items := sel.Items
	fill(&items, &s.On)
	for i := range s.Whens {
		w := &s.Whens[i]
		fill(&items, &w.Cond)
		setValues(w.Set, &items)
		fillTargets(&items, w.Columns)
		for j := range w.Values {
			fill(&items, &w.Values[j])
		}
	}
	return s
}

// mergeWhen reads WHEN [NOT] MATCHED [AND condition] THEN action, and appends its
// expressions to a list.
func (p *parser) mergeWhen(list frag) (ast.MergeWhen, frag) {
	w := ast.MergeWhen{Pos: p.at()}
	p.need("when")
	w.Matched = !p.eat("not")
	p.need("matched")
	if p.eat("and") {
		w.Cond = absent
		list = p.list(list, p.expr())
	}
	p.need("then")
	switch {
	case p.eat("do"):
		p.need("nothing")
		w.Action = "nothing"
	case w.Matched && p.eat("delete"):
		w.Action = "delete"
	case w.Matched && p.eat("update"):
		w.Action = "update"
		p.need("set")
		var values frag
		w.Set, values = p.assignments()
		list = p.list(list, values)
	case !w.Matched && p.eat("insert"):
		list = p.mergeInsert(&w, list)
	default:
		p.fail()
	}
	return w, list
}

// mergeInsert reads [(columns)] [OVERRIDING …] VALUES (…) | DEFAULT VALUES.
func (p *parser) mergeInsert(w *ast.MergeWhen, list frag) frag {
	w.Action = "insert"
	if p.punct("(") {
		var parts frag
		w.Columns, parts = p.targets()
		list = p.list(list, parts)
	}
	w.Overriding = p.overriding()
	if p.eat("default", "values") {
		return list
	}
	p.need("values")
	p.needPunct("(")
	values, n := p.exprList()
	p.needPunct(")")
	if n == 0 {
		p.fail()
	}
	for range n {
		w.Values = append(w.Values, absent)
	}
	return p.list(list, values)
}
