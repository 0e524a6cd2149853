package planner

import (
	"strings"

	"github.com/grafana/regexp"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
)

// bindStar expands * and t.* with EXCLUDE, REPLACE and COLUMNS('…').
func (x *exprBinder) bindStar(e *ast.Star) ([]target, error) {
	from := x.scope
	if e.Table != nil {
		for from != nil && from.tableNamed(e.Table) == nil {
			from = from.parent
		}
		if from == nil || from != x.scope && from.frame == nil {
			return nil, x.missingTable(e.Table, e.Position())
		}
	}
	if e.Table == nil && len(x.scope.tables) == 0 && len(x.scope.columns) == 0 {
		return nil, sqlerr.At(e.Position(), sqlerr.SyntaxError, "SELECT * with no tables specified is not valid")
	}
	columns := from.star(e.Table)
	matches, err := columnPattern(e)
	if err != nil {
		return nil, err
	}
	excluded := make(map[string]bool, len(e.Exclude))
	for _, name := range e.Exclude {
		excluded[name] = false
	}
	replaced := make(map[string]bool, len(e.Replace))
	out := make([]target, 0, len(columns))
	for _, c := range columns {
		if _, ok := excluded[c.name]; ok {
			excluded[c.name] = true
			continue
		}
		if !matches(c.name) {
			continue
		}
		col := &expr.Column{Index: c.index, Name: c.name, Type: c.typ}
		if from == x.scope {
			x.block.seen[col] = e.Position()
		} else {
			col = from.frame.column(col, e.Position())
		}
		t := target{col, c.name, e.Position()}
		for _, r := range e.Replace {
			if r.Alias == c.name {
				replaced[c.name] = true
				if t.expr, err = x.bind(r.Expr); err != nil {
					return nil, err
				}
			}
		}
		out = append(out, t)
	}
	return out, checkStar(e, excluded, replaced, x.scope)
}

// checkStar refuses names in EXCLUDE and REPLACE that * does not have.
func checkStar(e *ast.Star, excluded, replaced map[string]bool, sc *scope) error {
	for _, name := range e.Exclude {
		if !excluded[name] {
			return sc.missing([]string{name}, e.Position())
		}
	}
	for _, r := range e.Replace {
		if !replaced[r.Alias] {
			return sc.missing([]string{r.Alias}, e.Position())
		}
	}
	return nil
}

func columnPattern(e *ast.Star) (func(string) bool, error) {
	if e.Pattern == "" {
		return func(string) bool { return true }, nil
	}
	re, err := regexp.Compile(e.Pattern)
	if err != nil {
		return nil, sqlerr.At(e.Position(), sqlerr.InvalidRegexp, "invalid regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re.MatchString, nil
}
