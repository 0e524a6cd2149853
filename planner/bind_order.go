package planner

import (
	"strconv"
	"strings"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// orderBinder resolves ORDER BY items as SQL:1992 and SQL:1999 do at once: an
// output column by name or ordinal, else an expression over the input.
type orderBinder struct {
	outputs []expr.Expr // of the select list
	names   []string
	bind    func(ast.Expr) (expr.Expr, error)
}

// orderKey is a sort key that is output column number output, or Expr when
// output is −1.
type orderKey struct {
	logical.SortKey
	output int
	pos    int
}

func (o *orderBinder) keys(q *ast.Query) ([]orderKey, error) {
	if q.OrderAll {
		out := make([]orderKey, len(o.outputs))
		for i, e := range o.outputs {
			out[i] = orderKey{sortKey(e, q.AllItem), i, q.Position()}
		}
		return out, nil
	}
	out := make([]orderKey, 0, len(q.OrderBy))
	for _, item := range q.OrderBy {
		if item.Using != "" && item.Using != "<" && item.Using != ">" {
			return nil, sqlerr.At(item.Expr.Position(), sqlerr.WrongObjectType, "operator %s is not a valid ordering operator", item.Using)
		}
		i, e, err := o.item(item.Expr)
		if err != nil {
			return nil, err
		}
		out = append(out, orderKey{sortKey(e, item), i, item.Expr.Position()})
	}
	return out, nil
}

// item gives the ordinal of the output an item means, or −1 and an expression.
func (o *orderBinder) item(e ast.Expr) (int, expr.Expr, error) {
	switch l := negated(e).(type) {
	case *ast.Literal:
		i, err := ordinal(l, len(o.outputs), "ORDER BY")
		return i, nil, err
	case *ast.Column:
		if len(l.Parts) == 1 {
			i, err := outputNamed(l.Parts[0], o.names, o.outputs, "ORDER BY", l.Position())
			if i >= 0 || err != nil {
				return i, nil, err
			}
		}
	}
	bound, err := o.bind(e)
	if err != nil {
		return 0, nil, err
	}
	for i, out := range o.outputs {
		if expr.Equal(out, bound) {
			return i, nil, nil
		}
	}
	return -1, bound, nil
}

// negated makes one constant of a minus before a number, as PostgreSQL's parser
// does: ORDER BY -1 is a position out of range.
func negated(e ast.Expr) ast.Expr {
	u, ok := e.(*ast.Unary)
	if !ok || u.Op != "-" {
		return e
	}
	l, ok := negated(u.Arg).(*ast.Literal)
	if !ok || l.Kind != ast.Integer && l.Kind != ast.Decimal {
		return e
	}
	out := *l
	out.Pos = u.Pos
	if text, minus := strings.CutPrefix(l.Text, "-"); minus {
		out.Text = text
	} else {
		out.Text = "-" + l.Text
	}
	return &out
}

// ordinal is the output column (from 0) that an integer constant names.
func ordinal(l *ast.Literal, n int, clause string) (int, error) {
	if l.Kind != ast.Integer {
		return 0, sqlerr.At(l.Position(), sqlerr.SyntaxError, "non-integer constant in %s", clause)
	}
	i, err := strconv.Atoi(l.Text)
	if err != nil || i < 1 || i > n {
		return 0, sqlerr.At(l.Position(), sqlerr.InvalidColumnReference, "%s position %s is not in select list", clause, l.Text)
	}
	return i - 1, nil
}

// outputNamed is the output column of a name, −1 for none; several of the same
// name are one if they are the same expression.
func outputNamed(name string, names []string, outputs []expr.Expr, clause string, pos int) (int, error) {
	found := -1
	for i, n := range names {
		if n != name {
			continue
		}
		if found >= 0 && !expr.Equal(outputs[found], outputs[i]) {
			return found, sqlerr.At(pos, sqlerr.AmbiguousColumn, "%s \"%s\" is ambiguous", clause, name)
		}
		if found < 0 {
			found = i
		}
	}
	return found, nil
}
