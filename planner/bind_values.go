package planner

import (
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
	"volley/sqltype"
)

// bindValues binds VALUES rows; columns are column1, column2, ….
func (b *binder) bindValues(v *ast.Values, outer *scope, ctes *cte, settle bool) (relation, error) {
	width := len(v.Rows[0])
	t := b.newBlock(ctes)
	t.scope = newScope(outer)
	x := t.exprs("VALUES", true)
	rows := make([][]expr.Expr, len(v.Rows))
	for r, row := range v.Rows {
		if len(row) != width {
			return relation{}, sqlerr.At(position(row, v.Position()), sqlerr.SyntaxError, "VALUES lists must all be the same length")
		}
		var err error
		if rows[r], _, err = x.bindAll(row); err != nil {
			return relation{}, err
		}
	}
	names := make([]string, width)
	column := make([]expr.Expr, len(rows))
	for i := range names {
		names[i] = columnN(i)
		for r := range rows {
			column[r] = rows[r][i]
		}
		if err := b.unifyValues(v, column, i, settle); err != nil {
			return relation{}, err
		}
		for r := range rows {
			rows[r][i] = column[r]
		}
	}
	if len(t.slots) > 0 {
		return t.valuesOfSubqueries(v, rows, names)
	}
	return relation{&logical.Values{Rows: rows, Out: valuesSchema(rows[0], names)}, names}, nil
}

// valuesOfSubqueries makes a query without FROM of each row.
func (s *block) valuesOfSubqueries(v *ast.Values, rows [][]expr.Expr, names []string) (relation, error) {
	parts := make([]logical.Node, len(rows))
	for r, row := range rows {
		if v == s.inserted && len(rows) > 1 {
			if err := s.assignRow(v.Rows[r], row); err != nil {
				return relation{}, err
			}
		}
		s.node, s.joined = emptyRow(), map[*attachment][]attached{}
		placed, err := s.placeAll(row)
		if err != nil {
			return relation{}, err
		}
		parts[r] = logical.NewProject(s.node, placed, names)
	}
	if len(parts) == 1 {
		return relation{parts[0], names}, nil
	}
	return relation{&logical.Union{Parts: parts, Out: nullableSchema(parts[0].Schema())}, names}, nil
}

// emptyRow is one row without columns.
func emptyRow() logical.Node {
	return &logical.Values{Rows: [][]expr.Expr{{}}, Out: logical.NewSchema(nil)}
}

// assignRow converts a row of an INSERT to the types of the columns it fills.
func (s *block) assignRow(syntax []ast.Expr, row []expr.Expr) error {
	for i, e := range row {
		if i >= len(s.opts.Targets) {
			return nil
		}
		var err error
		if t := s.opts.Targets[i]; t == nil {
			row[i], err = s.resolveUnknown(e, syntax[i].Position())
		} else if row[i], err = s.coerce(e, t, sqltype.Assignment, syntax[i].Position()); err != nil {
			err = s.named(err, i, e, t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unifyValues gives a column of VALUES one type; without settle a column of
// literals only stays untyped.
func (b *binder) unifyValues(v *ast.Values, column []expr.Expr, i int, settle bool) error {
	if v == b.inserted {
		return nil
	}
	if !settle {
		typed := false
		for _, e := range column {
			typed = typed || !isUnknown(b.settled(e))
		}
		if !typed {
			return nil
		}
	}
	_, err := b.unify("VALUES", column, func(r int) int { return v.Rows[r][i].Position() })
	return err
}

func position(list []ast.Expr, otherwise int) int {
	if len(list) > 0 {
		return list[0].Position()
	}
	return otherwise
}
