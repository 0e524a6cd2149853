package parser

import (
	"strconv"
	"strings"

	"volley/parser/ast"
)

// createFunction reads what follows CREATE FUNCTION: name (args) RETURNS type
// and the clauses, in any order.
func (p *parser) createFunction(s *ast.CreateFunction) ast.Statement {
	s.Name = p.qname()
	s.Args, s.Out, s.Variadic = p.functionArgs()
	if p.eat("returns") {
		if p.eat("table") {
			s.SetOf = true
			s.Table, _, _ = p.functionArgs()
		} else {
			s.SetOf = p.eat("setof")
			s.Returns = p.typeName()
		}
	}
	p.functionClauses(s)
	s.Text = p.textFrom(int32(s.Position()))
	return s
}

// functionClauses reads the clauses, of which the body is one.
func (p *parser) functionClauses(s *ast.CreateFunction) {
	for p.err == nil {
		switch {
		case p.eat("language"):
			s.Language = strings.ToLower(p.stringOrLabel())
		case p.eat("as"):
			s.BodyPos, s.HasBody = int(p.pos()), true
			s.Body = p.str()
			if p.eatPunct(",") {
				p.str() // link symbol
			}
		case p.kwIn("immutable", "stable", "volatile"):
			s.Volatility = p.label()
		case p.eat("strict"), p.eat("returns", "null", "on", "null", "input"):
			s.Strict = true
		case p.eat("called", "on", "null", "input"):
			s.Strict = false
		case p.eat("cost"):
			s.Cost = p.number()
		case p.eat("rows"):
			p.number()
		case p.eat("leakproof"), p.eat("not", "leakproof"), p.eat("window"):
		case p.eat("parallel"):
			p.label()
		case p.eat("security"), p.eat("external", "security"):
			p.label()
		case p.kw("return"):
			pos := p.at()
			p.advance()
			s.HasBody = true
			s.Query = &ast.Query{Pos: pos, Body: &ast.Select{Pos: pos, Items: []ast.SelectItem{{Expr: p.exprNode()}}}}
		case p.eat("begin", "atomic"):
			s.HasBody = true
			for first := true; first || !p.kw("end") && p.err == nil; first = false {
				s.Query = p.queryNode() // the last one gives the result
				p.needPunct(";")
			}
			p.eat("end")
		case p.kwIn("set", "support", "transform"):
			p.unsupported(p.pos(), strings.ToUpper(p.tok().text)+" in CREATE FUNCTION")
		default:
			return
		}
	}
}

// stringOrLabel reads 'text' or a word.
func (p *parser) stringOrLabel() string {
	if p.tok().kind == tokString {
		return p.str()
	}
	return p.label()
}

// number reads a numeric constant.
func (p *parser) number() float64 {
	t := p.tok()
	v, err := strconv.ParseFloat(t.text, 64)
	if t.kind != tokInteger && t.kind != tokDecimal || err != nil {
		p.fail()
		return 0
	}
	p.advance()
	return v
}

// functionArgs reads ([IN | OUT | INOUT | VARIADIC] [name] type [DEFAULT expr], …).
func (p *parser) functionArgs() (in, out []ast.ColumnDef, variadic bool) {
	p.needPunct("(")
	for !p.punct(")") && p.err == nil {
		given, result := true, false
		switch {
		case p.eat("out"):
			given, result = false, true
		case p.eat("inout"), p.eat("in", "out"):
			result = true
		case p.eat("variadic"):
			variadic = true
		default:
			p.eat("in")
		}
		arg := ast.ColumnDef{Pos: p.at()}
		if p.argNamed() {
			arg.Name = p.label()
		}
		arg.Type = p.typeName()
		if p.eat("default") || p.eatPunct("=") {
			pos := p.pos()
			arg.Default = p.exprNode()
			arg.DefaultText = p.textFrom(pos)
		}
		if given {
			in = append(in, arg)
		}
		if result {
			out = append(out, arg)
		}
		if !p.eatPunct(",") {
			break
		}
	}
	p.needPunct(")")
	return in, out, variadic
}

// argNamed says whether the argument has a name before its type. Two words can
// also be a type alone: double precision, time with time zone, interval day.
func (p *parser) argNamed() bool {
	t, next := p.tok(), p.peek(1)
	switch {
	case next.kind == tokQuoted || next.kind == tokIdent && t.kind == tokQuoted:
		return true
	case next.kind != tokIdent || t.kind != tokIdent:
		return false
	}
	switch next.text {
	case "precision", "varying", "with", "without", "array", "default":
		return false
	case "character", "char":
		return t.text != "national"
	}
	return t.text != "interval" || !intervalField(next)
}
