package parser

import "volley/parser/ast"

// setConstraints reads what follows SET CONSTRAINTS.
func (p *parser) setConstraints(pos ast.Pos) ast.Statement {
	s := &ast.SetConstraints{Pos: pos}
	if !p.eat("all") {
		for {
			s.Names = append(s.Names, p.qname())
			if !p.eatPunct(",") {
				break
			}
		}
	}
	if s.Deferred = p.eat("deferred"); !s.Deferred {
		p.need("immediate")
	}
	return s
}
