package parser

import (
	"slices"
	"sync"

	"volley/parser/ast"
	"volley/sqlerr"
)

// Limits on how deep a statement may nest, so that no recursion over its trees
// can exhaust the stack.
const (
	maxDepth  = 1000   // parentheses, subqueries and prefix operators inside each other
	maxHeight = 65_536 // nodes above each other in a tree, as in 1 + 1 + 1 …
)

// parser walks the tokens of one SQL text. The first error sticks: it moves the
// walk to the end, where every loop ends, and is given by the exported
// functions.
type parser struct {
	sql   string
	toks  []token
	i     int // current token
	err   error
	depth int
	rope  rope
	into  *selectInto // nil where SELECT INTO is not allowed
	// windowless: the call that begins is an item of FROM, behind which neither
	// WITHIN GROUP nor FILTER nor OVER can stand.
	windowless bool
	room       *room // where toks and the rope's pieces are; nil once released
}

func newParser(sql string, d Dialect) (*parser, error) {
	room := rooms.Get().(*room)
	toks, err := lexInto(room.toks, sql, d)
	if err != nil {
		return nil, err
	}
	p := &parser{sql: sql, toks: toks, room: room}
	p.rope.pieces = slices.Grow(room.pieces, len(toks)+len(toks)/4+16)
	return p, nil
}

// room is what a parser needs while it works, kept for the next one.
type room struct {
	toks   []token
	pieces []piece
}

var rooms = sync.Pool{New: func() any { return &room{} }}

// maxRoom is how many tokens a room may have that is kept.
const maxRoom = 1 << 12

// release ends the use of a parser whose trees are made.
func (p *parser) release() {
	r := p.room
	if p.room = nil; r == nil || cap(p.toks) > maxRoom || cap(p.rope.pieces) > 2*maxRoom {
		return
	}
	clear(p.toks) // drop the references to the text
	clear(p.rope.pieces[:cap(p.rope.pieces)])
	r.toks, r.pieces = p.toks[:0], p.rope.pieces[:0]
	p.toks, p.rope.pieces = nil, nil
	rooms.Put(r)
}

func (p *parser) tok() *token { return &p.toks[p.i] }

// peek gives the token n behind the current one, at most the last one.
func (p *parser) peek(n int) *token {
	if p.i+n < len(p.toks) {
		return &p.toks[p.i+n]
	}
	return &p.toks[len(p.toks)-1]
}

// pos is the position of the current token.
func (p *parser) pos() int32 { return p.toks[p.i].pos }

func (p *parser) at() ast.Pos { return ast.Pos(p.toks[p.i].pos) }

func (p *parser) eof() bool { return p.toks[p.i].kind == tokEOF }

// advance goes to the next token, and stays at the last.
func (p *parser) advance() {
	if p.i < len(p.toks)-1 {
		p.i++
	}
}

// kw says whether the keywords follow.
func (p *parser) kw(words ...string) bool {
	for n, w := range words {
		if t := p.peek(n); t.kind != tokIdent || t.text != w {
			return false
		}
	}
	return true
}

// kwIn says whether one of the keywords follows.
func (p *parser) kwIn(words ...string) bool {
	t := p.tok()
	if t.kind != tokIdent {
		return false
	}
	for _, w := range words {
		if t.text == w {
			return true
		}
	}
	return false
}

// eat passes the keywords if they follow.
func (p *parser) eat(words ...string) bool {
	if !p.kw(words...) {
		return false
	}
	p.i += len(words)
	return true
}

// need passes the keywords, or fails.
func (p *parser) need(words ...string) {
	for _, w := range words {
		if !p.eat(w) {
			p.fail()
			return
		}
	}
}

func (t *token) is(text string) bool {
	return (t.kind == tokPunct || t.kind == tokOp) && t.text == text
}

// punct says whether the punctuation or operator follows.
func (p *parser) punct(text string) bool { return p.tok().is(text) }

func (p *parser) eatPunct(text string) bool {
	if !p.punct(text) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) needPunct(text string) {
	if !p.eatPunct(text) {
		p.fail()
	}
}

// fail records a syntax error at the current token.
func (p *parser) fail() {
	t := p.tok()
	if t.kind == tokEOF {
		p.failAt(t.pos, sqlerr.SyntaxError, "syntax error at end of input")
		return
	}
	p.failAt(t.pos, sqlerr.SyntaxError, "syntax error at or near \"%s\"", near(p.sql[t.pos:t.end]))
}

// failAt records an error and moves to the end of the tokens.
func (p *parser) failAt(pos int32, code, format string, args ...any) {
	if p.err == nil {
		p.err = sqlerr.At(int(pos), code, format, args...)
	}
	p.i = len(p.toks) - 1
}

// setErr records an error made elsewhere.
func (p *parser) setErr(err error) {
	if p.err == nil && err != nil {
		p.err = err
	}
	p.i = len(p.toks) - 1
}

// unsupported records that something known is not supported here.
func (p *parser) unsupported(pos int32, what string) {
	p.failAt(pos, sqlerr.FeatureNotSupported, "%s is not supported", what)
}

// enter counts one level of nesting; each call is paired with leave.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > maxDepth {
		p.tooDeep(p.pos())
		return false
	}
	return p.err == nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) tooDeep(pos int32) {
	if p.err == nil {
		p.err = sqlerr.At(int(pos), sqlerr.StatementTooComplex, "stack depth limit exceeded").
			WithHint("The statement nests too deeply: at most %d levels of parentheses and %d operators above each other.", maxDepth, maxHeight)
	}
	p.i = len(p.toks) - 1
}

// isName says whether t can be a name: ColId of PostgreSQL's grammar.
func (t *token) isName() bool {
	return t.kind == tokQuoted || t.kind == tokIdent && t.class <= colName
}

// name reads a column, table or alias name.
func (p *parser) name() string {
	t := p.tok()
	if !t.isName() {
		p.fail()
		return ""
	}
	p.advance()
	return t.text
}

// label reads a name where every keyword may stand: after AS or a dot.
func (p *parser) label() string {
	t := p.tok()
	if t.kind != tokQuoted && t.kind != tokIdent {
		p.fail()
		return ""
	}
	p.advance()
	return t.text
}

// qname reads name[.name…].
func (p *parser) qname() ast.QName {
	q := ast.QName{Pos: p.at(), Parts: []string{p.name()}}
	for p.eatPunct(".") {
		q.Parts = append(q.Parts, p.label())
	}
	return q
}

// names reads "(" name, … ")".
func (p *parser) names() []string {
	p.needPunct("(")
	var out []string
	for {
		out = append(out, p.name())
		if !p.eatPunct(",") {
			break
		}
	}
	p.needPunct(")")
	return out
}

// str reads a string literal.
func (p *parser) str() string {
	t := p.tok()
	if t.kind != tokString {
		p.fail()
		return ""
	}
	p.advance()
	return t.text
}
