package coordinator

import (
	"context"
	"strings"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/sqlerr"
)

// changeCatalog makes one part of the catalog other than it was: at once for the
// transaction, for everybody when that commits, with what it does to tables, and as before
// if it rolls back. Until then others that want to change the same part wait. change
// gives what takes it back.
func (s *Session) changeCatalog(ctx context.Context, tx *memtable.Tx, key catalog.Key, change func() (undo func(), err error)) error {
	what, name, _ := strings.Cut(string(key), "\x00")
	if err := tx.LockName(ctx, string(key), what, strings.ReplaceAll(name, "\x00", ".")); err != nil {
		return err
	}
	if names := s.c.cfg.Catalog; names.Hold(key, tx) {
		tx.AtEnd(func() { names.Settle(key) })
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
	if err := s.awaitSchema(ctx, tx, o.Schema); err != nil {
		return err
	}
	return s.setObject(ctx, tx, o, replace, func(replaced bool) error {
		if replaced {
			tx.Redefine(o.Schema, o.Name)
			return nil
		}
		return tx.Claim(ctx, o.Schema, o.Name)
	})
}

// annotateObject puts a view or external table in the place of one of which the same is
// true but for what is said of it. Nobody has to wait for that.
func (s *Session) annotateObject(ctx context.Context, tx *memtable.Tx, o *catalog.Object) error {
	return s.setObject(ctx, tx, o, true, func(bool) error { return nil })
}

func (s *Session) setObject(ctx context.Context, tx *memtable.Tx, o *catalog.Object, replace bool, claim func(replaced bool) error) error {
	names := s.c.cfg.Catalog
	return s.changeCatalog(ctx, tx, o.Key(), func() (func(), error) {
		old, replaced := names.As(tx).Lookup(o.Schema, o.Name)
		if err := names.Create(o, replace); err != nil {
			return nil, err
		}
		undo := func() {
			if replaced {
				_ = names.Create(old, true)
				return
			}
			_ = names.Drop(o.Schema, o.Name, o.Kind())
		}
		if err := claim(replaced); err != nil {
			undo()
			return nil, err
		}
		tx.AtEnd(func() { s.c.views.Delete(old) })
		return undo, nil
	})
}

// dropObject drops a view or an external table of a kind.
func (s *Session) dropObject(ctx context.Context, tx *memtable.Tx, o *catalog.Object, kind string) error {
	names := s.c.cfg.Catalog
	return s.changeCatalog(ctx, tx, o.Key(), func() (func(), error) {
		if err := names.Drop(o.Schema, o.Name, kind); err != nil {
			return nil, err
		}
		tx.Unclaim(o.Schema, o.Name)
		tx.AtEnd(func() { s.c.views.Delete(o) })
		return func() { _ = names.Create(o, false) }, nil
	})
}

// awaitSchema waits for another transaction that drops a schema, in which something is to be
// made: 3F000 when it has.
func (s *Session) awaitSchema(ctx context.Context, tx *memtable.Tx, schema string) error {
	names := s.c.cfg.Catalog.As(tx)
	if names.Dropping(schema) {
		if err := tx.AwaitName(ctx, string(catalog.SchemaKey(schema)), "schema", schema); err != nil {
			return err
		}
	}
	if !isTemp(schema) && !names.HasSchema(schema) {
		return sqlerr.New(sqlerr.InvalidSchemaName, "schema \"%s\" does not exist", schema)
	}
	return nil
}

// putFunction adds a function, or puts it in the place of the one of its signature.
func (s *Session) putFunction(ctx context.Context, tx *memtable.Tx, f *catalog.Function, replace bool) error {
	if err := s.awaitSchema(ctx, tx, f.Schema); err != nil {
		return err
	}
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
		about := names.As(tx).Comment(key)
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
		old, ok := names.As(tx).Lookup(schema, name)
		if !ok || old.Table != t {
			return func() {}, nil
		}
		next, table := *old, *t
		table.Analyzed = a
		next.Table = &table
		return func() { _ = names.Create(old, true) }, names.Create(&next, true)
	})
}
