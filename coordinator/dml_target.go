package coordinator

import (
	"context"
	"slices"
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
		if t, _ := s.relation(schema, q.Parts[len(q.Parts)-1]); t != nil {
			return t
		}
	}
	return nil
}

// await waits for others that drop the managed table of a name or change its definition.
func (s *Session) await(q ast.QName) error {
	for _, schema := range s.schemas(q) {
		if err := s.tables().Await(s.context(), schema, q.Parts[len(q.Parts)-1]); err != nil {
			return err
		}
	}
	return nil
}

// indexVerb is what CREATE INDEX does; materialized views may have indexes.
const indexVerb = "create an index on"

// writable finds the table that a statement changes. verb is what the statement
// does, as in "insert into".
func (s *Session) writable(q ast.QName, verb string) (*memtable.Table, error) {
	if err := s.await(q); err != nil {
		return nil, err
	}
	if t := s.managed(q); t != nil {
		if def := t.Definition(); def.Query != "" && verb != indexVerb {
			return nil, sqlerr.At(q.Position(), sqlerr.WrongObjectType, "cannot change materialized view %q", def.Name)
		}
		return t, nil
	}
	name := q.Parts[len(q.Parts)-1]
	for _, schema := range s.schemas(q) {
		_, o := s.relation(schema, name)
		switch {
		case o != nil && o.View != nil && verb == indexVerb:
			return nil, sqlerr.New(sqlerr.WrongObjectType, "cannot create index on relation \"%s\"", name).WithDetail("This operation is not supported for views.")
		case o != nil && o.View != nil && verb == "truncate":
			return nil, sqlerr.New(sqlerr.WrongObjectType, "\"%s\" is not a table", name)
		case o != nil && o.View != nil:
			return nil, sqlerr.At(q.Position(), sqlerr.FeatureNotSupported, "cannot %s view \"%s\"", verb, name)
		case o != nil:
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

// Verbs of statements that change rows.
const (
	insertVerb = "insert into"
	updateVerb = "update"
	deleteVerb = "delete from"
	mergeVerb  = "merge into"
)

// changeTarget is the table, or the view of one, whose rows a statement changes.
type changeTarget struct {
	table   *memtable.Table
	columns []targetColumn
	view    *updatableView // nil for a table
}

// targetColumn is a column that the statement sees.
type targetColumn struct {
	name string
	base int // ordinal in the table; −1 for a column that only a view has
}

// changeTarget finds what a statement changes; verb is what it does.
func (s *Session) changeTarget(ctx context.Context, q ast.QName, verb string) (*changeTarget, error) {
	if v, err := s.updatable(ctx, q, verb); v != nil || err != nil {
		return v, err
	}
	table, err := s.writable(q, verb)
	if err != nil {
		return nil, err
	}
	t := &changeTarget{table: table}
	for i, c := range table.Definition().Columns {
		t.columns = append(t.columns, targetColumn{c.Name, i})
	}
	return t, nil
}

// ordinals are the table's columns of those names, each once.
func (t *changeTarget) ordinals(list []string, pos int, verb string) ([]int, error) {
	if t.view == nil {
		return columnsAt(t.table.Definition(), list, pos)
	}
	out := make([]int, len(list))
	for i, name := range list {
		at := slices.IndexFunc(t.columns, func(c targetColumn) bool { return c.name == name })
		switch {
		case at < 0:
			return nil, sqlerr.At(pos, sqlerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", name, t.view.name)
		case t.columns[at].base < 0:
			return nil, t.notUpdatable(name, verb)
		case slices.Contains(list[:i], name):
			return nil, sqlerr.At(pos, sqlerr.DuplicateColumn, "column \"%s\" specified more than once", name)
		}
		out[i] = t.columns[at].base
	}
	return out, nil
}

// names are what names mean to the queries of a statement: targetName is the
// target, with the numbers of its rows in the table or, for rows that are not yet
// in the table or no longer, without.
func (t *changeTarget) names(s *Session, numbered bool) *changeNames {
	d := t.table.Definition()
	table := planner.Object{Schema: d.Schema, Name: d.Name, Table: t.table.Def(), Stats: t.table.Stats(s.writes)}
	if numbered {
		table.Table = t.table.DefWithRowNumber()
	}
	switch {
	case t.view == nil:
		return &changeNames{names{s: s}, table, planner.Object{}}
	case numbered:
		return &changeNames{names{s: s}, t.view.numbered(), table}
	}
	return &changeNames{names{s: s}, t.view.rows(), table}
}

// seen are the columns of the target for rows of the table.
func (t *changeTarget) seen(ctx context.Context, r *changeRun, rec arrow.Record) ([]arrow.Array, error) {
	if t.view != nil {
		return t.view.seen(ctx, r, rec)
	}
	return rec.Columns(), nil
}

// changeNames resolves targetName to a target, baseName to the table of a target
// that is a view, and all other names as the session does.
type changeNames struct {
	names
	target, base planner.Object
}

// Resolve finds a table or view.
func (n *changeNames) Resolve(ctx context.Context, parts []string) (planner.Object, error) {
	if len(parts) == 1 {
		switch parts[0] {
		case targetName:
			return n.target, nil
		case baseName:
			return n.base, nil
		}
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
