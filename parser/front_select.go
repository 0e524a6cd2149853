package parser

import "volley/parser/ast"

// selectBlock writes SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW …
// QUALIFY, and DuckDB's FROM … [SELECT …]. In TiDB's SQL a block without FROM
// reads the table "none".
func (p *parser) selectBlock() queryText {
	info := &selectInfo{sel: ast.Select{Pos: p.at()}}
	sel := &info.sel
	var distinctOn, items, from frag
	if p.eat("from") {
		from = p.fromList()
		if p.eat("select") {
			distinctOn = p.distinct(sel)
			items = p.selectList()
		} else {
			items = p.marker(mkStar, int32(sel.Pos), &ast.Star{}, frag{})
		}
	} else {
		p.need("select")
		distinctOn = p.distinct(sel)
		if !p.kw("from") && !p.endOfList() {
			items = p.selectList()
		}
		if p.kw("into") {
			p.intoTable()
		}
		if p.eat("from") {
			from = p.fromList()
		}
	}
	if from.empty() {
		from = p.text(`"none"`)
	}
	tail := p.cat(p.text(" FROM "), from)
	if p.eat("where") {
		tail = p.cat(tail, p.text(" WHERE "), p.expr())
	}
	if p.eat("group", "by") {
		tail = p.cat(tail, p.groupBy(sel))
	}
	if p.eat("having") {
		tail = p.cat(tail, p.text(" HAVING "), p.expr())
	}
	if p.eat("window") {
		tail = p.cat(tail, p.windows(info))
	}
	if p.eat("qualify") {
		sel.Qualify = absent
		items = p.list(p.marker(mkQualify, noPos, nil, p.expr()), items)
	}
	mark := p.marker(mkSelect, int32(sel.Pos), info, distinctOn)
	out := p.cat(p.text("SELECT "), p.list(mark, items), tail)
	return queryText{frag: p.raise(out, 1)}
}

// distinct reads ALL, DISTINCT and DISTINCT ON (…), whose expressions it gives.
func (p *parser) distinct(sel *ast.Select) frag {
	if !p.eat("distinct") {
		p.eat("all")
		return frag{}
	}
	sel.Distinct = true
	if !p.kw("on") || !p.peek(1).is("(") {
		return frag{}
	}
	p.i += 2
	list, n := p.exprList()
	if n == 0 {
		p.fail()
	}
	sel.DistinctOn = make([]ast.Expr, n)
	p.needPunct(")")
	return list
}

// selectList writes the items of a SELECT list; a comma may trail.
func (p *parser) selectList() frag {
	var out frag
	for {
		out = p.list(out, p.selectItem())
		if !p.eatPunct(",") || p.endOfList() {
			return out
		}
	}
}

// endOfList says whether the next clause or the end follows a list.
func (p *parser) endOfList() bool {
	return p.endOfQuery() || p.kwIn("from", "where", "group", "having", "window", "qualify", "union",
		"intersect", "except", "order", "limit", "offset", "fetch", "for", "into")
}

// selectItem writes expr [[AS] name].
func (p *parser) selectItem() frag {
	e := p.expr()
	t := p.tok()
	as := p.eat("as")
	if as || t.kind == tokQuoted || t.kind == tokIdent && !t.asLabel {
		e = p.cat(e, p.text(" AS "), p.ident(p.label(), noPos))
	}
	return e
}

// groupBy writes what follows GROUP BY.
func (p *parser) groupBy(sel *ast.Select) frag {
	if next := p.peek(1); p.kw("all") && (next.kind == tokEOF || next.is(")") || next.is(";") || next.kind == tokIdent && next.asLabel) {
		p.advance()
		sel.GroupAll = true
		return frag{}
	}
	if p.eat("distinct") {
		sel.GroupDist = true
	} else {
		p.eat("all")
	}
	var out frag
	for {
		out = p.list(out, p.groupItem())
		if !p.eatPunct(",") || p.endOfList() {
			break
		}
	}
	return p.cat(p.text(" GROUP BY "), out)
}

// groupItem writes an expression, (), ROLLUP (…), CUBE (…) or GROUPING SETS (…).
func (p *parser) groupItem() frag {
	if !p.enter() {
		p.leave()
		return frag{}
	}
	defer p.leave()
	pos := p.pos()
	kind := ast.GroupingSets
	switch {
	case p.punct("(") && p.peek(1).is(")"):
		p.i += 2
		return p.marker(mkGrouping, pos, &ast.Grouping{Kind: ast.EmptySet}, frag{})
	case p.kw("grouping", "sets") && p.peek(2).is("("):
		p.i += 3
	case p.kw("rollup") && p.peek(1).is("("):
		kind = ast.Rollup
		p.i += 2
	case p.kw("cube") && p.peek(1).is("("):
		kind = ast.Cube
		p.i += 2
	default:
		return p.cat(p.text("("), p.expr(), p.text(")"))
	}
	var sets frag
	for {
		if kind == ast.GroupingSets {
			sets = p.list(sets, p.groupItem())
		} else {
			sets = p.list(sets, p.cat(p.text("("), p.expr(), p.text(")")))
		}
		if !p.eatPunct(",") {
			break
		}
	}
	p.needPunct(")")
	return p.marker(mkGrouping, pos, &ast.Grouping{Kind: kind}, sets)
}

// windows writes WINDOW name AS (…), ….
func (p *parser) windows(info *selectInfo) frag {
	var out frag
	for {
		pos := p.at()
		name := p.name()
		p.need("as")
		w, spec := p.windowSpec()
		base := w.Name
		w.Pos, w.Name = pos, name
		info.windows = append(info.windows, w)
		info.sel.WindowBase = append(info.sel.WindowBase, base)
		out = p.list(out, p.cat(p.ident(name, noPos), p.text(" AS "), spec))
		if !p.eatPunct(",") {
			return p.cat(p.text(" WINDOW "), out)
		}
	}
}
