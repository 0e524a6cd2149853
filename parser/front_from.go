package parser

import (
	"strconv"
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// fromList writes the items of FROM.
func (p *parser) fromList() frag {
	var out frag
	for {
		f, _ := p.fromItem()
		out = p.raise(p.list(out, f), 1)
		if !p.eatPunct(",") {
			return out
		}
	}
}

// fromItem writes a table with the joins behind it; the join it gives is the
// outermost, or nil.
func (p *parser) fromItem() (frag, *ast.Join) {
	if !p.enter() {
		p.leave()
		return frag{}, nil
	}
	defer p.leave()
	f, last := p.fromPrimary()
	for p.err == nil && p.atJoin() {
		f, last = p.join(f)
	}
	return f, last
}

// atJoin says whether a join begins.
func (p *parser) atJoin() bool {
	return p.kwIn("join", "inner", "cross", "natural", "left", "right", "full")
}

// join writes "left JOIN right ON __join(condition)". Every join has that form:
// TiDB's own forms regroup operands. The kind TiDB lacks is in the side data.
func (p *parser) join(left frag) (frag, *ast.Join) {
	j := &ast.Join{Pos: p.at(), Kind: ast.Inner}
	j.Natural = p.eat("natural")
	word := " JOIN "
	switch {
	case !j.Natural && p.eat("cross"):
		j.Kind = ast.Cross
	case p.eat("left"):
		j.Kind, word = ast.Left, " LEFT JOIN "
		p.eat("outer")
	case p.eat("right"):
		j.Kind, word = ast.Right, " RIGHT JOIN "
		p.eat("outer")
	case p.eat("full"):
		j.Kind = ast.Full
		p.eat("outer")
	default:
		p.eat("inner")
	}
	p.need("join")
	right, _ := p.fromPrimary()
	var cond frag
	if j.Kind != ast.Cross && !j.Natural {
		// a JOIN b JOIN c ON … ON …: the right operand has joins of its own.
		for p.err == nil && p.atJoin() {
			nested, _ := p.join(right)
			right = p.cat(p.text("("), nested, p.text(")"))
		}
		cond = p.joinCondition(j)
	}
	mark := p.marker(mkJoin, int32(j.Pos), j, cond)
	return p.raise(p.cat(left, p.text(word), right, p.text(" ON "), mark), 1), j
}

// joinCondition reads ON or USING.
func (p *parser) joinCondition(j *ast.Join) frag {
	if p.eat("using") {
		j.Using = p.names()
		if p.eat("as") {
			j.UsingAlias = p.name()
		}
		return frag{}
	}
	p.need("on")
	j.On = absent
	return p.expr()
}

// fromPrimary writes a table, function, subquery or parenthesised join.
func (p *parser) fromPrimary() (frag, *ast.Join) {
	pos := p.at()
	lateral := p.eat("lateral")
	t := p.tok()
	switch {
	case p.punct("(") && t.query:
		return p.derived(pos, lateral), nil
	case p.punct("(") && !lateral:
		p.advance()
		f, j := p.fromItem()
		p.needPunct(")")
		if j == nil {
			return f, nil
		}
		j.Alias = p.alias()
		return p.cat(p.text("("), f, p.text(")")), j
	case t.kind == tokString && !lateral:
		if t.text == "" {
			p.failAt(t.pos, sqlerr.SyntaxError, "file name is empty")
			return frag{}, nil
		}
		p.advance()
		tab := &ast.Table{Pos: pos, File: t.text}
		return p.tableTail(tab), nil
	case p.kw("rows", "from") && p.peek(2).is("("):
		return p.rowsFrom(pos, lateral), nil
	case p.callFollows():
		p.windowless = true
		call := p.primary()
		p.windowless = false
		return p.funcTail(&ast.TableFunc{Pos: pos, Lateral: lateral}, call), nil
	case lateral:
		p.fail()
		return frag{}, nil
	}
	tab := &ast.Table{Pos: pos}
	if p.eat("only") {
		tab.Only = true
	}
	tab.Name = p.qname()
	p.eatPunct("*")
	return p.tableTail(tab), nil
}

// callFollows says whether a function call begins: a possibly qualified name and
// "(", or a function without parentheses.
func (p *parser) callFollows() bool {
	t := p.tok()
	if t.kind != tokIdent && t.kind != tokQuoted {
		return false
	}
	if t.kind == tokIdent && t.class == reserved {
		return strings.HasPrefix(t.text, "current_") || t.text == "localtime" || t.text == "localtimestamp" ||
			t.text == "session_user" || t.text == "user"
	}
	n := 1
	for p.peek(n).is(".") {
		n += 2
	}
	return p.peek(n).is("(")
}

// source writes select as a table whose alias is the number of its side data.
func (p *parser) source(sel frag, side any) frag {
	n := p.rope.side(side)
	return p.cat(sel, p.text(" AS "), p.ident(strconv.Itoa(int(n)), noPos))
}

// tableTail writes a table with its alias and sample.
func (p *parser) tableTail(tab *ast.Table) frag {
	tab.Alias = p.alias()
	if p.kw("tablesample") {
		sample, args := p.sample()
		tab.Sample = sample
		if !args.empty() {
			return p.source(p.cat(p.text("(SELECT "), args, p.text(")")), tab)
		}
	}
	if tab.File != "" {
		return p.source(p.ident(tab.File, noPos), tab)
	}
	parts := tab.Name.Parts
	f := p.ident(parts[len(parts)-1], noPos)
	if len(parts) > 1 {
		f = p.cat(p.ident(parts[len(parts)-2], noPos), p.text("."), f)
	}
	return p.source(f, tab)
}

// sample writes TABLESAMPLE method (args) [REPEATABLE (seed)]; the seed is the
// last expression.
func (p *parser) sample() (*ast.Sample, frag) {
	s := &ast.Sample{Pos: p.at()}
	p.advance()
	s.Method = p.label()
	p.needPunct("(")
	args, n := p.exprList()
	p.needPunct(")")
	s.Args = make([]ast.Expr, n)
	if p.eat("repeatable") {
		p.needPunct("(")
		args = p.list(args, p.expr())
		s.Seed = absent
		p.needPunct(")")
	}
	return s, args
}

// derived writes (query) AS alias.
func (p *parser) derived(pos ast.Pos, lateral bool) frag {
	p.needPunct("(")
	q := p.query()
	p.needPunct(")")
	d := &ast.Derived{Pos: pos, Lateral: lateral, Alias: p.alias()}
	return p.raise(p.source(p.cat(p.text("("), q.frag, p.text(")")), d), 1)
}

// rowsFrom writes ROWS FROM (f(…), …).
func (p *parser) rowsFrom(pos ast.Pos, lateral bool) frag {
	p.i += 3
	var calls frag
	n := 0
	for {
		if !p.callFollows() {
			p.fail()
		}
		p.windowless = true
		calls = p.list(calls, p.primary())
		p.windowless = false
		n++
		if p.kw("as") {
			p.unsupported(p.pos(), "a column definition list inside ROWS FROM")
		}
		if !p.eatPunct(",") {
			break
		}
	}
	p.needPunct(")")
	return p.funcTail(&ast.TableFunc{Pos: pos, Lateral: lateral, Calls: make([]*ast.Call, n)}, calls)
}

// funcTail writes a table function with what follows its calls.
func (p *parser) funcTail(f *ast.TableFunc, calls frag) frag {
	if f.Calls == nil {
		f.Calls = make([]*ast.Call, 1)
	}
	f.Ordinality = p.eat("with", "ordinality")
	f.Alias = p.alias()
	if p.kw("tablesample") {
		sample, args := p.sample()
		f.Sample = sample
		calls = p.list(calls, args)
	}
	return p.raise(p.source(p.cat(p.text("(SELECT "), calls, p.text(")")), f), 1)
}

// alias reads [AS] name [(columns)], and AS (name type, …).
func (p *parser) alias() ast.Alias {
	var a ast.Alias
	as := p.eat("as")
	t := p.tok()
	switch {
	case as && p.punct("("):
	case as, t.isName() && !(t.kind == tokIdent && t.text == "qualify"):
		a.Name = p.name()
	default:
		return a
	}
	if !p.punct("(") || p.err != nil {
		return a
	}
	p.advance()
	for {
		a.Columns = append(a.Columns, p.name())
		if !p.punct(",") && !p.punct(")") {
			a.Defs = append(a.Defs, p.typeName())
		}
		if !p.eatPunct(",") {
			break
		}
	}
	if len(a.Defs) != 0 && len(a.Defs) != len(a.Columns) {
		p.fail()
	}
	p.needPunct(")")
	return a
}
