package parser

import (
	"strings"

	"volley/parser/ast"
)

// statement reads one statement by its first keyword.
func (p *parser) statement() ast.Statement {
	t := p.tok()
	if p.punct("(") {
		return p.queryStatement()
	}
	if t.kind != tokIdent {
		p.fail()
		return nil
	}
	if parse, ok := statements[t.text]; ok {
		return parse(p)
	}
	if tag, ok := ignored[t.text]; ok {
		return p.noOp(tag)
	}
	if unsupportedStatements[t.text] {
		p.unsupported(t.pos, strings.ToUpper(t.text))
		return nil
	}
	p.fail()
	return nil
}

// statements has the parser of each statement by its first keyword.
var statements map[string]func(*parser) ast.Statement

func init() {
	query := (*parser).queryStatement
	statements = map[string]func(*parser) ast.Statement{
		"select": query, "values": query, "table": query, "from": query,
		"with":       (*parser).withStatement,
		"insert":     (*parser).change,
		"update":     (*parser).change,
		"delete":     (*parser).change,
		"merge":      (*parser).change,
		"truncate":   (*parser).truncate,
		"copy":       (*parser).copy,
		"create":     (*parser).create,
		"drop":       (*parser).drop,
		"set":        (*parser).set,
		"show":       (*parser).show,
		"reset":      (*parser).reset,
		"describe":   (*parser).describe,
		"desc":       (*parser).describe,
		"summarize":  (*parser).describe,
		"begin":      (*parser).begin,
		"start":      (*parser).begin,
		"commit":     (*parser).endTransaction,
		"end":        (*parser).endTransaction,
		"rollback":   (*parser).endTransaction,
		"abort":      (*parser).endTransaction,
		"savepoint":  (*parser).savepoint,
		"release":    (*parser).savepoint,
		"prepare":    (*parser).prepare,
		"execute":    (*parser).execute,
		"deallocate": (*parser).deallocate,
		"declare":    (*parser).declare,
		"fetch":      (*parser).fetchCursor,
		"move":       (*parser).fetchCursor,
		"close":      (*parser).closeCursor,
		"refresh":    (*parser).refresh,
		"explain":    (*parser).explain,
		"analyze":    (*parser).analyze,
		"analyse":    (*parser).analyze,
		"discard":    (*parser).discard,
		"alter":      (*parser).alter,
		"comment":    (*parser).comment,
		"reindex":    (*parser).reindex,
	}
}

// ignored are statements that are accepted and do nothing here, with their
// command tags.
var ignored = map[string]string{
	"listen": "LISTEN", "unlisten": "UNLISTEN", "notify": "NOTIFY",
	"grant": "GRANT", "revoke": "REVOKE", "vacuum": "VACUUM", "checkpoint": "CHECKPOINT",
	"cluster": "CLUSTER", "lock": "LOCK TABLE", "load": "LOAD",
	"security": "SECURITY LABEL",
}

// unsupportedStatements are PostgreSQL's other statements.
var unsupportedStatements = map[string]bool{
	"call": true, "do": true, "import": true, "reassign": true,
}

// noOp passes the tokens of a statement that does nothing.
func (p *parser) noOp(tag string) ast.Statement {
	s := &ast.NoOp{Pos: p.at(), Tag: tag}
	p.advance()
	p.skipStatement()
	return s
}

// skipStatement passes everything up to the ";" or the end.
func (p *parser) skipStatement() {
	for !p.eof() && !p.punct(";") {
		p.advance()
	}
}

// queryFollows says whether a query begins here.
func (p *parser) queryFollows() bool {
	t := p.tok()
	return t.is("(") && t.query || startsQuery(t)
}

// textFrom is the SQL text from a position up to the current token.
func (p *parser) textFrom(from int32) string {
	if p.i == 0 || p.err != nil {
		return ""
	}
	return p.sql[from:max(from, p.toks[p.i-1].end)]
}
