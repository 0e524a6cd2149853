package parser

import "volley/parser/ast"

// Binding strengths of PostgreSQL's operators (gram.y), weakest first.
const (
	bindNone    = iota
	bindOr      // left
	bindAnd     // left
	bindNot     // right
	bindIs      // none
	bindCompare // none: < > = <= >= <>
	bindIn      // none: BETWEEN IN LIKE ILIKE SIMILAR
	bindOp      // left: every other operator, and OPERATOR(…)
	bindAdd     // left
	bindMul     // left
	bindPower   // left
	bindAt      // left: AT TIME ZONE
	bindCollate // left
	bindUnary   // right: unary minus
	bindCast    // left: ::
)

// operand is an expression on the way: its SQL and what the grammar asks about
// it.
type operand struct {
	frag
	// last is the level of the operator without associativity that was just
	// applied, so that a < b < c can be refused.
	last int
}

// exprList writes expr, …; it allows none before ")" and "]".
func (p *parser) exprList() (frag, int) {
	var out frag
	n := 0
	if p.punct(")") || p.punct("]") {
		return out, 0
	}
	for {
		out = p.list(out, p.expr())
		n++
		if !p.eatPunct(",") {
			return out, n
		}
	}
}

// expr writes an expression: a_expr of PostgreSQL's grammar.
func (p *parser) expr() frag { return p.exprAbove(bindNone, false) }

// bExpr writes b_expr: without AND, OR, NOT, IN, LIKE, BETWEEN and IS tests.
func (p *parser) bExpr() frag { return p.exprAbove(bindIs, true) }

// exprAbove writes an expression of operators that bind stronger than min.
func (p *parser) exprAbove(min int, restricted bool) frag {
	if !p.enter() {
		p.leave()
		return frag{}
	}
	o := operand{frag: p.prefix(restricted)}
	for p.err == nil && p.infix(&o, min, restricted) {
	}
	p.leave()
	return o.frag
}

// prefix writes an operand with the operators before it.
func (p *parser) prefix(restricted bool) frag {
	t := p.tok()
	switch {
	case t.kind == tokIdent && t.text == "not" && !restricted:
		p.advance()
		e := p.exprAbove(bindNot, restricted)
		return p.unary("not", t.pos, e)
	case t.kind == tokOp && t.text == "*":
		return p.starItem() // a list of columns; the binder says where it may stand
	case t.kind == tokOp && (t.text == "-" || t.text == "+"):
		p.advance()
		e := p.exprAbove(bindUnary, restricted)
		return p.unary(t.text, t.pos, e)
	case t.kind == tokOp:
		p.advance()
		op := t.text
		e := p.exprAbove(bindOp, restricted)
		return p.marker(mkPrefix, t.pos, &ast.Unary{Op: op}, e)
	case p.kw("operator") && p.peek(1).is("("):
		at, _ := p.operatorName()
		e := p.exprAbove(bindOp, restricted)
		return p.marker(mkPrefix, t.pos, &ast.Unary{Op: at.op}, e)
	}
	return p.primary()
}

// paren writes "(" parts ")" for a node at pos.
func (p *parser) paren(pos int32, side any, parts ...frag) frag {
	out := p.textAt("(", pos, side)
	for _, f := range parts {
		out = p.append(out, f)
	}
	return p.raise(p.append(out, p.text(")")), 1)
}

// infix applies the operator that follows, if it binds stronger than min.
func (p *parser) infix(o *operand, min int, restricted bool) bool {
	t := p.tok()
	switch t.kind {
	case tokOp:
		return p.infixOp(o, min, restricted)
	case tokPunct:
		if t.text != "::" || bindCast <= min {
			return false
		}
		p.advance()
		cast := &ast.Cast{Type: p.typeName()}
		o.frag, o.last = p.marker(mkCast, t.pos, cast, o.frag), bindNone
		return true
	case tokIdent:
		if t.text == "operator" && p.peek(1).is("(") {
			return p.infixOp(o, min, restricted)
		}
		if t.text == "is" || !restricted {
			return p.infixWord(o, min, restricted)
		}
	}
	return false
}

// level is the binding strength of an operator.
func level(op string) int {
	switch op {
	case "=", "<", ">", "<=", ">=", "<>":
		return bindCompare
	case "+", "-":
		return bindAdd
	case "*", "/", "%":
		return bindMul
	case "^":
		return bindPower
	}
	return bindOp
}

// peekOp gives the operator that follows and its level, or level 0.
func (p *parser) peekOp() int {
	t := p.tok()
	if t.kind == tokOp && t.text != "=>" {
		return level(t.text)
	}
	if p.kw("operator") && p.peek(1).is("(") {
		return bindOp
	}
	return bindNone
}

// readOp passes the operator that follows.
func (p *parser) readOp() opAt {
	t := p.tok()
	if t.kind == tokOp {
		p.advance()
		return opAt{op: t.text, pos: t.pos}
	}
	at, _ := p.operatorName()
	return at
}

// operatorName reads OPERATOR(schema.op).
func (p *parser) operatorName() (opAt, bool) {
	at := opAt{pos: p.pos()}
	p.advance()
	p.needPunct("(")
	for p.tok().kind != tokOp {
		at.schema = p.name()
		p.needPunct(".")
		if p.err != nil {
			return at, false
		}
	}
	at.op = p.tok().text
	p.advance()
	p.needPunct(")")
	return at, p.err == nil
}

// infixOp applies a run of operators of one level, x + y - z, at once, so that
// long ones cost no recursion.
func (p *parser) infixOp(o *operand, min int, restricted bool) bool {
	lv := p.peekOp()
	if lv == bindNone || lv <= min {
		return false
	}
	if lv == bindCompare && o.last == bindCompare {
		p.fail()
		return false
	}
	terms := o.frag
	var ops []opAt // those that are written
	any := false
	native := lv == bindAdd || lv == bindMul || lv == bindCompare
	for p.err == nil && p.peekOp() == lv {
		if quantifier(p.tokAfterOp()) {
			break
		}
		at := p.readOp()
		rhs := p.exprAbove(lv, restricted)
		any = true
		if len(ops) == 0 {
			var ok bool
			if terms, ok = p.binary(at, terms, rhs); ok {
				if lv == bindCompare {
					break
				}
				continue
			}
		}
		ops = append(ops, at)
		switch {
		case native:
			terms = p.cat(terms, p.text(" "+at.op+" "), rhs)
		default:
			terms = p.list(terms, rhs)
		}
		if lv == bindCompare {
			break
		}
	}
	if any {
		o.frag = p.chain(terms, ops, native)
		o.last = bindNone
		if lv == bindCompare {
			o.last = lv
		}
	}
	if p.err == nil && p.peekOp() == lv && quantifier(p.tokAfterOp()) {
		if lv == bindCompare && o.last == bindCompare {
			p.fail()
			return false
		}
		at := p.readOp()
		p.quantified(o, at.op, at.pos)
	}
	return p.err == nil
}

// chain writes a run of operators over terms.
func (p *parser) chain(terms frag, ops []opAt, native bool) frag {
	switch {
	case len(ops) == 0:
		return terms // built
	case native:
		terms = p.paren(ops[0].pos, chainSide(ops), terms)
	default:
		terms = p.marker(mkOp, ops[0].pos, ops, terms)
	}
	return p.raise(terms, len(ops)-1)
}

// chainSide is the side data of a run of native operators: none for one.
func chainSide(ops []opAt) any {
	if len(ops) == 1 {
		return nil
	}
	return ops
}

// tokAfterOp gives the two tokens behind the operator that follows.
func (p *parser) tokAfterOp() (*token, *token) {
	n := 1
	if p.tok().kind == tokIdent { // OPERATOR(…)
		for !p.peek(n).is(")") && p.peek(n).kind != tokEOF {
			n++
		}
		n++
	}
	return p.peek(n), p.peek(n + 1)
}

// quantifier says whether ANY (…), SOME (…) or ALL (…) begins.
func quantifier(t, next *token) bool {
	if t.kind != tokIdent || !next.is("(") {
		return false
	}
	return t.text == "any" || t.text == "some" || t.text == "all"
}

// quantified writes o op ANY (array or query).
func (p *parser) quantified(o *operand, op string, pos int32) {
	q := &ast.Quantified{Op: op, All: p.kw("all")}
	p.advance()
	var arg frag
	if p.tok().query {
		arg = p.subquery()
	} else {
		p.needPunct("(")
		arg = p.expr()
		p.needPunct(")")
	}
	o.frag, o.last = p.marker(mkQuantified, pos, q, p.list(o.frag, arg)), bindNone
}

// subquery writes "(" query ")".
func (p *parser) subquery() frag {
	pos := p.pos()
	p.needPunct("(")
	q := p.query()
	p.needPunct(")")
	return p.paren(pos, nil, q.frag)
}
