package parser

import "volley/parser/ast"

// statement reads one statement by its first keyword.
func (p *parser) statement() ast.Statement {
	return p.queryNode()
}
