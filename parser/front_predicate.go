package parser

import "volley/parser/ast"

// infixWord applies an operator that is a word: AND, IS, IN, LIKE, AT TIME ZONE, ….
func (p *parser) infixWord(o *operand, min int, restricted bool) bool {
	t := p.tok()
	switch t.text {
	case "and":
		return min < bindAnd && p.logic(o, "and", " AND ", bindAnd)
	case "or":
		return min < bindOr && p.logic(o, "or", " OR ", bindOr)
	case "is":
		return min < bindIs+b2i(restricted) && p.is(o, restricted)
	case "isnull", "notnull":
		if min >= bindIs || o.last == bindIs {
			return false
		}
		p.advance()
		is := &ast.Is{Not: t.text == "notnull", What: "null"}
		o.frag, o.last = p.isTest(t.pos, is, o.frag, " IS NULL"), bindNone
		return true
	case "not":
		switch next := p.peek(1); {
		case next.kind != tokIdent:
			return false
		case next.text == "in", next.text == "between", next.text == "like", next.text == "ilike":
			return p.predicate(o, min, true)
		case next.text == "similar":
			return p.predicate(o, min, true)
		}
		return false
	case "similar":
		if !p.kw("similar", "to") {
			return false // of SUBSTRING(a SIMILAR b ESCAPE c)
		}
		return p.predicate(o, min, false)
	case "in", "between", "like", "ilike":
		return p.predicate(o, min, false)
	case "at":
		if !p.kw("at", "time", "zone") || min >= bindAt {
			return false
		}
		p.i += 3
		zone := p.exprAbove(bindAt, false)
		call := newCall("timezone", 2)
		o.frag, o.last = p.userCall(call, t.pos, p.list(zone, o.frag)), bindNone
		return true
	case "collate":
		if min >= bindCollate {
			return false
		}
		p.advance()
		name := p.collationName()
		o.frag, o.last = p.marker(mkCollate, t.pos, &ast.Collate{Name: name}, o.frag), bindNone
		return true
	case "overlaps":
		if min >= bindOp {
			return false
		}
		p.advance()
		rhs := p.exprAbove(bindOp, false)
		ops := []opAt{{op: "overlaps", pos: t.pos}}
		o.frag, o.last = p.marker(mkOp, t.pos, ops, p.list(o.frag, rhs)), bindNone
		return true
	}
	return false
}

func (p *parser) collationName() ast.QName {
	name := ast.QName{Pos: p.at(), Parts: []string{p.label()}}
	for p.eatPunct(".") {
		name.Parts = append(name.Parts, p.label())
	}
	return name
}

// b2i lets IS DISTINCT FROM into a restricted expression, whose floor is bindIs.
func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nativeLogic is the longest AND or OR written as TiDB's own; a longer one would
// make TiDB's tree as deep as it is long.
const nativeLogic = 64

// logic applies a run of AND or OR at once.
func (p *parser) logic(o *operand, op, text string, lv int) bool {
	terms := []frag{o.frag}
	var ops []opAt
	for p.err == nil && p.kw(op) {
		ops = append(ops, opAt{op: op, pos: p.pos()})
		p.advance()
		terms = append(terms, p.exprAbove(lv, false))
	}
	if out, ok := p.logicOf(terms, ops); ok {
		o.frag, o.last = out, bindNone
		return p.err == nil
	}
	var out frag
	if len(terms) > nativeLogic {
		for _, f := range terms {
			out = p.list(out, f)
		}
		o.frag = p.marker(mkLogic, ops[0].pos, ops, out)
		o.frag = p.raise(o.frag, 32) // balanced by the lift
	} else {
		for i, f := range terms {
			if i > 0 {
				out = p.append(out, p.text(text))
			}
			out = p.append(out, f)
		}
		o.frag = p.raise(p.paren(ops[0].pos, chainSide(ops), out), len(ops)-1)
	}
	o.last = bindNone
	return p.err == nil
}

// is writes IS [NOT] NULL and its relatives.
func (p *parser) is(o *operand, restricted bool) bool {
	t := p.tok()
	if o.last == bindIs {
		p.fail()
		return false
	}
	p.advance()
	not := p.eat("not")
	if p.eat("distinct", "from") {
		rhs := p.exprAbove(bindIs, restricted)
		o.frag, o.last = p.isDistinct(t.pos, not, o.frag, rhs), bindIs
		return p.err == nil
	}
	is := &ast.Is{Not: not}
	w := p.tok()
	native := ""
	switch {
	case restricted:
		p.fail()
		return false
	case p.eat("null"):
		native = " IS NULL"
	case p.eat("true"):
		native = " IS TRUE"
	case p.eat("false"):
		native = " IS FALSE"
	case p.eat("unknown"), p.eat("document"), p.eat("normalized"):
	case p.kwIn("nfc", "nfd", "nfkc", "nfkd") && p.peek(1).text == "normalized":
		p.i += 2
		is.What = w.text + " normalized"
	default:
		p.fail()
		return false
	}
	if is.What == "" {
		is.What = w.text
	}
	o.frag, o.last = p.isTest(t.pos, is, o.frag, native), bindNone
	return true
}

// isTest writes x IS …, by TiDB's own test where it has that.
func (p *parser) isTest(pos int32, is *ast.Is, x frag, native string) frag {
	if native == "" || p.node(x) != nil {
		return p.marker(mkIs, pos, is, x)
	}
	return p.paren(pos, is, x, p.text(native))
}

// isDistinct writes a IS [NOT] DISTINCT FROM b.
func (p *parser) isDistinct(pos int32, not bool, a, b frag) frag {
	side := &ast.IsDistinct{Not: not}
	if x, y := p.node(a), p.node(b); x != nil && y != nil {
		side.Pos, side.Left, side.Right = ast.Pos(pos), x, y
		return p.replace(a, side, b.height)
	}
	return p.paren(pos, side, a, p.text(" <=> "), b)
}

// between writes x [NOT] BETWEEN low AND high.
func (p *parser) between(pos int32, side *ast.Between, x, low, high frag) frag {
	if a, b, c := p.node(x), p.node(low), p.node(high); a != nil && b != nil && c != nil {
		side.Pos, side.Arg, side.Low, side.High = ast.Pos(pos), a, b, c
		return p.replace(x, side, max(low.height, high.height))
	}
	return p.paren(pos, side, x, p.text(" BETWEEN "), low, p.text(" AND "), high)
}

// predicate writes [NOT] IN, BETWEEN, LIKE, ILIKE and SIMILAR TO.
func (p *parser) predicate(o *operand, min int, not bool) bool {
	if min >= bindIn {
		return false
	}
	if o.last == bindIn {
		p.fail()
		return false
	}
	pos := p.pos()
	if not {
		p.advance()
	}
	word := p.tok().text
	p.advance()
	switch word {
	case "in":
		p.in(o, pos, not)
	case "between":
		b := &ast.Between{Not: not, Symmetric: p.eat("symmetric")}
		if !b.Symmetric {
			p.eat("asymmetric")
		}
		low := p.bExpr()
		p.need("and")
		high := p.exprAbove(bindIn, false)
		o.frag, o.last = p.between(pos, b, o.frag, low, high), bindIn
	default:
		p.like(o, pos, word, not)
	}
	return p.err == nil
}

// in writes IN (list) and IN (query).
func (p *parser) in(o *operand, pos int32, not bool) {
	var list frag
	if p.tok().query {
		list = p.subquery()
	} else {
		p.needPunct("(")
		items, n := p.exprList()
		if n == 0 {
			p.fail()
		}
		p.needPunct(")")
		if x := p.node(o.frag); x != nil && p.err == nil {
			if values, ok := p.nodes(items); ok {
				in := &ast.In{Pos: ast.Pos(pos), Not: not, Arg: x, List: values}
				o.frag, o.last = p.replace(o.frag, in, items.height), bindNone
				return
			}
		}
		list = p.cat(p.text("("), items, p.text(")"))
	}
	o.frag, o.last = p.paren(pos, &ast.In{Not: not}, o.frag, p.text(" IN "), list), bindNone
}

// like writes LIKE, ILIKE and SIMILAR TO, also with ANY and ALL.
func (p *parser) like(o *operand, pos int32, word string, not bool) {
	if word == "similar" {
		p.need("to")
	} else if quantifier(p.tok(), p.peek(1)) {
		op := map[string]string{"like": "~~", "ilike": "~~*"}[word]
		if not {
			op = "!" + op
		}
		p.quantified(o, op, pos)
		return
	}
	match := p.exprAbove(bindIn, false)
	args := p.list(o.frag, match)
	if p.eat("escape") {
		args = p.list(args, p.exprAbove(bindIn, false))
	}
	o.frag = p.marker(mkLike, pos, &ast.Like{Op: word, Not: not}, args)
	o.last = bindIn
}
