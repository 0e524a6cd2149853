package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"

	"volley/catalog/datadir"
	"volley/sqlerr"
)

// fileName is the catalog's file in the data directory: JSON, written whole to a
// file beside it and renamed, so that a crash leaves the old or the new one.
const (
	fileName   = "catalog.json"
	fileFormat = 1
)

// catalogFile is the file's content.
type catalogFile struct {
	Format    int                      `json:"format"`
	Schemas   map[string][]storedTable `json:"schemas"`
	Functions []*Function              `json:"functions,omitempty"`
}

type storedTable struct {
	Name    string            `json:"name"`
	View    *View             `json:"view,omitempty"`
	Format  string            `json:"format,omitempty"`
	Given   *storedDefinition `json:"given,omitempty"`
	Decided *storedDefinition `json:"decided,omitempty"`
	Stats   *storedStats      `json:"statistics,omitempty"`
}

// storedDefinition is a Given or a TableDef; schemas are Arrow IPC streams.
type storedDefinition struct {
	Location    string            `json:"location"`
	Options     map[string]string `json:"options,omitempty"`
	Schema      []byte            `json:"schema,omitempty"`
	PartitionBy []byte            `json:"partition_by,omitempty"`
	Partitions  []string          `json:"partitions,omitempty"`
	Files       []FileInfo        `json:"files,omitempty"`
}

// Open reads the catalog of a data directory, which is made where it is
// missing; "" is a catalog that lives with the process.
func Open(dir string) (*Catalog, error) {
	c := &Catalog{dir: dir, schemas: map[string]map[string]*Object{DefaultSchema: {}}}
	if dir == "" {
		return c, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.IOError, "data directory")
	}
	path := filepath.Join(dir, fileName)
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
	for schema, tables := range stored.Schemas {
		names := map[string]*Object{}
		c.schemas[schema] = names
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

// save writes the catalog out; the caller holds the lock.
func (c *Catalog) save() error {
	if c.dir == "" {
		return nil
	}
	stored := catalogFile{Format: fileFormat, Schemas: map[string][]storedTable{}, Functions: c.storedFunctions()}
	for schema, names := range c.schemas {
		stored.Schemas[schema] = []storedTable{}
		for _, o := range names {
			t, err := store(o)
			if err != nil {
				return err
			}
			stored.Schemas[schema] = append(stored.Schemas[schema], t)
		}
	}
	text, err := json.MarshalIndent(stored, "", "  ")
	if err != nil {
		return err
	}
	if err := datadir.Replace(filepath.Join(c.dir, fileName), text); err != nil {
		return sqlerr.Wrap(err, sqlerr.IOError, "could not write the catalog")
	}
	return nil
}

func store(o *Object) (storedTable, error) {
	t := storedTable{Name: o.Name, View: o.View}
	if o.View != nil {
		return t, nil
	}
	given, def := o.Table.Given, o.Table.Def
	t.Format = o.Table.Format
	t.Given = &storedDefinition{
		Location: given.Location, Options: given.Options,
		Schema: EncodeSchema(given.Columns),
	}
	if len(given.PartitionBy) > 0 {
		t.Given.PartitionBy = EncodeSchema(arrow.NewSchema(given.PartitionBy, nil))
	}
	t.Decided = &storedDefinition{
		Location: def.Location, Options: def.Options, Schema: EncodeSchema(def.Schema),
		Partitions: def.PartitionColumns, Files: def.Files,
	}
	t.Stats = storeStats(o.Table.Analyzed)
	return t, nil
}

func (t *storedTable) object(schema string) (*Object, error) {
	o := &Object{Schema: schema, Name: t.Name, View: t.View}
	if t.View != nil {
		return o, nil
	}
	if t.Given == nil || t.Decided == nil {
		return nil, errors.New("it has no definition")
	}
	columns, err := DecodeSchema(t.Given.Schema)
	if err != nil {
		return nil, err
	}
	decided, err := DecodeSchema(t.Decided.Schema)
	if err != nil {
		return nil, err
	}
	given := Given{Location: t.Given.Location, Columns: columns, Options: t.Given.Options}
	if by, err := DecodeSchema(t.Given.PartitionBy); err != nil {
		return nil, err
	} else if by != nil {
		given.PartitionBy = by.Fields()
	}
	o.Table = &External{Format: t.Format, Given: given, Def: &TableDef{
		Format: t.Format, Location: t.Decided.Location, Options: t.Decided.Options, Schema: decided,
		Files: t.Decided.Files, PartitionColumns: t.Decided.Partitions,
	}}
	o.Table.Analyzed = t.Stats.analyzed(decided)
	return o, nil
}

// EncodeSchema is an Arrow IPC stream without records; nil for nil.
func EncodeSchema(s *arrow.Schema) []byte {
	if s == nil {
		return nil
	}
	var b bytes.Buffer
	_ = ipc.NewWriter(&b, ipc.WithSchema(s)).Close() // a buffer takes every write
	return b.Bytes()
}

// DecodeSchema reads what EncodeSchema gave.
func DecodeSchema(b []byte) (s *arrow.Schema, err error) {
	if len(b) == 0 {
		return nil, nil
	}
	defer func() {
		if p := recover(); p != nil { // arrow's reader panics on malformed streams
			s, err = nil, errors.New("its schema cannot be read")
		}
	}()
	r, err := ipc.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return r.Schema(), nil
}
