package kernel

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// record is an arrow.Record that is right by construction: Arrow's own compares
// every column's type with the schema's when it is made, which costs more than
// the work on a few rows.
type record struct {
	schema *arrow.Schema
	cols   []arrow.Array
	rows   int64
}

// Record makes a record of n rows. Columns whose type is not schema's (such as
// dictionary-encoded ones) keep theirs, and the record's schema says so.
func Record(schema *arrow.Schema, cols []arrow.Array, n int) arrow.Record {
	var fields []arrow.Field
	for i, c := range cols {
		if t := schema.Field(i).Type; t == c.DataType() || arrow.TypeEqual(t, c.DataType()) {
			continue
		}
		if fields == nil {
			fields = append(fields, schema.Fields()...)
		}
		fields[i].Type = c.DataType()
	}
	if fields != nil {
		schema = arrow.NewSchema(fields, nil)
	}
	return &record{schema, cols, int64(n)}
}

// Retain does nothing: records are garbage collected.
func (r *record) Retain() {}

// Release does nothing.
func (r *record) Release() {}

func (r *record) Schema() *arrow.Schema        { return r.schema }
func (r *record) NumRows() int64               { return r.rows }
func (r *record) NumCols() int64               { return int64(len(r.cols)) }
func (r *record) Columns() []arrow.Array       { return r.cols }
func (r *record) Column(i int) arrow.Array     { return r.cols[i] }
func (r *record) ColumnName(i int) string      { return r.schema.Field(i).Name }
func (r *record) checked() arrow.Record        { return array.NewRecord(r.schema, r.cols, r.rows) }
func (r *record) MarshalJSON() ([]byte, error) { return r.checked().MarshalJSON() }

// SetColumn is a copy of the record with another column.
func (r *record) SetColumn(i int, col arrow.Array) (arrow.Record, error) {
	return r.checked().SetColumn(i, col)
}

// NewSlice is rows i to j−1.
func (r *record) NewSlice(i, j int64) arrow.Record {
	cols := make([]arrow.Array, len(r.cols))
	for k, c := range r.cols {
		cols[k] = array.NewSlice(c, i, j)
	}
	return &record{r.schema, cols, j - i}
}
