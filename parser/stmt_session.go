package parser

import (
	"strconv"
	"strings"

	"volley/parser/ast"
)

// set reads SET [SESSION | LOCAL] name TO|= values, and the forms with a syntax
// of their own, which are settings too: TIME ZONE is timezone, NAMES is
// client_encoding.
func (p *parser) set() ast.Statement {
	s := &ast.Set{Pos: p.at()}
	p.advance()
	if p.kw("session", "characteristics") {
		p.i += 2
		p.need("as", "transaction")
		return p.setTransaction(s.Pos, true)
	}
	if p.eat("local") {
		s.Local = true
	} else if p.kw("session") && !p.peek(1).is("=") && p.peek(1).text != "to" {
		p.advance()
	}
	switch {
	case p.kw("transaction") && !p.peek(1).is("="):
		p.advance()
		return p.setTransaction(s.Pos, false)
	case p.eat("time", "zone"):
		s.Name = "timezone"
		p.eatPunct("=")
		s.Values = p.timeZone()
		return s
	case p.eat("names"):
		s.Name = "client_encoding"
		if !p.eat("default") && !p.eof() && !p.punct(";") {
			s.Values = []string{p.str()}
		}
		return s
	case p.eat("session", "authorization"), p.kw("authorization") && p.eat("authorization"):
		s.Name = "session_authorization"
	case p.kw("role") && !p.peek(1).is("=") && p.peek(1).text != "to":
		p.advance()
		s.Name = "role"
	case p.eat("constraints"):
		return p.setConstraints(s.Pos)
	case p.eat("schema"):
		s.Name = "search_path"
	default:
		s.Name = p.settingName()
		if !p.eat("to") {
			p.needPunct("=")
		}
	}
	s.Values = p.settingValues()
	return s
}

// settingName reads a setting's name, which may have a prefix: myapp.user.
func (p *parser) settingName() string {
	name := p.name()
	for p.eatPunct(".") {
		name += "." + p.label()
	}
	return strings.ToLower(name)
}

// settingValues reads value, …; nil is DEFAULT.
func (p *parser) settingValues() []string {
	if p.eat("default") {
		return nil
	}
	var out []string
	for {
		out = append(out, p.settingValue())
		if !p.eatPunct(",") {
			return out
		}
	}
}

// settingValue reads a word, a string or a number.
func (p *parser) settingValue() string {
	t := p.tok()
	sign := ""
	if t.is("-") || t.is("+") {
		sign = strings.TrimPrefix(t.text, "+")
		p.advance()
		t = p.tok()
		if t.kind != tokInteger && t.kind != tokDecimal {
			p.fail()
			return ""
		}
	}
	switch t.kind {
	case tokIdent, tokQuoted, tokString, tokInteger, tokDecimal:
		p.advance()
		return sign + t.text
	}
	p.fail()
	return ""
}

// timeZone reads a zone: 'name', word, number of hours, INTERVAL '…', LOCAL,
// DEFAULT.
func (p *parser) timeZone() []string {
	switch {
	case p.eat("default"), p.eat("local"):
		return nil
	case p.eat("interval"):
		out := []string{hoursOf(p.str())}
		for intervalField(p.tok()) || p.kw("to") {
			p.advance()
		}
		return out
	}
	return []string{p.settingValue()}
}

// hoursOf is an offset such as '+05:30' in hours; another text stays as it is.
func hoursOf(text string) string {
	h, m, ok := strings.Cut(strings.TrimPrefix(text, "+"), ":")
	hours, err := strconv.ParseFloat(h, 64)
	minutes, minErr := strconv.ParseFloat(m, 64)
	switch {
	case err != nil || ok && minErr != nil:
		return text
	case strings.HasPrefix(h, "-"):
		minutes = -minutes
	}
	return strconv.FormatFloat(hours+minutes/60, 'f', -1, 64)
}

// show reads SHOW name.
func (p *parser) show() ast.Statement {
	pos := p.at()
	p.advance()
	switch {
	case p.eat("time", "zone"):
		return &ast.Show{Pos: pos, Name: "timezone"}
	case p.eat("transaction", "isolation", "level"):
		return &ast.Show{Pos: pos, Name: "transaction_isolation"}
	case p.eat("session", "authorization"):
		return &ast.Show{Pos: pos, Name: "session_authorization"}
	case p.eat("columns", "from"), p.eat("columns", "in"):
		return p.describeTable(&ast.Describe{Pos: pos})
	case p.eat("all"):
		p.eat("tables")
		return &ast.Show{Pos: pos, Name: "all"}
	}
	return &ast.Show{Pos: pos, Name: p.settingName()}
}

// reset reads RESET name and RESET ALL.
func (p *parser) reset() ast.Statement {
	s := &ast.Reset{Pos: p.at()}
	p.advance()
	switch {
	case p.eat("all"):
		s.Name = "all"
	case p.eat("time", "zone"):
		s.Name = "timezone"
	case p.eat("transaction", "isolation", "level"):
		s.Name = "transaction_isolation"
	case p.eat("session", "authorization"):
		s.Name = "session_authorization"
	default:
		s.Name = p.settingName()
	}
	return s
}

// discard reads DISCARD ALL|PLANS|SEQUENCES|TEMP.
func (p *parser) discard() ast.Statement {
	s := &ast.Discard{Pos: p.at()}
	p.advance()
	if !p.kwIn("all", "plans", "sequences", "temp", "temporary") {
		p.fail()
	}
	s.What = p.label()
	return s
}

// describe reads DESCRIBE|DESC|SUMMARIZE table|query.
func (p *parser) describe() ast.Statement {
	s := &ast.Describe{Pos: p.at(), Summarize: p.kw("summarize")}
	p.advance()
	if p.queryFollows() {
		s.Query = p.queryNode()
		return s
	}
	p.eat("table")
	return p.describeTable(s)
}

// describeTable reads the table, file or function that DESCRIBE is of.
func (p *parser) describeTable(s *ast.Describe) ast.Statement {
	pos := p.at()
	p.rope.reset()
	from, _ := p.fromPrimary()
	star := p.marker(mkStar, int32(pos), &ast.Star{}, frag{})
	info := &selectInfo{sel: ast.Select{Pos: pos}}
	s.Query = p.liftQuery(p.selectOf(info, star, from))
	return s
}
