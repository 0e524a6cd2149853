package coordinator

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner"
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
	if st.Where != nil {
		if _, err := s.bindIndexWhere(ctx, st.Where, t.Schema(), def.Name); err != nil {
			return nil, err
		}
		u.Where = memtable.Unparenthesized(st.WhereText)
	}
	if err := s.indexColumns(ctx, st, t, &u); err != nil {
		return nil, err
	}
	if u.Name == "" {
		parts, err := indexColumnNames(def, &u)
		if err != nil {
			return nil, err
		}
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

// indexColumns adds the columns of CREATE INDEX to an index.
func (s *Session) indexColumns(ctx context.Context, st *ast.CreateIndex, t *memtable.Table, u *memtable.Unique) error {
	def := t.Definition()
	options := make([]int16, len(st.Columns))
	for i := range st.Columns {
		item := &st.Columns[i]
		if options[i] = sortOptions(item); options[i] != 0 {
			u.Options = options
		}
		c := indexedColumn(item.Expr)
		if c == nil {
			if _, err := s.bindIndexExpr(ctx, item.Expr, t.Schema(), def.Name); err != nil {
				return err
			}
			u.Columns, u.Exprs = append(u.Columns, memtable.Computed), append(u.Exprs, memtable.Unparenthesized(item.Text))
			continue
		}
		at := def.Ordinal(c.Parts[0])
		if at < 0 {
			return sqlerr.At(c.Position(), sqlerr.UndefinedColumn, "column \"%s\" does not exist", c.Parts[0])
		}
		if ty := def.Columns[at].Type; st.Unique && !memtable.CanIndex(ty) {
			return noKeyType(ty, c.Position())
		}
		u.Columns = append(u.Columns, at)
	}
	return nil
}

// indexColumnNames are the names of an index's columns, which differ.
func indexColumnNames(def *memtable.Definition, u *memtable.Unique) (names []string, err error) {
	exprs := u.Exprs
	for _, c := range u.Columns {
		var base string
		if c == memtable.Computed {
			tree, err := parseExpr(exprs[0])
			if err != nil {
				return nil, err
			}
			base, exprs = planner.IndexColumnName(tree), exprs[1:]
		} else {
			base = def.Columns[c].Name
		}
		name := base
		for n := 1; slices.Contains(names, name); n++ {
			name = base + strconv.Itoa(n)
		}
		names = append(names, name)
	}
	return names, nil
}

// indexedColumn is the column that an item of an index is, nil for an expression.
func indexedColumn(e ast.Expr) *ast.Column {
	if c, ok := e.(*ast.Collate); ok {
		e = c.Arg
	}
	if c, ok := e.(*ast.Column); ok && len(c.Parts) == 1 {
		return c
	}
	return nil
}

// sortOptions are an item's bits of memtable.Unique.Options.
func sortOptions(item *ast.IndexItem) (bits int16) {
	nullsFirst := item.Desc
	if item.NullsFirst != nil {
		nullsFirst = *item.NullsFirst
	}
	if item.Desc {
		bits = 1
	}
	if nullsFirst {
		bits |= 2
	}
	return bits
}
