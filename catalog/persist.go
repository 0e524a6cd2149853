package catalog

import (
	"bytes"
	"errors"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"
)

// storedTable is an Object.
type storedTable struct {
	Name    string            `json:"name"`
	Comment string            `json:"comment,omitempty"`
	Columns map[int]string    `json:"column_comments,omitempty"`
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

func store(o *Object) storedTable {
	t := storedTable{Name: o.Name, Comment: o.Comment, Columns: o.ColumnComments, View: o.View}
	if o.View != nil {
		return t
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
	return t
}

func (t *storedTable) object(schema string) (*Object, error) {
	o := &Object{Schema: schema, Name: t.Name, View: t.View, Comment: t.Comment, ColumnComments: t.Columns}
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
