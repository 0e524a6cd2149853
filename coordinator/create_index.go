package coordinator

import (
	"context"
	"strconv"
	"strings"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/expr"
	"volley/sqlerr"
)

// createIndex runs CREATE INDEX. Unique indexes are enforced; others are known
// by name and make nothing faster.
func (s *Session) createIndex(ctx context.Context, st *ast.CreateIndex) (*Result, error) {
	const tag = "CREATE INDEX"
	t, err := s.writable(st.Table, indexVerb)
	if err != nil {
		return nil, err
	}
	def := t.Definition()
	u := memtable.Unique{Name: st.Name, NullsNotDistinct: st.NullsNotDistinct}
	var parts []string
	for _, item := range st.Columns {
		c, ok := item.Expr.(*ast.Column)
		if !ok || len(c.Parts) != 1 {
			if st.Unique {
				return nil, sqlerr.At(item.Expr.Position(), sqlerr.FeatureNotSupported, "a unique index on an expression is not supported")
			}
			if _, err := s.bindIndexed(ctx, item.Expr, t); err != nil {
				return nil, err
			}
			parts = append(parts, "expr")
			continue
		}
		at := def.Ordinal(c.Parts[0])
		if at < 0 {
			return nil, sqlerr.At(c.Position(), sqlerr.UndefinedColumn, "column \"%s\" does not exist", c.Parts[0])
		}
		if ty := def.Columns[at].Type; st.Unique && !memtable.CanIndex(ty) {
			return nil, noKeyType(ty, c.Position())
		}
		u.Columns, parts = append(u.Columns, at), append(parts, c.Parts[0])
	}
	if u.Name == "" {
		base := def.Name + "_" + strings.Join(parts, "_") + "_idx"
		u.Name = base
		for i := 1; s.relationExists(def.Schema, u.Name); i++ {
			u.Name = base + strconv.Itoa(i)
		}
	} else if s.relationExists(def.Schema, u.Name) {
		if st.IfNotExists {
			return command(tag, notice(sqlerr.DuplicateTable, "relation \""+u.Name+"\" already exists, skipping")), nil
		}
		return nil, sqlerr.At(st.Position(), sqlerr.DuplicateTable, "relation \"%s\" already exists", u.Name)
	}
	err = s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error {
		return tx.CreateIndex(ctx, t, u, st.Unique)
	})
	if err != nil {
		return nil, err
	}
	return command(tag), nil
}

// bindIndexed binds an indexed expression, so that a wrong one is refused.
func (s *Session) bindIndexed(ctx context.Context, e ast.Expr, t *memtable.Table) (expr.Expr, error) {
	return s.planner().BindExpr(ctx, e, t.Schema(), planner.BindOptions{Catalog: &names{s: s}, TimeZone: s.settings.location, Style: s.settings.style()})
}
