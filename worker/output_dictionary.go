package worker

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/exec/spill"
	"volley/flight"
)

// storedDictionary is the dictionary of a column of an output. While the output is
// written it is that of the last record, which begins with those of all before.
type storedDictionary struct {
	values arrow.Array // nil: there is none, or it is on disk
	field  arrow.Field
	place  spill.Place // where it is on disk
	length int
	bytes  int64
}

// fewValues is how many values a dictionary may always have, however few rows are
// read with it.
const fewValues = 64

// plainSchema is schema with the values' types for dictionary columns.
func plainSchema(schema *arrow.Schema) *arrow.Schema {
	var fields []arrow.Field
	for i, f := range schema.Fields() {
		if d, ok := f.Type.(*arrow.DictionaryType); ok {
			if fields == nil {
				fields = append(fields, schema.Fields()...)
			}
			fields[i].Type = d.ValueType
		}
	}
	if fields == nil {
		return schema
	}
	return arrow.NewSchema(fields, nil)
}

// indices gives a record with the indices of its dictionary columns, and how many
// bytes more it would have without dictionaries.
func (o *output) indices(p *partition, rec arrow.Record) (_ arrow.Record, more int64, err error) {
	var cols []arrow.Array
	for i, c := range rec.Columns() {
		d, ok := c.(*array.Dictionary)
		if !ok {
			p.note(&p.plain, i, len(o.columns))
			continue
		}
		if cols == nil {
			cols = append(cols, rec.Columns()...)
		}
		if !o.columns[i].extend(o.schema.Field(i), d) {
			p.note(&p.plain, i, len(o.columns))
			if cols[i], err = kernel.Decode(d); err != nil {
				return nil, 0, err
			}
			continue
		}
		p.note(&p.indexed, i, len(o.columns))
		more += kernel.DecodedBytes(d) - flight.ArrayBytes(d.Indices())
		cols[i] = d.Indices()
	}
	if cols == nil {
		return rec, 0, nil
	}
	return kernel.Record(o.schema, cols, int(rec.NumRows())), more, nil
}

// note sets a flag of a column.
func (p *partition) note(flags *[]bool, column, columns int) {
	if *flags == nil {
		*flags = make([]bool, columns)
	}
	(*flags)[column] = true
}

// extend makes the dictionary that of d; false if that is another one, or has
// indices of other types than an output keeps.
func (s *storedDictionary) extend(field arrow.Field, d *array.Dictionary) bool {
	values := d.Dictionary()
	switch {
	case s.values != nil && s.values.Data() == values.Data():
		return true
	case !arrow.TypeEqual(kernel.IndexedType(field.Type, values.Len()), d.DataType()) || values.NullN() > 0 || values.Len() > kernel.MaxIndexed:
		return false
	case s.values != nil && !kernel.Extends(values, s.values):
		return false
	}
	s.values, s.field, s.length, s.bytes = values, field, values.Len(), flight.ArrayBytes(values)
	return true
}

// encoding tells whether partitions have a column as indices, and whether a reader
// of them keeps its dictionary: all pieces have indices, and the values are not more
// than the rows.
func (o *output) encoding(parts []partition, column int) (indexed, kept bool) {
	rows, plain := int64(0), false
	for _, p := range parts {
		indexed = indexed || p.indexed != nil && p.indexed[column]
		plain = plain || p.plain != nil && p.plain[column]
		rows += p.rows
	}
	return indexed, indexed && !plain && int64(o.columns[column].length) <= max(rows, fewValues)
}

// seal ends writing: dictionaries take memory of the output's own, or go to disk.
func (o *output) seal() error {
	for i := range o.columns {
		s := &o.columns[i]
		if s.values == nil {
			continue
		}
		for at := range o.partitions {
			if _, kept := o.encoding(o.partitions[at:at+1], i); kept {
				o.bytes += s.bytes
			}
		}
		if o.memory.Reserve(s.bytes) == nil {
			o.reserved += s.bytes
			continue
		}
		var err error
		schema := arrow.NewSchema([]arrow.Field{s.field}, nil)
		if s.place, err = o.spill.Write(kernel.Record(schema, []arrow.Array{s.values}, s.length)); err != nil {
			return err
		}
		s.values = nil
	}
	return nil
}

// load gives the values, from disk if they are there.
func (s *storedDictionary) load(o *output) (arrow.Array, error) {
	if s.values != nil {
		return s.values, nil
	}
	rec, err := o.spill.Read(s.place)
	if err != nil {
		return nil, err
	}
	return rec.Column(0), nil
}
