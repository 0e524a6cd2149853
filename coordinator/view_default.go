package coordinator

import (
	"context"
	"slices"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner/expr"
	"volley/sqlerr"
)

// setViewDefault runs ALTER COLUMN … SET DEFAULT and DROP DEFAULT of a view.
func (s *Session) setViewDefault(ctx context.Context, tx *memtable.Tx, o *catalog.Object, act *ast.AlterAction) error {
	text, err := s.c.parseView(o)
	if err != nil {
		return err
	}
	b, err := s.bindQuery(ctx, text.query, nil)
	if err != nil {
		return err
	}
	names := slices.Clone(b.Names)
	copy(names, o.View.Columns)
	at := slices.Index(names, act.Name)
	if at < 0 {
		return sqlerr.New(sqlerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", act.Name, o.Name)
	}
	next, view := *o, *o.View
	next.View, view.Defaults = &view, make([]string, len(names))
	copy(view.Defaults, o.View.Defaults)
	if view.Defaults[at] = ""; act.Kind == "set default" {
		x, err := s.bindDefault(ctx, act.Column.Default, memtable.Column{Name: act.Name, Type: b.Schema.Field(at).Type})
		if err != nil {
			return err
		}
		if l, ok := x.(*expr.Literal); !ok || l.Value.IsValid(0) { // NULL says nothing, in PostgreSQL too
			view.Defaults[at] = act.Column.DefaultText
		}
	}
	return s.putObject(ctx, tx, &next, true)
}

// defaultOf is the SQL text of what a view says that a column of the table is by default, ""
// when it says nothing. A view says it before the views that it is over.
func (t *changeTarget) defaultOf(base int) string {
	if t.view == nil {
		return ""
	}
	for _, l := range t.view.layers {
		for i, text := range l.object.View.Defaults {
			if text != "" && i < len(l.columns) && l.columns[i].base == base {
				return text
			}
		}
	}
	return ""
}

// viewDefaults are the bound defaults that a view has for columns of the table to which an
// INSERT gives no values, by column.
func (b *changeBinder) viewDefaults(m *mutation) (map[int]expr.Expr, error) {
	var out map[int]expr.Expr
	for i, c := range m.target.table.Definition().Columns {
		text := m.target.defaultOf(i)
		if text == "" || slices.Contains(m.columns, i) {
			continue
		}
		tree, err := parseExpr(text)
		if err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.InternalError, "default of column \"%s\" of a view", c.Name)
		}
		x, err := b.s.bindDefault(b.ctx, tree, c)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = map[int]expr.Expr{}
		}
		out[i] = x
	}
	return out, nil
}
