package parser

import (
	"strings"

	"volley/parser/ast"
)

func newCall(name string, args int) *callInfo {
	return &callInfo{call: ast.Call{Name: ast.QName{Parts: []string{name}}}, args: args}
}

// userCall writes a call whose arguments are laid out as in callInfo.
func (p *parser) userCall(c *callInfo, pos int32, args frag) frag {
	if c.call.Name.Pos == 0 {
		c.call.Name.Pos = ast.Pos(pos)
	}
	if c.order == 0 && c.within == 0 && c.window == nil && p.err == nil {
		if list, ok := p.nodes(args); ok {
			return p.raise(p.built(c.built(ast.Pos(pos), list), args.height), 1)
		}
	}
	name := c.call.Name.Parts[len(c.call.Name.Parts)-1]
	head := p.rope.add(piece{text: userPrefix + name, pos: pos, side: p.rope.side(c), quote: '"'})
	return p.raise(p.cat(head, p.text("("), args, p.text(")")), 1)
}

// built is the call over its arguments, behind which FILTER may come.
func (c *callInfo) built(pos ast.Pos, args []ast.Expr) *ast.Call {
	c.call.Pos = pos
	if c.filter {
		c.call.Filter = args[c.args]
	}
	if c.args > 0 {
		c.call.Args = make([]ast.Arg, c.args)
	}
	for i := range c.call.Args {
		c.call.Args[i].Value = args[i]
		if i < len(c.argNames) {
			c.call.Args[i].Name = c.argNames[i]
		}
	}
	return &c.call
}

// call writes name(…) with all that may follow it.
func (p *parser) call(name ast.QName) frag {
	windowless := p.windowless
	p.windowless = false
	p.needPunct("(")
	if p.punct(")") && p.i > 1 && p.toks[p.i-2].kind == tokIdent && expressionFunctions[p.toks[p.i-2].text] {
		p.fail() // the grammar has these with an argument at least
	}
	c := &callInfo{call: ast.Call{Name: name}}
	args := p.callArgs(c)
	p.needPunct(")")
	if windowless {
		return p.userCall(c, int32(name.Pos), args)
	}
	if p.kw("within") && p.peek(1).text == "group" {
		p.i += 2
		p.needPunct("(")
		p.need("order", "by")
		var items frag
		items, c.within = p.sortArgs()
		args = p.list(args, items)
		p.needPunct(")")
	}
	if p.kw("filter") && p.peek(1).is("(") {
		p.i += 2
		p.need("where")
		c.filter = true
		args = p.list(args, p.expr())
		p.needPunct(")")
	}
	c.call.IgnoreNulls = p.nullTreatment() || c.call.IgnoreNulls
	if p.eat("over") {
		var spec frag
		c.window, spec = p.over()
		args = p.list(args, p.cat(p.text("count(*) OVER "), spec))
	}
	return p.userCall(c, int32(name.Pos), args)
}

// nullTreatment reads IGNORE NULLS and RESPECT NULLS.
func (p *parser) nullTreatment() bool {
	if p.eat("ignore", "nulls") {
		return true
	}
	p.eat("respect", "nulls")
	return false
}

// callArgs writes what stands between the parentheses of a call.
func (p *parser) callArgs(c *callInfo) frag {
	if p.punct("*") && p.peek(1).is(")") {
		p.advance()
		c.call.Star = true
		return frag{}
	}
	if p.eat("distinct") {
		c.call.Distinct = true
	} else {
		p.eat("all")
	}
	var args frag
	for !p.punct(")") && !p.kw("order") && p.err == nil {
		args = p.list(args, p.callArg(c))
		if !p.eatPunct(",") {
			break
		}
	}
	if c.args > 0 && p.eat("order", "by") {
		var items frag
		items, c.order = p.sortArgs()
		args = p.list(args, items)
	}
	c.call.IgnoreNulls = p.nullTreatment()
	return args
}

// callArg writes one argument: value, name => value, VARIADIC value.
func (p *parser) callArg(c *callInfo) frag {
	if c.call.Variadic {
		p.fail() // only the last argument can be VARIADIC
	}
	c.call.Variadic = p.eat("variadic")
	name, t := "", p.tok()
	if next := p.peek(1); t.kind == tokIdent || t.kind == tokQuoted {
		equals := next.kind == tokOp && next.text == "=" && takesOptions(c.call.Name.Parts)
		if equals || next.is(":=") || next.is("=>") {
			name = t.text
			p.i += 2
		}
	}
	c.args++
	if name != "" || c.argNames != nil {
		for len(c.argNames) < c.args-1 {
			c.argNames = append(c.argNames, "")
		}
		c.argNames = append(c.argNames, name)
	}
	if t := p.tok(); t.kind == tokOp && t.text == "*" && (p.peek(1).is(",") || p.peek(1).is(")")) {
		return p.starItem()
	}
	return p.expr()
}

// takesOptions says whether a function's options may be written name = value.
func takesOptions(name []string) bool {
	s := name[len(name)-1]
	return strings.HasPrefix(s, "read_") || strings.HasSuffix(s, "_scan") || s == "sniff_csv" || s == "glob"
}

// sortArgs writes the items of an ORDER BY inside a call as arguments.
func (p *parser) sortArgs() (frag, int) {
	var out frag
	n := 0
	for {
		out = p.list(out, p.sortItem())
		n++
		if !p.eatPunct(",") {
			return out, n
		}
	}
}

// sortItem writes expr [ASC | DESC | USING op] [NULLS FIRST | LAST]. The
// parentheses keep TiDB from reading a number as a column's position.
func (p *parser) sortItem() frag {
	pos := p.pos()
	e := p.expr()
	item := ast.SortItem{}
	if p.eat("using") {
		if p.peekOp() == bindNone {
			p.fail()
			return e
		}
		item.Using = p.readOp().op
	}
	p.sortDirection(&item)
	if item == (ast.SortItem{}) {
		return p.cat(p.text("("), e, p.text(")"))
	}
	return p.marker(mkSort, pos, &item, e)
}

// sortDirection reads [ASC | DESC] [NULLS FIRST | LAST]; USING replaces the
// former.
func (p *parser) sortDirection(item *ast.SortItem) {
	switch {
	case item.Using != "":
	case p.eat("asc"):
	case p.eat("desc"):
		item.Desc = true
	}
	if p.eat("nulls") {
		first := p.eat("first")
		if !first {
			p.need("last")
		}
		item.NullsFirst = &first
	}
}

// sortList writes the items of a plain ORDER BY.
func (p *parser) sortList() frag {
	out, _ := p.sortArgs()
	return out
}
