package coordinator

import (
	"slices"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/sqlerr"
)

// assignedColumns is a SET list: the columns that it changes, and the select
// items that are their values.
type assignedColumns struct {
	columns []int
	items   []ast.SelectItem
	targets []memtable.Column
}

// assignments are the values that SET gives to columns of t; from is what they
// may read.
func (b *changeBinder) assignments(set []ast.Assignment, t *changeTarget, from []ast.TableRef, pos int) (out assignedColumns, err error) {
	def := t.table.Definition()
	var given []int // columns with other values than DEFAULT
	for _, a := range set {
		values, err := b.assigned(a, t, from)
		if err != nil {
			return out, err
		}
		for i, target := range a.Columns {
			at, err := t.ordinals([]string{target.Name}, a.Position(), updateVerb)
			if err != nil {
				return out, err
			}
			c, value := at[0], values[i]
			before := slices.Index(out.columns, c)
			if before >= 0 && (target.Part == nil || !isPart(out.items[before].Expr)) {
				return out, repeatedColumn(def.Columns[c].Name)
			}
			if target.Part != nil {
				var base ast.Expr = &ast.Column{Pos: target.Pos, Parts: []string{from[0].(*ast.Table).Alias.Name, target.Name}}
				if before >= 0 {
					base = out.items[before].Expr
				}
				if value, err = assignPart(&target, base, value); err != nil {
					return out, err
				}
			}
			if before >= 0 {
				out.items[before].Expr = value
				continue
			}
			if !isDefault(value) {
				given = append(given, c)
			} else {
				if def.Columns[c].Generated != "" {
					continue // as it is anyway
				}
				if value, err = b.s.defaultExpr(b.ctx, t, c, value); err != nil {
					return out, err
				}
			}
			out.columns = append(out.columns, c)
			out.items = append(out.items, ast.SelectItem{Expr: value, Alias: target.Name})
			out.targets = append(out.targets, def.Columns[c])
		}
	}
	return out, refuseGenerated(def, given, "update", "", pos)
}

func repeatedColumn(name string) error {
	return sqlerr.New(sqlerr.SyntaxError, "multiple assignments to same column \"%s\"", name)
}

// assigned are the values of an assignment, one for each column.
func (b *changeBinder) assigned(a ast.Assignment, t *changeTarget, from []ast.TableRef) ([]ast.Expr, error) {
	if !a.Multiple {
		return []ast.Expr{wholeRow(a.Value)}, nil
	}
	mismatch := sqlerr.At(a.Value.Position(), sqlerr.SyntaxError, "number of columns does not match number of values")
	switch v := a.Value.(type) {
	case *ast.Subquery:
		if v.Kind != ast.Scalar {
			break
		}
		out := make([]ast.Expr, len(a.Columns))
		for i := range out {
			out[i] = &ast.RowColumn{Pos: v.Pos, Query: v, Index: i, Count: len(out)}
		}
		return out, nil
	case *ast.Row:
		items, err := b.unstarred(v.Items, t, from)
		if err != nil {
			return nil, err
		}
		if len(items) != len(a.Columns) {
			return nil, mismatch
		}
		return items, nil
	}
	return nil, sqlerr.At(a.Value.Position(), sqlerr.FeatureNotSupported, "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression")
}

// wholeRow is x.* as a value: the row that x is.
func wholeRow(e ast.Expr) ast.Expr {
	if star, ok := e.(*ast.Star); ok && len(star.Table) > 0 {
		return &ast.Column{Pos: star.Pos, Parts: star.Table}
	}
	return e
}

// unstarred puts the columns of x in place of x.* in a list.
func (b *changeBinder) unstarred(items []ast.Expr, t *changeTarget, from []ast.TableRef) ([]ast.Expr, error) {
	var out []ast.Expr
	for _, e := range items {
		star, ok := e.(*ast.Star)
		if !ok {
			out = append(out, e)
			continue
		}
		sel := &ast.Select{Pos: star.Pos, Items: []ast.SelectItem{{Expr: star}}, From: from}
		bound, err := b.bind(&ast.Query{Pos: star.Pos, Body: sel}, t.names(b.s, false), b.options())
		if err != nil {
			return nil, err
		}
		for _, name := range bound.Names {
			out = append(out, &ast.Column{Pos: star.Pos, Parts: append(slices.Clone(star.Table), name)})
		}
	}
	return out, nil
}
