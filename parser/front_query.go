package parser

import "volley/parser/ast"

// queryText is the TiDB SQL of a query on the way.
type queryText struct {
	frag
	clauses bool // has WITH, ORDER BY, LIMIT or a lock: no operand as it stands
	setOp   bool
}

// query writes a query with all its clauses.
func (p *parser) query() queryText {
	if !p.enter() {
		p.leave()
		return queryText{}
	}
	defer p.leave()
	info := &queryInfo{query: ast.Query{Pos: p.at()}}
	var with, order, limit frag
	if p.kw("with") {
		with = p.with(&info.query)
	}
	body := p.setOp(0)
	if p.eat("order", "by") {
		if p.kw("all") {
			p.advance()
			info.query.OrderAll = true
			p.sortDirection(&info.query.AllItem)
		} else {
			order = p.sortList()
		}
	}
	limit = p.limits(info)
	q := &info.query
	if with.empty() && order.empty() && limit.empty() && !q.OrderAll && q.Locks == nil {
		return body
	}
	return p.withClauses(info, with, order, limit, body)
}

// withClauses writes a body between the clauses of its query.
func (p *parser) withClauses(info *queryInfo, with, order, limit frag, body queryText) queryText {
	if body.clauses {
		body = p.nested(body, false)
	}
	mark := p.marker(mkQuery, int32(info.query.Pos), info, limit)
	out := p.cat(with, body.frag, p.text(" ORDER BY "), p.list(order, mark))
	return queryText{frag: p.raise(out, 1), clauses: true}
}

// nested makes a SELECT of a parenthesised query.
func (p *parser) nested(q queryText, byName bool) queryText {
	mark := p.marker(mkNested, noPos, &nestedInfo{byName}, frag{})
	src := p.source(p.cat(p.text("("), q.frag, p.text(")")), &ast.Derived{})
	return queryText{frag: p.raise(p.cat(p.text("SELECT "), mark, p.text(" FROM "), src), 1)}
}

// with writes WITH [RECURSIVE] name [(columns)] AS [[NOT] MATERIALIZED] (query), ….
func (p *parser) with(q *ast.Query) frag {
	p.advance()
	q.Recursive = p.eat("recursive")
	out := p.text("WITH ")
	if q.Recursive {
		out = p.text("WITH RECURSIVE ")
	}
	var list frag
	for {
		cte := ast.CTE{Pos: p.at(), Name: p.name()}
		if p.punct("(") {
			cte.Columns = p.names()
		}
		p.need("as")
		if not := p.eat("not"); not || p.kw("materialized") {
			p.need("materialized")
			yes := !not
			cte.Materialized = &yes
		}
		p.needPunct("(")
		body := p.withBody(&cte)
		p.needPunct(")")
		cte.Search = p.searchClause()
		cte.Cycle = p.cycleClause()
		q.With = append(q.With, cte)
		list = p.list(list, p.cat(p.ident(cte.Name, noPos), p.text(" AS ("), body.frag, p.text(")")))
		if !p.eatPunct(",") {
			break
		}
	}
	return p.cat(out, list, p.text(" "))
}

// limits writes LIMIT, OFFSET, FETCH and FOR UPDATE, in any order, as arguments
// of the query's marker: the limit, if there is one, then the offset.
func (p *parser) limits(info *queryInfo) frag {
	var limit, offset frag
	seenLimit, seenOffset := false, false
	for p.err == nil {
		switch {
		case p.kw("limit") && !seenLimit:
			p.advance()
			seenLimit = true
			if !p.eat("all") {
				limit = p.expr()
			}
			if p.punct(",") {
				p.failAt(p.pos(), "42601", "LIMIT #,# syntax is not supported")
			}
		case p.kw("offset") && !seenOffset:
			p.advance()
			seenOffset = true
			offset = p.expr()
			if !p.eat("rows") {
				p.eat("row")
			}
		case p.kw("fetch") && !seenLimit:
			seenLimit = true
			limit = p.fetch(info)
		case p.kw("for") && p.lock(&info.query):
		default:
			info.hasLimit = !limit.empty()
			return p.list(limit, offset)
		}
	}
	return frag{}
}

// fetch writes FETCH FIRST|NEXT [n] ROW|ROWS ONLY|WITH TIES.
func (p *parser) fetch(info *queryInfo) frag {
	pos := p.pos()
	p.advance()
	if !p.eat("first") {
		p.need("next")
	}
	limit := p.textAt("1", pos, nil)
	if !p.kwIn("row", "rows") {
		limit = p.exprAbove(bindUnary, false)
	}
	if !p.eat("rows") {
		p.need("row")
	}
	if p.eat("with") {
		p.need("ties")
		info.query.WithTies = true
	} else {
		p.need("only")
	}
	return limit
}

// lock reads FOR UPDATE, FOR SHARE and their kin.
func (p *parser) lock(q *ast.Query) bool {
	l := ast.Lock{Pos: p.at()}
	switch {
	case p.eat("for", "update"):
		l.Strength = "UPDATE"
	case p.eat("for", "no", "key", "update"):
		l.Strength = "NO KEY UPDATE"
	case p.eat("for", "share"):
		l.Strength = "SHARE"
	case p.eat("for", "key", "share"):
		l.Strength = "KEY SHARE"
	case p.eat("for", "read", "only"):
		return true
	default:
		return false
	}
	if p.eat("of") {
		for {
			l.Of = append(l.Of, p.qname())
			if !p.eatPunct(",") {
				break
			}
		}
	}
	q.Locks = append(q.Locks, l)
	if !p.eat("nowait") {
		p.eat("skip", "locked")
	}
	return true
}

// setOp writes a run of UNION, EXCEPT and INTERSECT whose operators bind stronger
// than min. TiDB keeps the run as a list, which the lift reads from left to
// right; what binds otherwise is in parentheses.
func (p *parser) setOp(min int) queryText {
	left := p.core()
	for p.err == nil {
		op, bind := "", 1
		switch {
		case p.kw("union"):
			op = " UNION "
		case p.kw("except"):
			op = " EXCEPT "
		case p.kw("intersect"):
			op, bind = " INTERSECT ", 2
		}
		if op == "" || bind <= min {
			break
		}
		p.advance()
		if p.eat("all") {
			op += "ALL "
		} else {
			p.eat("distinct")
		}
		byName := p.eat("by", "name")
		right := p.rightOperand(bind)
		if right.clauses || byName {
			right = p.nested(right, byName)
		}
		if left.clauses {
			left = p.nested(left, false)
		}
		if !left.setOp {
			left.frag = p.cat(p.text("("), left.frag, p.text(")"))
		}
		out := p.cat(left.frag, p.text(op+"("), right.frag, p.text(")"))
		left = queryText{frag: p.raise(out, 1), setOp: true}
	}
	return left
}

// core writes SELECT, VALUES, TABLE or a parenthesised query.
func (p *parser) core() queryText {
	t := p.tok()
	switch {
	case p.punct("("):
		p.advance()
		q := p.query()
		p.needPunct(")")
		return q
	case p.eat("values"):
		return p.values(t.pos)
	case p.eat("table"):
		tab := &ast.Table{Pos: p.at()}
		if p.eat("only") {
			tab.Only = true
		}
		tab.Name = p.qname()
		p.eatPunct("*")
		info := &selectInfo{sel: ast.Select{Pos: ast.Pos(t.pos)}}
		star := p.marker(mkStar, t.pos, &ast.Star{}, frag{})
		return p.selectOf(info, star, p.source(p.ident(tab.Name.Parts[0], noPos), tab))
	}
	return p.selectBlock()
}

// selectOf writes a SELECT of items from a source.
func (p *parser) selectOf(info *selectInfo, items, from frag) queryText {
	mark := p.marker(mkSelect, int32(info.sel.Pos), info, frag{})
	out := p.cat(p.text("SELECT "), p.list(mark, items))
	if from.empty() {
		from = p.text(`"none"`)
	}
	return queryText{frag: p.raise(p.cat(out, p.text(" FROM "), from), 1)}
}

// values writes VALUES (…), ….
func (p *parser) values(pos int32) queryText {
	out := p.text("VALUES ")
	var rows frag
	for p.err == nil {
		p.needPunct("(")
		items, n := p.exprList()
		if n == 0 {
			p.fail()
		}
		p.needPunct(")")
		if rows.empty() {
			items = p.list(p.marker(mkValues, pos, nil, frag{}), items)
		}
		rows = p.list(rows, p.cat(p.text("ROW("), items, p.text(")")))
		if !p.eatPunct(",") || !p.punct("(") && p.endOfQuery() {
			break
		}
	}
	return queryText{frag: p.raise(p.cat(out, rows), 1)}
}

// endOfQuery says whether nothing of the query follows.
func (p *parser) endOfQuery() bool {
	return p.eof() || p.punct(")") || p.punct(";")
}
