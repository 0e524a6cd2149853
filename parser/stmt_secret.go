package parser

import (
	"errors"
	"regexp"
	"strings"

	"volley/parser/ast"
	"volley/sqlerr"
)

// literalRequired does not say of what: a value may stand where a name should.
const literalRequired = "settings of a secret require literals"

// createSecret reads what follows CREATE [OR REPLACE], DuckDB's form:
// [PERSISTENT|TEMPORARY] SECRET [IF NOT EXISTS] [name] [IN storage] (setting value, …).
func (p *parser) createSecret(s *ast.CreateSecret) ast.Statement {
	p.need("secret")
	s.IfNotExists = p.ifNotExists()
	if !p.punct("(") && !p.kw("in") {
		s.Name = p.name()
	}
	if p.eat("in") {
		p.secretStorage(&s.Persistent)
	}
	for _, o := range p.options() {
		setting := ast.SecretSetting{Pos: o.Pos, Name: o.Name}
		values, keys := []ast.Expr{o.Value}, []string(nil)
		switch list := o.Value.(type) {
		case *ast.Array:
			values = list.Items
		case *ast.StructLit:
			values, keys = list.Values, list.Keys
		}
		for i, v := range values {
			l, ok := v.(*ast.Literal)
			if !ok || l.Kind == ast.Null {
				p.failAt(int32(o.Position()), sqlerr.SyntaxError, literalRequired)
				return s
			}
			if keys != nil {
				setting.Values = append(setting.Values, keys[i]+": "+l.Text)
				continue
			}
			setting.Values = append(setting.Values, l.Text)
		}
		s.Settings = append(s.Settings, setting)
	}
	return s
}

// secretStorage reads the name of a storage: local_file persists, memory does not.
func (p *parser) secretStorage(persistent *bool) {
	pos := p.pos()
	switch p.name() {
	case "local_file":
		*persistent = true
	case "memory":
		*persistent = false
	default:
		p.failAt(pos, sqlerr.InvalidParameterValue, "secrets are stored in memory or in local_file")
	}
}

// dropSecret reads what follows DROP [PERSISTENT|TEMPORARY]:
// SECRET [IF EXISTS] name [FROM storage].
func (p *parser) dropSecret(s *ast.DropSecret) ast.Statement {
	if !p.kw("secret") {
		s.Which = &ast.SecretKind{Persistent: p.kw("persistent")}
		p.advance()
	}
	p.need("secret")
	s.IfExists = p.eat("if", "exists")
	s.Name = p.name()
	if p.eat("from") {
		s.Which = &ast.SecretKind{}
		p.secretStorage(&s.Which.Persistent)
	}
	return s
}

// secretFollows tells whether [PERSISTENT|TEMPORARY] SECRET begins here.
func (p *parser) secretFollows() bool {
	if p.kwIn("persistent", "temporary", "temp") {
		next := p.peek(1)
		return next.kind == tokIdent && next.text == "secret"
	}
	return p.kw("secret")
}

// secretStatement finds a CREATE SECRET; between words there may be comments, also
// with comments in them.
var secretStatement = func() *regexp.Regexp {
	const gap = `(?:[\s\v]|/\*.*\*/|--[^\r\n]*[\r\n])+`
	return regexp.MustCompile(`(?is)\bcreate` + gap + `(?:or` + gap + `replace` + gap + `)?(?:(?:persistent|temporary|temp)` + gap + `)?secret\b`)
}()

// HoldsSecrets tells whether a text may hold a CREATE SECRET: such a text is not for
// messages, logs and histories.
func HoldsSecrets(sql string) bool { return secretStatement.MatchString(sql) }

// conceal takes from the error of such a text what it quotes of it.
func conceal(sql string, err error) error {
	e := (*sqlerr.Error)(nil)
	if err == nil || !HoldsSecrets(sql) || !errors.As(err, &e) {
		return err
	}
	message, _, quotes := strings.Cut(e.Message, " at or near ")
	if !quotes && e.Code != sqlerr.SyntaxError {
		return err
	}
	if !quotes && message != literalRequired {
		message = "syntax error"
	}
	return sqlerr.At(e.Position-1, e.Code, "%s", message)
}
