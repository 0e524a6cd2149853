package coordinator

import (
	"context"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
)

// targetName is the name by which the query made of an UPDATE or DELETE calls
// its target. Nobody can write it.
const targetName = "\x00target"

// managed finds a managed table by name, nil when there is none.
func (s *Session) managed(q ast.QName) *memtable.Table {
	for _, schema := range s.schemas(q) {
		if t := s.c.tables.Lookup(schema, q.Parts[len(q.Parts)-1]); t != nil {
			return t
		}
	}
	return nil
}

// indexVerb is what CREATE INDEX does; materialized views may have indexes.
const indexVerb = "create an index on"

// writable finds the table that a statement changes. verb is what the statement
// does, as in "insert into".
func (s *Session) writable(q ast.QName, verb string) (*memtable.Table, error) {
	if t := s.managed(q); t != nil {
		if def := t.Definition(); def.Query != "" && verb != indexVerb {
			return nil, sqlerr.At(q.Position(), sqlerr.WrongObjectType, "cannot change materialized view %q", def.Name)
		}
		return t, nil
	}
	name := q.Parts[len(q.Parts)-1]
	for _, schema := range s.schemas(q) {
		o, ok := s.c.cfg.Catalog.Lookup(schema, name)
		switch {
		case ok && o.View != nil:
			return nil, sqlerr.At(q.Position(), sqlerr.FeatureNotSupported, "cannot %s view \"%s\"", verb, name)
		case ok:
			return nil, sqlerr.At(q.Position(), sqlerr.WrongObjectType, "cannot %s external table \"%s\"", verb, name).
				WithHint("Only tables made by CREATE TABLE can be changed.")
		case schema == systemSchema && systemDef(name) != nil:
			return nil, sqlerr.At(q.Position(), sqlerr.InsufficientPrivilege, "permission denied for table %s", name)
		}
	}
	return nil, sqlerr.At(q.Position(), sqlerr.UndefinedTable, "relation \"%s\" does not exist", strings.Join(q.Parts, "."))
}

// columnsAt finds columns of a table by name, each once.
func columnsAt(def *memtable.Definition, list []string, pos int) ([]int, error) {
	out := make([]int, len(list))
	seen := map[string]bool{}
	for i, name := range list {
		if out[i] = def.Ordinal(name); out[i] < 0 {
			return nil, sqlerr.At(pos, sqlerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", name, def.Name)
		}
		if seen[name] {
			return nil, sqlerr.At(pos, sqlerr.DuplicateColumn, "column \"%s\" specified more than once", name)
		}
		seen[name] = true
	}
	return out, nil
}

// targetNames resolves targetName to a table with its row numbers, and all
// other names as the session does.
type targetNames struct {
	names
	table *memtable.Table
}

// Resolve finds a table or view.
func (n *targetNames) Resolve(ctx context.Context, parts []string) (planner.Object, error) {
	if len(parts) == 1 && parts[0] == targetName {
		def := n.table.Definition()
		return planner.Object{Schema: def.Schema, Name: def.Name, Table: n.table.DefWithRowNumber(), Stats: n.table.Stats()}, nil
	}
	return n.names.Resolve(ctx, parts)
}

// rowNames is targetNames for rows that are not yet in the table, or no longer:
// they have no row numbers.
type rowNames struct {
	names
	table *memtable.Table
}

// Resolve finds a table or view.
func (n *rowNames) Resolve(ctx context.Context, parts []string) (planner.Object, error) {
	if len(parts) == 1 && parts[0] == targetName {
		def := n.table.Definition()
		return planner.Object{Schema: def.Schema, Name: def.Name, Table: n.table.Def()}, nil
	}
	return n.names.Resolve(ctx, parts)
}

// targetRef is the target in FROM, under its alias or its own name.
func targetRef(q ast.QName, alias string) *ast.Table {
	if alias == "" {
		alias = q.Parts[len(q.Parts)-1]
	}
	return &ast.Table{Pos: q.Pos, Name: ast.QName{Pos: q.Pos, Parts: []string{targetName}}, Alias: ast.Alias{Name: alias}}
}

// rowNumberOf is the target's row number as an expression.
func rowNumberOf(ref *ast.Table) ast.Expr {
	return &ast.Column{Pos: ref.Pos, Parts: []string{ref.Alias.Name, memtable.RowNumber}}
}

// bindTo binds a query whose columns are assigned to columns of a table.
func (s *Session) bindTo(ctx context.Context, q *ast.Query, cat planner.Catalog, params []arrow.DataType, columns []memtable.Column) (*planner.Bound, error) {
	opt := planner.BindOptions{
		ParamTypes: params, TimeZone: s.settings.location, Style: s.settings.style(),
		Targets: make([]arrow.DataType, len(columns)), TargetNames: make([]string, len(columns)),
	}
	opt.Update = len(columns) > 0 && columns[0].Name == memtable.RowNumber
	for i, c := range columns {
		opt.Targets[i], opt.TargetNames[i] = c.Type, c.Name
	}
	return s.planner().Bind(ctx, q, cat, opt)
}
