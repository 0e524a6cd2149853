package planner

import (
	"context"

	"volley/catalog"
	"volley/parser/ast"
)

// PruningCatalog is a Catalog that finds fewer files of a table where a query wants
// only rows that meet conditions.
type PruningCatalog interface {
	Catalog
	// ResolveWhere is Resolve for a reader that leaves out rows of the table which do
	// not meet all conditions. The table may have them all the same.
	ResolveWhere(ctx context.Context, parts []string, where []catalog.Condition) (Object, error)
}

// resolve finds a table of FROM, or a view.
func (s *block) resolve(t *ast.Table) (Object, error) {
	if pruning, ok := s.cat.(PruningCatalog); ok && s.windows.sel != nil && s.windows.sel.Where != nil && len(t.Alias.Columns) == 0 && t.Sample == nil {
		name := t.Alias.Name
		if name == "" {
			name = t.Name.Parts[len(t.Name.Parts)-1]
		}
		if where := conditionsOn(nil, name, s.windows.sel.Where); len(where) > 0 {
			return pruning.ResolveWhere(s.ctx, t.Name.Parts, where)
		}
	}
	return s.cat.Resolve(s.ctx, t.Name.Parts)
}

// conditionsOn appends those conjuncts that compare a column of a table with constants,
// as the text has them. A name without a table may be another table's column: then the
// table has none of the name, or the name is ambiguous, or both are merged by USING, and
// the conjunct is one on both. Joins change nothing, outer ones neither: comparisons
// are not true of the NULLs that take the place of rows that are left out.
func conditionsOn(out []catalog.Condition, table string, e ast.Expr) []catalog.Condition {
	add := func(column ast.Expr, op string, values ...ast.Expr) {
		c, ok := column.(*ast.Column)
		if !ok || len(c.Parts) > 2 || len(c.Parts) == 2 && c.Parts[0] != table {
			return
		}
		condition := catalog.Condition{Column: c.Parts[len(c.Parts)-1], Op: op}
		for _, v := range values {
			text, ok := constantText(v)
			if !ok {
				return
			}
			condition.Values = append(condition.Values, text)
		}
		out = append(out, condition)
	}
	switch e := e.(type) {
	case *ast.Binary:
		switch {
		case e.Schema != "":
		case e.Op == "and":
			return conditionsOn(conditionsOn(out, table, e.Left), table, e.Right)
		case exchanged[e.Op] != "":
			add(e.Left, e.Op, e.Right)
			add(e.Right, exchanged[e.Op], e.Left)
		}
	case *ast.Between:
		if !e.Not && !e.Symmetric {
			add(e.Arg, ">=", e.Low)
			add(e.Arg, "<=", e.High)
		}
	case *ast.In:
		if !e.Not && e.Query == nil {
			add(e.Arg, "in", e.List...)
		}
	}
	return out
}

// exchanged are comparisons as they are with their sides exchanged.
var exchanged = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// constantText is the text of an integer, a string or a date as written.
func constantText(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.Literal:
		return e.Text, e.Kind == ast.Integer || e.Kind == ast.String
	case *ast.TypedLiteral:
		return e.Text, e.Type.Name == "date"
	case *ast.Unary:
		l, ok := e.Arg.(*ast.Literal)
		if ok && e.Op == "-" && l.Kind == ast.Integer {
			return "-" + l.Text, true
		}
	}
	return "", false
}
