package parser

import (
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// Dialect is what a session's settings say about how text is read; the zero
// value is PostgreSQL's default.
type Dialect struct {
	// EscapeStrings: standard_conforming_strings is off, so that backslashes
	// escape in '…' as in E'…'.
	EscapeStrings bool
}

// Parse is Dialect.Parse by PostgreSQL's default settings.
func Parse(sql string) ([]ast.Statement, error) { return Dialect{}.Parse(sql) }

// ParseOne is Dialect.ParseOne by PostgreSQL's default settings.
func ParseOne(sql string) (ast.Statement, error) { return Dialect{}.ParseOne(sql) }

// Split is Dialect.Split by PostgreSQL's default settings.
func Split(sql string) ([]Piece, error) { return Dialect{}.Split(sql) }

// Parse gives the statements of sql, which ";" separates; empty ones are left
// out. Positions count from the start of sql.
func (d Dialect) Parse(sql string) (list []ast.Statement, err error) {
	defer func() { err = conceal(sql, err) }()
	defer guard(&err)
	p, err := newParser(sql, d)
	if err != nil {
		return nil, err
	}
	out := []ast.Statement{}
	for {
		for p.eatPunct(";") {
		}
		if p.eof() {
			break
		}
		s := p.statement()
		if p.err == nil && !p.eof() && !p.punct(";") {
			p.fail()
		}
		if p.err != nil {
			return nil, p.err
		}
		out = append(out, s)
	}
	if p.err != nil {
		return nil, p.err
	}
	p.release()
	return out, nil
}

// guard turns a panic, of TiDB's grammar above all, into an error: SQL text comes
// from anyone and must not end the process.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = sqlerr.New(sqlerr.InternalError, "parser failed: %v", r)
	}
}

// ParseOne gives the only statement of sql.
func (d Dialect) ParseOne(sql string) (ast.Statement, error) {
	list, err := d.Parse(sql)
	switch {
	case err != nil:
		return nil, err
	case len(list) == 0:
		return nil, sqlerr.At(len(sql), sqlerr.SyntaxError, "syntax error at end of input")
	case len(list) > 1:
		return nil, sqlerr.At(list[1].Position(), sqlerr.SyntaxError,
			"cannot insert multiple commands into a prepared statement")
	}
	return list[0], nil
}

// ParseExpr gives the expression that sql is.
func ParseExpr(sql string) (expr ast.Expr, err error) {
	defer guard(&err)
	p, err := newParser(sql, Dialect{})
	if err != nil {
		return nil, err
	}
	e := p.exprNode()
	if p.err == nil && !p.eof() {
		p.fail()
	}
	if p.err != nil {
		return nil, p.err
	}
	return e, nil
}

// Piece is one statement's text and its byte offset, from 0.
type Piece struct {
	Text string
	Pos  int
}

// Split cuts sql at each ";" outside literals, comments and brackets, without
// parsing the statements. Pieces without a token are left out.
func (d Dialect) Split(sql string) ([]Piece, error) {
	if p, ok := onePiece(sql); ok {
		return p, nil
	}
	toks, err := lex(sql, d)
	if err != nil {
		return nil, conceal(sql, err)
	}
	var out []Piece
	first, depth := 0, 0
	atomic := false // in BEGIN ATOMIC … END, where CASE has an END too
	for i := range toks {
		t := &toks[i]
		switch {
		case t.kind == tokPunct && (t.text == "(" || t.text == "["):
			depth++
		case t.kind == tokPunct && (t.text == ")" || t.text == "]"):
			depth--
		case t.kind == tokIdent && t.text == "atomic" && i > first && toks[i-1].text == "begin", atomic && t.kind == tokIdent && t.text == "case":
			atomic = true
			depth++
		case atomic && t.kind == tokIdent && t.text == "end":
			depth--
		case t.kind == tokEOF, t.kind == tokPunct && t.text == ";" && depth <= 0:
			if i > first {
				from, to := toks[first].pos, toks[i-1].end
				out = append(out, Piece{Text: sql[from:to], Pos: int(from)})
			}
			first, depth, atomic = i+1, 0, false
		}
	}
	return out, nil
}

// onePiece is Split of a text that is one statement by its looks: no comment
// and no ";" but at the end. What else is wrong with it is found by Parse.
func onePiece(sql string) ([]Piece, bool) {
	text := strings.TrimRight(sql, spaces)
	text = strings.TrimRight(strings.TrimSuffix(text, ";"), spaces)
	if strings.IndexByte(text, ';') >= 0 || strings.Contains(text, "--") || strings.Contains(text, "/*") {
		return nil, false
	}
	from := strings.TrimLeft(text, spaces)
	if from == "" {
		return nil, true
	}
	return []Piece{{Text: from, Pos: len(text) - len(from)}}, true
}

// NumParams is the number of the highest parameter, $n, in sql.
func NumParams(sql string) (int, error) {
	toks, err := lex(sql, Dialect{})
	if err != nil {
		return 0, err
	}
	p := &parser{sql: sql, toks: toks}
	highest := 0
	for i := range toks {
		if toks[i].kind == tokParam {
			p.i = i
			highest = max(highest, p.paramNumber())
		}
	}
	return highest, p.err
}
