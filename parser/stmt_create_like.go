package parser

import (
	"strings"

	"volley/parser/ast"
)

// tableLike reads LIKE table [INCLUDING | EXCLUDING what …].
func (p *parser) tableLike(before int) ast.TableLike {
	like := ast.TableLike{Pos: p.at(), Before: before, Including: map[string]bool{}}
	p.advance()
	like.Table = p.qname()
	for p.kwIn("including", "excluding") {
		take := p.kw("including")
		p.advance()
		what := p.label()
		switch what {
		case "all":
			for _, each := range likeOptions {
				like.Including[each] = take
			}
		default:
			known := false
			for _, each := range likeOptions {
				known = known || each == what
			}
			if !known {
				p.i--
				p.fail()
				return like
			}
			like.Including[what] = take
		}
	}
	return like
}

// likeOptions are what LIKE may include.
var likeOptions = []string{
	"comments", "compression", "constraints", "defaults", "generated", "identity", "indexes", "statistics", "storage",
}

// createRecursiveView reads what follows CREATE RECURSIVE VIEW: name (columns)
// AS query stands for AS WITH RECURSIVE name (columns) AS (query) SELECT columns
// FROM name.
func (p *parser) createRecursiveView(s *ast.CreateView) ast.Statement {
	s.Name = p.qname()
	name := s.Name.Parts[len(s.Name.Parts)-1]
	s.Columns = p.names()
	if p.eat("with") {
		p.options()
	}
	p.need("as")
	from := p.pos()
	inner := p.queryNode()
	text := p.textFrom(from)
	sel := &ast.Select{Pos: s.Pos, From: []ast.TableRef{&ast.Table{Pos: s.Pos, Name: ast.QName{Pos: s.Pos, Parts: []string{name}}}}}
	quoted := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		quoted[i] = quoteName(c)
		sel.Items = append(sel.Items, ast.SelectItem{Expr: &ast.Column{Pos: s.Pos, Parts: []string{c}}})
	}
	s.Query = &ast.Query{
		Pos: s.Pos, Recursive: true, Body: sel,
		With: []ast.CTE{{Pos: s.Pos, Name: name, Columns: s.Columns, Query: inner}},
	}
	columns := strings.Join(quoted, ", ")
	s.Text = "WITH RECURSIVE " + quoteName(name) + " (" + columns + ") AS (" + text + ") SELECT " + columns + " FROM " + quoteName(name)
	return s
}

// quoteName writes an identifier in quotes.
func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
