package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"volley/catalog"
	"volley/catalog/datadir"
	"volley/catalog/memtable"
	"volley/sqlerr"
)

// openCatalog opens what a data directory has: managed tables and, kept with them so
// that both change in one commit, the names of all else. Without a directory both are
// empty, and end with the process.
func (p *parts) openCatalog(dir string) (*catalog.Catalog, *memtable.Store, error) {
	format := p.formats[memtable.FormatName].(*memtable.Format)
	if dir == "" {
		return catalog.New(), format.NewStore(), nil
	}
	tables, err := format.OpenStore(filepath.Join(dir, "tables"))
	if err != nil {
		return nil, nil, err
	}
	names, err := keptCatalog(dir, tables)
	if err != nil {
		return nil, nil, errors.Join(err, tables.Close())
	}
	return names, tables, nil
}

// earlierCatalog is the file that the catalog was in before it was kept with the tables.
const earlierCatalog = "catalog.json"

// keptCatalog is the catalog of a data directory. That of an earlier version is moved
// to the tables first; a crash leaves it in one of both, or the file beside what was made
// of it, which is removed then.
func keptCatalog(dir string, tables *memtable.Store) (*catalog.Catalog, error) {
	path := filepath.Join(dir, earlierCatalog)
	kept := tables.Kept()
	if kept[string(catalog.FormatKey)] != nil {
		names, err := catalog.Restore(kept)
		if err != nil {
			return nil, err
		}
		return names, removeEarlier(path)
	}
	names, err := catalog.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for _, t := range tables.As(nil).Tables() { // whose schema a crash has taken without them
		if schema := t.Definition().Schema; !slices.Contains(names.As(nil).Schemas(), schema) {
			if err := names.CreateSchema(schema); err != nil {
				return nil, err
			}
		}
	}
	tx := tables.Begin()
	for _, key := range names.Keys() {
		text, err := names.Text(key)
		if err != nil {
			return nil, err
		}
		tx.Keep(string(key), text)
	}
	if err := tx.Commit(context.Background()); err != nil {
		return nil, err
	}
	return names, removeEarlier(path)
}

func removeEarlier(path string) error {
	err := os.Remove(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil:
		err = datadir.Sync(filepath.Dir(path))
	}
	if err != nil {
		return sqlerr.Wrap(err, sqlerr.IOError, "could not remove the catalog of an earlier version")
	}
	return nil
}
