package logical

import (
	"iter"

	"github.com/apache/arrow/go/v15/arrow"
)

// Schema is a node's output columns. It is immutable, and joining two costs a
// pointer a column: a plan of many joins has as many wide schemas, which rules
// make anew, and nobody looks columns up by name.
type Schema struct{ columns []*arrow.Field }

// NewSchema is a schema of these columns, which are its own from now on.
func NewSchema(fields []arrow.Field) *Schema {
	s := &Schema{make([]*arrow.Field, len(fields))}
	for i := range fields {
		s.columns[i] = &fields[i]
	}
	return s
}

// SchemaOf is a schema of an Arrow schema's columns.
func SchemaOf(a *arrow.Schema) *Schema { return NewSchema(a.Fields()) }

// beside is the columns of both.
func (s *Schema) beside(right *Schema) *Schema {
	columns := make([]*arrow.Field, 0, len(s.columns)+len(right.columns))
	return &Schema{append(append(columns, s.columns...), right.columns...)}
}

// With is the schema with more columns behind it.
func (s *Schema) With(fields ...arrow.Field) *Schema { return s.beside(NewSchema(fields)) }

// NumFields is the number of columns.
func (s *Schema) NumFields() int { return len(s.columns) }

// Field is the i-th column, from 0.
func (s *Schema) Field(i int) arrow.Field { return *s.columns[i] }

// Type is the i-th column's type.
func (s *Schema) Type(i int) arrow.DataType { return s.columns[i].Type }

// Fields goes over the columns.
func (s *Schema) Fields() iter.Seq2[int, arrow.Field] {
	return func(yield func(int, arrow.Field) bool) {
		for i, f := range s.columns {
			if !yield(i, *f) {
				return
			}
		}
	}
}

// Copy is the columns in a slice of the caller's own.
func (s *Schema) Copy() []arrow.Field {
	out := make([]arrow.Field, len(s.columns))
	for i, f := range s.columns {
		out[i] = *f
	}
	return out
}

// Arrow is the schema of records of these columns.
func (s *Schema) Arrow() *arrow.Schema { return arrow.NewSchema(s.Copy(), nil) }
