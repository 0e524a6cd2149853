package catalog

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"volley/sqlerr"
)

const fileFormat = 1

// catalogFile is the content of the file that a catalog was kept in before it was
// kept with the managed tables.
type catalogFile struct {
	Format    int                      `json:"format"`
	Schemas   map[string][]storedTable `json:"schemas"`
	Functions []*Function              `json:"functions,omitempty"`
}

// ReadFile reads the catalog of a file of earlier versions; where there is none it is
// an empty one.
func ReadFile(path string) (*Catalog, error) {
	c := New()
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "could not read the catalog")
	}
	var stored catalogFile
	if err := json.Unmarshal(text, &stored); err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.DataCorrupted, "catalog file %s", path)
	}
	if stored.Format != fileFormat {
		return nil, sqlerr.New(sqlerr.DataCorrupted, "catalog file %s has format %d; this program reads format %d", path, stored.Format, fileFormat)
	}
	c.schemas = map[string]map[string]*Object{}
	for schema, tables := range stored.Schemas {
		names := c.makeSchema(schema)
		for _, t := range tables {
			o, err := t.object(schema)
			if err != nil {
				return nil, sqlerr.Wrap(err, sqlerr.DataCorrupted, "catalog file %s, table %s", path, t.Name)
			}
			names[t.Name] = o
		}
	}
	for _, f := range stored.Functions {
		c.setFunctions(f.Schema, f.Name, append(c.functions[f.Schema][f.Name], f))
	}
	return c, nil
}
