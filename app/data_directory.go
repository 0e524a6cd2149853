package app

import (
	"path/filepath"
	"slices"

	"volley/catalog"
	"volley/catalog/memtable"
)

// openCatalog opens what a data directory has: the names, in a file, and managed
// tables, in a directory of their own. Without a directory both are empty, and end
// with the process.
func (p *parts) openCatalog(dir string) (*catalog.Catalog, *memtable.Store, error) {
	format := p.formats[memtable.FormatName].(*memtable.Format)
	if dir == "" {
		names, err := catalog.Open("")
		return names, format.NewStore(), err
	}
	tables, err := format.OpenStore(filepath.Join(dir, "tables")) // first, since it locks
	if err != nil {
		return nil, nil, err
	}
	names, err := catalog.Open(dir)
	if err == nil {
		err = addSchemas(names, tables)
	}
	if err != nil {
		_ = tables.Close()
		return nil, nil, err
	}
	return names, tables, nil
}

// addSchemas makes the schemas of tables whose own is missing: a crash came between
// the two when it was dropped with its tables.
func addSchemas(names *catalog.Catalog, tables *memtable.Store) error {
	for _, t := range tables.Tables() {
		schema := t.Definition().Schema
		if slices.Contains(names.Schemas(), schema) {
			continue
		}
		if err := names.CreateSchema(schema); err != nil {
			return err
		}
	}
	return nil
}
