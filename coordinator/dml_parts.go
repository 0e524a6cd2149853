package coordinator

import (
	"context"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
)

// insertList is the columns of an INSERT, by value: a column stands in it several times
// where the values are parts of it.
type insertList struct {
	columns []int
	targets []ast.Target
}

// insertList finds the columns of an INSERT.
func (t *changeTarget) insertList(targets []ast.Target, pos int) (*insertList, error) {
	list := &insertList{columns: make([]int, len(targets)), targets: targets}
	for i, target := range targets {
		at, err := t.ordinals([]string{target.Name}, pos, insertVerb)
		if err != nil {
			return nil, err
		}
		list.columns[i] = at[0]
		for j, c := range list.columns[:i] {
			switch {
			case c != at[0] || targets[j].Part != nil && target.Part != nil:
			case targets[j].Name == target.Name:
				return nil, sqlerr.At(pos, sqlerr.DuplicateColumn, "column \"%s\" specified more than once", target.Name)
			default: // a view may have a column twice
				return nil, repeatedColumn(t.table.Definition().Columns[c].Name)
			}
		}
	}
	return list, nil
}

// leading are the first n columns of the target.
func (t *changeTarget) leading(n int) (*insertList, error) {
	names := make([]ast.Target, n)
	for i, c := range t.columns[:n] {
		names[i].Name = c.name
	}
	return t.insertList(names, 0)
}

// values are the columns that the values are assigned to: parts have the type of the part.
func (l *insertList) values(def *memtable.Definition) ([]memtable.Column, error) {
	out := pick(def.Columns, l.columns)
	for i, t := range l.targets {
		if t.Part == nil {
			continue
		}
		part, err := planner.PartType(out[i].Name, out[i].Type, t.Part)
		if err != nil {
			return nil, err
		}
		out[i] = memtable.Column{Name: out[i].Name, Type: part}
	}
	return out, nil
}

// partList puts together the columns of which an INSERT gives parts. Its list is over the
// values and, behind them, a column of NULLs for each of those columns.
type partList struct {
	list  *rowQuery
	empty []arrow.DataType
}

// bindParts gives the columns that rows get of values, and what makes these of the values,
// nil where they are the same.
func (b *changeBinder) bindParts(def *memtable.Definition, list *insertList, values []memtable.Column) ([]int, *partList, error) {
	if !slices.ContainsFunc(list.targets, func(t ast.Target) bool { return t.Part != nil }) {
		return list.columns, nil, nil
	}
	parts := &partList{}
	var columns []int
	var items []ast.SelectItem
	fields := make([]arrow.Field, len(values))
	column := func(i int) ast.Expr { return &ast.Column{Parts: []string{partColumn(i)}} }
	for i, v := range values {
		fields[i] = arrow.Field{Name: partColumn(i), Type: v.Type, Nullable: true}
	}
	for i, c := range list.columns {
		target := &list.targets[i]
		at := slices.Index(columns, c)
		if at < 0 {
			at = len(columns)
			columns, items = append(columns, c), append(items, ast.SelectItem{Expr: column(i)})
			if target.Part == nil {
				continue
			}
			items[at].Expr = column(len(fields))
			fields = append(fields, arrow.Field{Name: partColumn(len(fields)), Type: def.Columns[c].Type, Nullable: true})
			parts.empty = append(parts.empty, def.Columns[c].Type)
		}
		value, err := assignPart(target, items[at].Expr, column(i))
		if err != nil {
			return nil, nil, err
		}
		items[at].Expr = value
	}
	from := &ast.Table{Name: ast.QName{Parts: []string{baseName}}, Alias: ast.Alias{Name: baseName, Unlisted: true}}
	sel := &ast.Select{Items: items, From: []ast.TableRef{from}}
	var err error
	parts.list, err = b.bindOverRows(sel, arrow.NewSchema(fields, nil))
	return columns, parts, err
}

// partColumn is the name of a column of partList's rows. Nobody can write it.
func partColumn(i int) string { return "\x00" + strconv.Itoa(i) }

// columns are the columns of n rows.
func (p *partList) columns(ctx context.Context, r *changeRun, values []arrow.Array, n int) ([]arrow.Array, error) {
	values = slices.Clone(values)
	for _, t := range p.empty {
		values = append(values, kernel.Nulls(t, n))
	}
	rec, err := p.list.of(ctx, r, values, n)
	if err != nil {
		return nil, err
	}
	return rec.Columns(), nil
}

// assignPart is the value of a column, base, of which a part has got another value.
func assignPart(t *ast.Target, base, value ast.Expr) (ast.Expr, error) {
	if isDefault(value) {
		return nil, partDefault(value)
	}
	return &ast.AssignPart{Pos: t.Pos, Column: t.Name, Base: base, Part: t.Part, Value: value}, nil
}

func isPart(e ast.Expr) bool {
	_, ok := e.(*ast.AssignPart)
	return ok
}

func partDefault(e ast.Expr) error {
	return sqlerr.At(e.Position(), sqlerr.FeatureNotSupported, "cannot set an array element to DEFAULT")
}
