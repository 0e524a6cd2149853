package parser

import (
	"strconv"

	"volley/parser/ast"
	"volley/sqlerr"
)

// primary writes an operand with the subscripts and fields behind it.
func (p *parser) primary() frag {
	first := p.tok()
	f := p.atom()
	if p.punct("[") || p.punct(".") && (first.is("(") || p.toks[p.i-1].is("]") || p.toks[p.i-1].is(")")) {
		return p.indirection(f)
	}
	return f
}

// indirection writes f with the subscripts and fields that follow.
func (p *parser) indirection(f frag) frag {
	for p.err == nil {
		t := p.tok()
		switch {
		case p.punct("["):
			f = p.subscript(f)
		case p.punct("."):
			p.advance()
			field := &ast.Field{}
			if !p.eatPunct("*") {
				field.Name = p.label()
			}
			f = p.marker(mkField, t.pos, field, f)
		default:
			return f
		}
	}
	return f
}

// subscript writes f[i] and f[lo:hi].
func (p *parser) subscript(f frag) frag {
	pos := p.pos()
	p.needPunct("[")
	sub := &ast.Subscript{}
	low, high := p.literal(ast.Null, "", noPos), p.literal(ast.Null, "", noPos)
	if !p.punct(":") {
		low = p.expr()
		sub.Low = absent
	}
	if p.eatPunct(":") {
		sub.Slice = true
		if !p.punct("]") {
			high = p.expr()
			sub.High = absent
		}
	}
	p.needPunct("]")
	return p.marker(mkSubscript, pos, sub, p.list(p.list(f, low), high))
}

// absent marks, in a template, an operand that the lift has to fill in.
var absent ast.Expr = &ast.Literal{}

// atom writes one operand.
func (p *parser) atom() frag {
	t := p.tok()
	switch t.kind {
	case tokInteger:
		p.advance()
		return p.integer(t)
	case tokDecimal:
		p.advance()
		return p.literal(ast.Decimal, t.text, t.pos)
	case tokString:
		p.advance()
		return p.literal(ast.String, t.text, t.pos)
	case tokBits:
		p.advance()
		return p.literal(ast.Bits, t.text, t.pos)
	case tokParam:
		return p.param()
	case tokPunct:
		return p.bracketed()
	case tokIdent:
		return p.word()
	case tokQuoted:
		return p.nameOrCall()
	}
	p.fail()
	return frag{}
}

// param writes $n.
func (p *parser) param() frag {
	t, n := p.tok(), p.paramNumber()
	p.advance()
	return p.built(&ast.Param{Pos: ast.Pos(t.pos), Index: n}, 0)
}

// paramNumber is the number of the parameter at the current token.
func (p *parser) paramNumber() int {
	t := p.tok()
	n, err := strconv.Atoi(t.text)
	if err != nil || n < 1 || n > 65535 {
		p.failAt(t.pos, sqlerr.UndefinedParameter, "there is no parameter $%s", t.text)
		return 0
	}
	return n
}

// bracketed writes what begins with a bracket: (query), (expr), (a, b), [a, b]
// and {'k': v}.
func (p *parser) bracketed() frag {
	t := p.tok()
	switch t.text {
	case "(":
		if t.query {
			return p.subquery()
		}
		p.advance()
		list, n := p.exprList()
		if n == 0 {
			p.fail()
		}
		p.needPunct(")")
		if n == 1 {
			return list
		}
		return p.paren(t.pos, nil, list)
	case "[":
		return p.arrayItems(t.pos)
	case "{":
		return p.structLit()
	}
	p.fail()
	return frag{}
}

// arrayItems writes [a, b] for an ARRAY at pos.
func (p *parser) arrayItems(pos int32) frag {
	p.needPunct("[")
	list, _ := p.exprList()
	p.needPunct("]")
	return p.marker(mkArray, pos, nil, list)
}

// structLit writes {'k': v, …}.
func (p *parser) structLit() frag {
	pos := p.pos()
	p.needPunct("{")
	lit := &ast.StructLit{}
	var values frag
	for !p.punct("}") && p.err == nil {
		if p.tok().kind == tokString {
			lit.Keys = append(lit.Keys, p.str())
		} else {
			lit.Keys = append(lit.Keys, p.label())
		}
		p.needPunct(":")
		values = p.list(values, p.expr())
		if !p.eatPunct(",") {
			break
		}
	}
	p.needPunct("}")
	return p.marker(mkStruct, pos, lit, values)
}

// word writes an operand that begins with an unquoted word.
func (p *parser) word() frag {
	t, next := p.tok(), p.peek(1)
	switch t.text {
	case "null":
		p.advance()
		return p.literal(ast.Null, "", t.pos)
	case "true", "false":
		p.advance()
		return p.literal(ast.Boolean, t.text, t.pos)
	case "default":
		p.advance()
		return p.literal(ast.Default, "", t.pos)
	case "case":
		return p.caseExpr()
	case "array":
		return p.array()
	case "cast", "try_cast":
		if next.is("(") {
			return p.castCall()
		}
	case "row":
		if next.is("(") {
			p.i += 2
			list, _ := p.exprList()
			p.needPunct(")")
			return p.marker(mkRow, t.pos, nil, list)
		}
	case "exists":
		if next.is("(") {
			p.advance()
			if !p.tok().query {
				p.fail()
			}
			return p.paren(t.pos, nil, p.text("EXISTS "), p.subquery())
		}
	case "columns":
		if what := p.peek(2); next.is("(") && (what.kind == tokString && p.peek(3).is(")") || what.is("*")) {
			return p.columnsCall()
		}
	}
	if f, ok := p.specialCall(); ok {
		return f
	}
	if f, ok := p.typedLiteral(); ok {
		return f
	}
	if t.class == reserved || t.class == typeFuncName && !next.is("(") {
		// LEFT(…) and other function names that are no column names go on.
		p.fail()
		return frag{}
	}
	if t.class == colName && next.is("(") && !expressionFunctions[t.text] {
		p.advance()
		p.fail()
		return frag{}
	}
	return p.nameOrCall()
}

// expressionFunctions are the keywords that are no function names but that the
// grammar has as functions.
var expressionFunctions = map[string]bool{
	"coalesce": true, "greatest": true, "grouping": true, "least": true, "nullif": true,
}

// caseExpr writes CASE … END: the operand, if there is one, the conditions and
// results in turn, and ELSE.
func (p *parser) caseExpr() frag {
	pos := p.pos()
	p.advance()
	c := &ast.Case{}
	var parts frag
	if !p.kw("when") {
		parts, c.Arg = p.expr(), absent
	}
	if !p.kw("when") {
		p.fail()
	}
	for p.eat("when") {
		parts = p.list(parts, p.expr())
		p.need("then")
		parts = p.list(parts, p.expr())
		c.Whens = append(c.Whens, ast.When{})
	}
	if p.eat("else") {
		parts, c.Else = p.list(parts, p.expr()), absent
	}
	p.need("end")
	return p.marker(mkCase, pos, c, parts)
}

// array writes ARRAY[…] and ARRAY(query).
func (p *parser) array() frag {
	pos := p.pos()
	p.advance()
	if p.punct("[") {
		return p.arrayItems(pos)
	}
	if !p.tok().query {
		p.fail()
		return frag{}
	}
	return p.marker(mkArrayOf, pos, nil, p.subquery())
}

// castCall writes CAST(x AS type).
func (p *parser) castCall() frag {
	t := p.tok()
	p.i += 2
	arg := p.expr()
	p.need("as")
	cast := &ast.Cast{Type: p.typeName(), Try: t.text == "try_cast"}
	p.needPunct(")")
	return p.marker(mkCast, t.pos, cast, arg)
}

// nameOrCall writes a column reference, t.*, a function call, or a literal of a
// named type: pg_catalog.int4 '1'.
func (p *parser) nameOrCall() frag {
	pos := p.pos()
	parts := []string{p.label()}
	for p.punct(".") {
		p.advance()
		if p.eatPunct("*") {
			return p.starTail(pos, &ast.Star{Table: parts})
		}
		parts = append(parts, p.label())
	}
	if p.punct("(") {
		if mods := p.modsOfLiteral(); mods != nil {
			return p.literalOf(pos, ast.TypeName{Pos: ast.Pos(pos), Name: typeOf(parts), Mods: mods})
		}
		return p.call(ast.QName{Pos: ast.Pos(pos), Parts: parts})
	}
	if p.tok().kind == tokString {
		return p.literalOf(pos, ast.TypeName{Pos: ast.Pos(pos), Name: typeOf(parts)})
	}
	return p.built(&ast.Column{Pos: ast.Pos(pos), Parts: parts}, 0)
}

// starItem writes * as an item of a SELECT list.
func (p *parser) starItem() frag {
	pos := p.pos()
	p.advance()
	return p.starTail(pos, &ast.Star{})
}

// columnsCall writes COLUMNS('regex') and COLUMNS(* …).
func (p *parser) columnsCall() frag {
	pos := p.pos()
	p.i += 2
	star := &ast.Star{Columns: true}
	if what := p.tok(); what.kind == tokString {
		star.Pattern = what.text
		p.i += 2
		return p.marker(mkStar, pos, star, frag{})
	}
	p.advance()
	f := p.starTail(pos, star)
	p.needPunct(")")
	return f
}

// starTail writes EXCLUDE (…) and REPLACE (…) behind a star.
func (p *parser) starTail(pos int32, star *ast.Star) frag {
	if p.kw("exclude") || p.kw("except") && p.peek(1).is("(") && !p.peek(1).query {
		p.advance()
		if p.punct("(") {
			star.Exclude = p.names()
		} else {
			star.Exclude = []string{p.name()}
		}
	}
	var values frag
	if p.kw("replace") && p.peek(1).is("(") {
		p.i += 2
		for {
			values = p.list(values, p.expr())
			p.need("as")
			star.Replace = append(star.Replace, ast.SelectItem{Alias: p.label()})
			if !p.eatPunct(",") {
				break
			}
		}
		p.needPunct(")")
	}
	return p.marker(mkStar, pos, star, values)
}
