package coordinator

import (
	"context"
	"strings"

	"volley/catalog"
	"volley/catalog/memtable"
)

// changeCatalog makes one part of the catalog other than it was: at once for everybody,
// for good when the transaction commits, with what it does to tables, and as before
// if it rolls back. Until then others that want to change the same part wait. change
// gives what takes it back.
func (s *Session) changeCatalog(ctx context.Context, tx *memtable.Tx, key catalog.Key, change func() (undo func(), err error)) error {
	what, name, _ := strings.Cut(string(key), "\x00")
	if err := tx.LockName(ctx, string(key), what, strings.ReplaceAll(name, "\x00", ".")); err != nil {
		return err
	}
	undo, err := change()
	if err != nil {
		return err
	}
	tx.OnRollback(undo)
	text, err := s.c.cfg.Catalog.Text(key)
	if err == nil {
		tx.Keep(string(key), text)
	}
	return err
}

// putObject adds a view or external table, or puts it in the place of the one of its name.
func (s *Session) putObject(ctx context.Context, tx *memtable.Tx, o *catalog.Object, replace bool) error {
	names := s.c.cfg.Catalog
	return s.changeCatalog(ctx, tx, o.Key(), func() (func(), error) {
		old, replaced := names.Lookup(o.Schema, o.Name)
		if err := names.Create(o, replace); err != nil {
			return nil, err
		}
		s.c.views.Delete(old)
		return func() {
			if replaced {
				_ = names.Create(old, true)
				return
			}
			_ = names.Drop(o.Schema, o.Name, o.Kind())
		}, nil
	})
}

// dropObject drops a view or an external table of a kind.
func (s *Session) dropObject(ctx context.Context, tx *memtable.Tx, o *catalog.Object, kind string) error {
	names := s.c.cfg.Catalog
	return s.changeCatalog(ctx, tx, o.Key(), func() (func(), error) {
		if err := names.Drop(o.Schema, o.Name, kind); err != nil {
			return nil, err
		}
		s.c.views.Delete(o)
		return func() { _ = names.Create(o, false) }, nil
	})
}

// putFunction adds a function, or puts it in the place of the one of its signature.
func (s *Session) putFunction(ctx context.Context, tx *memtable.Tx, f *catalog.Function, replace bool) error {
	names := s.c.cfg.Catalog
	return s.changeCatalog(ctx, tx, f.Key(), func() (func(), error) {
		old, err := names.CreateFunction(f, replace)
		return func() {
			if old != nil {
				_, _ = names.CreateFunction(old, true)
				return
			}
			_ = names.DropFunction(f)
		}, err
	})
}

// dropCatalogFunction drops a function of SQL.
func (s *Session) dropCatalogFunction(ctx context.Context, tx *memtable.Tx, f *catalog.Function) error {
	names := s.c.cfg.Catalog
	return s.changeCatalog(ctx, tx, f.Key(), func() (func(), error) {
		return func() { _, _ = names.CreateFunction(f, true) }, names.DropFunction(f)
	})
}

// putSchema adds a schema.
func (s *Session) putSchema(ctx context.Context, tx *memtable.Tx, schema string) error {
	names := s.c.cfg.Catalog
	return s.changeCatalog(ctx, tx, catalog.SchemaKey(schema), func() (func(), error) {
		return func() { _ = names.DropSchema(schema, true) }, names.CreateSchema(schema)
	})
}

// removeSchema drops a schema, of which the transaction has dropped what was in it.
func (s *Session) removeSchema(ctx context.Context, tx *memtable.Tx, schema string) error {
	names, key := s.c.cfg.Catalog, catalog.SchemaKey(schema)
	return s.changeCatalog(ctx, tx, key, func() (func(), error) {
		about := names.Comment(key)
		return func() {
			_ = names.CreateSchema(schema)
			_ = names.SetComment(key, about)
		}, names.DropSchema(schema, false)
	})
}

// setAnalyzed gives an external table statistics; one that is gone, or was made anew
// since it was looked up as t, is left alone.
func (s *Session) setAnalyzed(ctx context.Context, tx *memtable.Tx, schema, name string, t *catalog.External, a *catalog.Analyzed) error {
	names := s.c.cfg.Catalog
	return s.changeCatalog(ctx, tx, catalog.RelationKey(schema, name), func() (func(), error) {
		old, ok := names.Lookup(schema, name)
		if !ok || old.Table != t {
			return func() {}, nil
		}
		next, table := *old, *t
		table.Analyzed = a
		next.Table = &table
		return func() { _ = names.Create(old, true) }, names.Create(&next, true)
	})
}
