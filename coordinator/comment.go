package coordinator

import (
	"context"
	"maps"
	"slices"
	"strings"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/catalog/pgcatalog"
	"volley/parser/ast"
	"volley/sqlerr"
)

// comment runs COMMENT ON. What it says is a part of the object's definition, so that
// it goes where that goes.
func (s *Session) comment(ctx context.Context, st *ast.Comment) (*Result, error) {
	text := ""
	if st.Text != nil {
		text = *st.Text
	}
	err := s.write(ctx, func(ctx context.Context, tx *memtable.Tx) error {
		switch st.Kind {
		case "database":
			return s.commentOnName(ctx, tx, catalog.DatabaseKey, text)
		case "schema":
			schema := st.Name.Parts[0]
			if _, err := s.catalogs().ObjectOID("regnamespace", pgcatalog.QuoteIdent(schema)); err != nil {
				return err
			}
			return s.commentOnName(ctx, tx, catalog.SchemaKey(schema), text)
		case "function":
			return s.commentOnFunction(ctx, tx, st, text)
		case "constraint":
			return s.commentOnConstraint(ctx, tx, st, text)
		}
		return s.commentOnRelation(ctx, tx, st, text)
	})
	if err != nil {
		return nil, sqlerr.Find(err).WithPos(st.Name.Position())
	}
	s.c.cfg.Catalog.Touch()
	return command("COMMENT"), nil
}

// commentOnName is about a schema or the database.
func (s *Session) commentOnName(ctx context.Context, tx *memtable.Tx, key catalog.Key, text string) error {
	names := s.c.cfg.Catalog
	return s.changeCatalog(ctx, tx, key, func() (func(), error) {
		before := names.As(tx).Comment(key)
		return func() { _ = names.SetComment(key, before) }, names.SetComment(key, text)
	})
}

// commentOnFunction is about a function of SQL.
func (s *Session) commentOnFunction(ctx context.Context, tx *memtable.Tx, st *ast.Comment, text string) error {
	d := &dropping{s: s, tx: tx, st: &ast.Drop{Kind: "function"}}
	f, err := d.findFunction(st.Name, st.Args)
	if err != nil {
		return err
	}
	next := *f
	next.Comment = text
	return s.putFunction(ctx, tx, &next, true)
}

// commentOnConstraint is about a constraint of a managed table.
func (s *Session) commentOnConstraint(ctx context.Context, tx *memtable.Tx, st *ast.Comment, text string) error {
	constraint, table := st.Name.Parts[len(st.Name.Parts)-1], st.Table.Parts[len(st.Table.Parts)-1]
	if err := s.await(st.Table); err != nil {
		return err
	}
	t := s.managed(st.Table)
	if t == nil {
		return sqlerr.At(st.Table.Position(), sqlerr.UndefinedTable, "relation \"%s\" does not exist", strings.Join(st.Table.Parts, "."))
	}
	if err := tx.Lock(ctx, t); err != nil {
		return err
	}
	def := *t.Definition()
	def.Uniques, def.Checks = slices.Clone(def.Uniques), slices.Clone(def.Checks)
	unique := slices.IndexFunc(def.Uniques, func(u memtable.Unique) bool { return u.Constraint && u.Name == constraint })
	check := slices.IndexFunc(def.Checks, func(c memtable.Check) bool { return c.Name == constraint })
	switch {
	case unique >= 0:
		def.Uniques[unique].ConstraintComment = text
	case check >= 0:
		def.Checks[check].Comment = text
	default:
		return sqlerr.New(sqlerr.UndefinedObject, "constraint \"%s\" for table \"%s\" does not exist", constraint, table)
	}
	tx.Describe(t, &def, t.PlainIndexes())
	return nil
}

// commentOnRelation is about a relation or one of its columns.
func (s *Session) commentOnRelation(ctx context.Context, tx *memtable.Tx, st *ast.Comment, text string) error {
	q, column := st.Name, ""
	if last := len(q.Parts) - 1; st.Kind == "column" && last > 0 {
		q.Parts, column = q.Parts[:last], q.Parts[last]
	}
	quoted := make([]string, len(q.Parts))
	for i, p := range q.Parts {
		quoted[i] = pgcatalog.QuoteIdent(p)
	}
	oid, err := s.catalogs().ObjectOID("regclass", strings.Join(quoted, "."))
	if err != nil {
		return err
	}
	name, at := q.Parts[len(q.Parts)-1], -1
	if column != "" {
		if at = s.catalogs().ColumnNumber(oid, column) - 1; at < 0 {
			return sqlerr.New(sqlerr.UndefinedColumn, "column \"%s\" of relation \"%s\" does not exist", column, name)
		}
	}
	for _, schema := range s.schemas(q) {
		if t := s.tables().Lookup(schema, name); t != nil {
			return commentOnTable(ctx, tx, t, at, text)
		}
		if found := s.tables().Sequence(schema, name); found != nil {
			d := found.Definition()
			d.Comment = text
			return tx.AlterSequence(ctx, found, d, nil)
		}
		if s.tables().HasIndex(schema, name) {
			return s.commentOnIndex(ctx, tx, schema, name, text)
		}
		if o, ok := s.objects().Lookup(schema, name); ok {
			return s.annotateObject(ctx, tx, commented(o, at, text))
		}
	}
	return sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied for relation %s", name) // one of the catalogs'
}

// commentOnTable is about a managed table, or about the column at an ordinal from 0.
func commentOnTable(ctx context.Context, tx *memtable.Tx, t *memtable.Table, column int, text string) error {
	if err := tx.Lock(ctx, t); err != nil {
		return err
	}
	def := *t.Definition()
	if column < 0 {
		def.Comment = text
	} else {
		def.Columns = slices.Clone(def.Columns)
		def.Columns[column].Comment = text
	}
	tx.Describe(t, &def, t.PlainIndexes())
	return nil
}

func (s *Session) commentOnIndex(ctx context.Context, tx *memtable.Tx, schema, index, text string) error {
	describe := func(list []memtable.Unique) []memtable.Unique {
		list = slices.Clone(list)
		for i := range list {
			if list[i].Name == index {
				list[i].Comment = text
			}
		}
		return list
	}
	for _, t := range s.tables().Tables() {
		if t.Definition().Schema != schema || !t.HasIndex(index) {
			continue
		}
		if err := tx.Lock(ctx, t); err != nil { // before it is looked at: another may be changing it
			return err
		}
		def := *t.Definition()
		def.Uniques = describe(def.Uniques)
		tx.Describe(t, &def, describe(t.PlainIndexes()))
		return nil
	}
	return nil
}

// commented is a view or external table with another comment.
func commented(o *catalog.Object, column int, text string) *catalog.Object {
	next := *o
	if column < 0 {
		next.Comment = text
		return &next
	}
	next.ColumnComments = maps.Clone(o.ColumnComments)
	if next.ColumnComments == nil {
		next.ColumnComments = map[int]string{}
	}
	if next.ColumnComments[column] = text; text == "" {
		delete(next.ColumnComments, column)
	}
	return &next
}

// reindex runs REINDEX, which has nothing to do but to look for its object.
func (s *Session) reindex(st *ast.Reindex) (*Result, error) {
	if st.Kind != "index" && st.Kind != "table" {
		return command("REINDEX"), nil
	}
	quoted := make([]string, len(st.Name.Parts))
	for i, p := range st.Name.Parts {
		quoted[i] = pgcatalog.QuoteIdent(p)
	}
	if _, err := s.catalogs().ObjectOID("regclass", strings.Join(quoted, ".")); err != nil {
		return nil, sqlerr.Find(err).WithPos(st.Name.Position())
	}
	return command("REINDEX"), nil
}
