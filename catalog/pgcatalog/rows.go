package pgcatalog

import (
	"strconv"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
	"volley/sqltype"
)

// fillers make the rows of the catalogs, by schema and name. A catalog without
// one is empty.
var fillers = map[string]func(*Database, *rows){}

// rows builds the columns of a catalog that a query asks for, row by row.
type rows struct {
	relation *systemRelation
	out      *arrow.Schema
	builders []array.Builder // by ordinal of the output
	columns  map[string]int  // ordinal of the output by name
	notNull  []bool          // by ordinal of the output
	n        int64
	set      []bool // of the row being made
}

func newRows(r *systemRelation, spec *catalog.ScanSpec) *rows {
	out := &rows{relation: r, out: spec.Out(), columns: map[string]int{}, set: make([]bool, len(spec.Projection))}
	for i, c := range spec.Projection {
		f := r.schema.Field(c)
		out.columns[f.Name] = i
		out.builders = append(out.builders, array.NewBuilder(memory.DefaultAllocator, f.Type))
		out.notNull = append(out.notNull, r.notNull[c])
	}
	return out
}

// values are a row's columns by name. Columns that are not named are NULL, or
// 0, false or "" where PostgreSQL never has NULL.
type values map[string]any

// add adds a row. Values are string, bool, byte (of "char"), integers of any
// kind, float64, time.Time, arrow.Timestamp, []string, []int16, []uint32, []float64,
// reg, []reg or nil.
func (r *rows) add(v values) {
	clear(r.set)
	for name, value := range v {
		i, ok := r.columns[name]
		if !ok || value == nil {
			continue
		}
		r.set[i] = true
		appendValue(r.builders[i], value)
	}
	for i, b := range r.builders {
		switch {
		case r.set[i]:
		case r.notNull[i]:
			appendValue(b, zeroOf(b))
		default:
			b.AppendNull()
		}
	}
	r.n++
}

func (r *rows) record() arrow.Record {
	cols := make([]arrow.Array, len(r.builders))
	for i, b := range r.builders {
		cols[i] = b.NewArray()
	}
	return array.NewRecord(r.out, cols, r.n)
}

func zeroOf(b array.Builder) any {
	switch b.(type) {
	case *array.BooleanBuilder:
		return false
	case *array.StringBuilder:
		return ""
	case *array.ListBuilder:
		return []string{}
	}
	return 0
}

func appendValue(b array.Builder, v any) {
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(textOf(v))
	case *array.BooleanBuilder:
		b.Append(v.(bool))
	case *array.Int16Builder:
		b.Append(int16(integer(v)))
	case *array.Int32Builder:
		b.Append(int32(integer(v)))
	case *array.Int64Builder:
		b.Append(integer(v))
	case *array.Float32Builder:
		b.Append(float32(real(v)))
	case *array.Float64Builder:
		b.Append(real(v))
	case *array.TimestampBuilder:
		b.Append(timestamp(v))
	case *array.ExtensionBuilder:
		appendExtension(b, v)
	case *array.ListBuilder:
		appendList(b, v)
	default:
		b.AppendNull()
	}
}

func appendExtension(b *array.ExtensionBuilder, v any) {
	switch s := b.StorageBuilder().(type) {
	case *array.Int64Builder:
		s.Append(integer(v))
	case *array.BinaryBuilder: // regproc and its like
		if named, ok := v.(reg); ok {
			s.Append(sqltype.AppendReg(nil, named.oid, named.name))
			return
		}
		s.Append(sqltype.AppendReg(nil, uint32(integer(v)), ""))
	default:
		b.AppendNull()
	}
}

// reg is a value of regproc and its like.
type reg struct {
	oid  uint32
	name string
}

func appendList(b *array.ListBuilder, v any) {
	b.Append(true)
	elem := b.ValueBuilder()
	switch list := v.(type) {
	case []string:
		for _, x := range list {
			appendValue(elem, x)
		}
	case []int16:
		for _, x := range list {
			appendValue(elem, x)
		}
	case []uint32:
		for _, x := range list {
			appendValue(elem, x)
		}
	case []float64:
		for _, x := range list {
			appendValue(elem, x)
		}
	case []reg:
		for _, x := range list {
			appendValue(elem, x)
		}
	}
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case byte:
		if v == 0 {
			return ""
		}
		return string(rune(v))
	case Kind:
		return string(rune(v))
	}
	return strconv.FormatInt(integer(v), 10)
}

func integer(v any) int64 {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case int64:
		return v
	case uint32:
		return int64(v)
	case float64:
		return int64(v)
	}
	return 0
}

func real(v any) float64 {
	if f, ok := v.(float64); ok {
		return f
	}
	return float64(integer(v))
}

func timestamp(v any) arrow.Timestamp {
	switch v := v.(type) {
	case time.Time:
		return arrow.Timestamp(v.UnixMicro())
	case arrow.Timestamp:
		return v
	}
	return 0
}
