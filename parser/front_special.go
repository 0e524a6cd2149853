package parser

import "volley/parser/ast"

// specialCall writes the functions with a syntax of their own, as calls by
// PostgreSQL's function names. It stays when none begins here.
func (p *parser) specialCall() (frag, bool) {
	t, open := p.tok(), p.peek(1).is("(")
	switch t.text {
	case "current_date", "current_user", "session_user", "user", "current_role", "current_catalog", "current_schema":
		if open && t.text == "current_schema" {
			return frag{}, false
		}
		p.advance()
		return p.userCall(newCall(t.text, 0), t.pos, frag{}), true
	case "current_time", "current_timestamp", "localtime", "localtimestamp":
		p.advance()
		if !p.eatPunct("(") {
			return p.userCall(newCall(t.text, 0), t.pos, frag{}), true
		}
		precision := p.expr()
		p.needPunct(")")
		return p.userCall(newCall(t.text, 1), t.pos, precision), true
	}
	if !open {
		return frag{}, false
	}
	var parse func() (string, frag, int)
	switch t.text {
	case "extract":
		parse = p.extract
	case "position":
		parse = p.position
	case "substring":
		parse = p.substring
	case "overlay":
		parse = p.overlay
	case "trim":
		parse = p.trim
	case "normalize":
		parse = p.normalize
	default:
		return frag{}, false
	}
	p.i += 2
	name, args, n := parse()
	p.needPunct(")")
	return p.userCall(newCall(name, n), t.pos, args), true
}

// extract reads EXTRACT(field FROM x) as extract('field', x).
func (p *parser) extract() (string, frag, int) {
	t := p.tok()
	if t.kind != tokIdent && t.kind != tokQuoted && t.kind != tokString {
		p.fail()
	}
	p.advance()
	field := p.literal(ast.String, t.text, t.pos)
	p.need("from")
	return "extract", p.list(field, p.expr()), 2
}

// position reads POSITION(a IN b) as position(b, a).
func (p *parser) position() (string, frag, int) {
	a := p.bExpr()
	p.need("in")
	b := p.bExpr()
	return "position", p.list(b, a), 2
}

// substring reads SUBSTRING(a FROM b FOR c), (a SIMILAR b ESCAPE c), (a, b, c).
func (p *parser) substring() (string, frag, int) {
	a := p.expr()
	var from, length frag
	switch {
	case p.eat("similar"):
		from = p.expr()
		p.need("escape")
		length = p.expr()
	case p.kw("from"), p.kw("for"):
		for p.kw("from") && from.empty() || p.kw("for") && length.empty() {
			if p.eat("from") {
				from = p.expr()
			} else if p.eat("for") {
				length = p.expr()
			}
		}
		if from.empty() {
			from = p.literal(ast.Integer, "1", noPos)
		}
	default:
		n, out := 1, a
		for p.eatPunct(",") {
			out = p.list(out, p.expr())
			n++
		}
		return "substring", out, n
	}
	if length.empty() {
		return "substring", p.list(a, from), 2
	}
	return "substring", p.list(p.list(a, from), length), 3
}

// overlay reads OVERLAY(a PLACING b FROM c FOR d), (a, b, c, d).
func (p *parser) overlay() (string, frag, int) {
	out, n := p.expr(), 1
	for p.eatPunct(",") {
		out = p.list(out, p.expr())
		n++
	}
	if n > 1 {
		return "overlay", out, n
	}
	p.need("placing")
	out = p.list(out, p.expr())
	p.need("from")
	out = p.list(out, p.expr())
	if p.eat("for") {
		return "overlay", p.list(out, p.expr()), 4
	}
	return "overlay", out, 3
}

// trim reads TRIM([BOTH | LEADING | TRAILING] [chars FROM] s) and (s, chars).
func (p *parser) trim() (string, frag, int) {
	name := "btrim"
	switch {
	case p.eat("both"):
	case p.eat("leading"):
		name = "ltrim"
	case p.eat("trailing"):
		name = "rtrim"
	}
	var chars frag
	if !p.kw("from") {
		chars = p.expr()
		if !p.kw("from") {
			out, n := chars, 1
			for p.eatPunct(",") {
				out = p.list(out, p.expr())
				n++
			}
			return name, out, n
		}
	}
	p.need("from")
	out, n := p.exprList()
	if n == 0 {
		p.fail()
	}
	if !chars.empty() {
		return name, p.list(out, chars), n + 1
	}
	return name, out, n
}

// normalize reads NORMALIZE(x [, form]) as normalize(x, 'form').
func (p *parser) normalize() (string, frag, int) {
	out := p.expr()
	if !p.eatPunct(",") {
		return "normalize", out, 1
	}
	pos := p.pos()
	return "normalize", p.list(out, p.literal(ast.String, p.label(), pos)), 2
}
