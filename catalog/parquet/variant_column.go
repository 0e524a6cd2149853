package parquet

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/schema"

	"volley/sqltype"
	"volley/sqltype/jsontext"
)

// A VARIANT column is a group of metadata and value, and perhaps typed_value: the
// values of one type, or the fields and elements that have a type, in columns of
// their own ("shredded"). See
// https://github.com/apache/parquet-format/blob/master/VariantShredding.md

const (
	variantMetadata = "metadata"
	variantValue    = "value"
	variantTyped    = "typed_value"
)

// variantNodes are the groups of s that are the elements of these numbers of the
// schema, in its order.
func variantNodes(s *schema.Schema, elements []int) map[schema.Node]bool {
	if len(elements) == 0 {
		return nil
	}
	wanted := map[int]bool{}
	for _, e := range elements {
		wanted[e] = true
	}
	found := map[schema.Node]bool{}
	number := 0
	var walk func(n schema.Node)
	walk = func(n schema.Node) {
		if wanted[number] {
			found[n] = true
		}
		number++
		if g, ok := n.(*schema.GroupNode); ok {
			for i := range g.NumFields() {
				walk(g.Field(i))
			}
		}
	}
	walk(s.Root())
	return found
}

// variant makes the column of a group annotated as VARIANT, whose structure is
// inner.
func variant(inner *column, levels file.LevelInfo) (*column, error) {
	names := 0
	for _, c := range inner.children {
		binary := c.kind == leafColumn && sqltype.Equal(c.typ, sqltype.Bytea)
		switch c.name {
		case variantMetadata, variantValue:
			if !binary {
				return nil, fmt.Errorf("the %s of VARIANT %q is not binary", c.name, inner.name)
			}
			names++
		}
	}
	if names == 0 || inner.child(variantMetadata) == nil {
		return nil, fmt.Errorf("VARIANT %q has no metadata", inner.name)
	}
	exactTimes(inner)
	return &column{
		name: inner.name, typ: sqltype.JSONB, kind: variantColumn,
		children: []*column{inner}, levels: levels, nullable: inner.nullable,
	}, nil
}

func (c *column) child(name string) *column {
	for _, d := range c.children {
		if d.name == name {
			return d
		}
	}
	return nil
}

// exactTimes keeps the nanoseconds of typed values: JSON has room for them.
func exactTimes(c *column) {
	for i, d := range c.children {
		exactTimes(d)
		if t, ok := d.typ.(*arrow.TimestampType); ok && d.kind == leafColumn && d.leaf.conv == divide {
			l := *d.leaf
			l.typ, l.conv = &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: t.TimeZone}, asIs
			d.leaf, d.typ = &l, l.typ
		}
		if s, ok := c.typ.(*arrow.StructType); ok {
			fields := append([]arrow.Field(nil), s.Fields()...)
			fields[i].Type = d.typ
			c.typ = arrow.StructOf(fields...)
		} else if c.kind == listColumn {
			c.typ = arrow.ListOf(d.typ)
		}
	}
}

// variantsToJSONB makes jsonb of the values of a VARIANT column.
func variantsToJSONB(a arrow.Array) (arrow.Array, error) {
	in := a.(*array.Struct)
	shred := newShredded(in)
	metadata := binaryField(in, variantMetadata)
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.Reserve(in.Len())
	d := &variantDecoder{}
	var text, out []byte
	for i := range in.Len() {
		if in.IsNull(i) {
			b.AppendNull()
			continue
		}
		if err := d.names.decode(metadata.Value(i)); err != nil {
			return nil, err
		}
		var present bool
		var err error
		if text, present, err = shred.append(text[:0], d, i, 0); err != nil {
			return nil, err
		}
		if !present {
			text = append(text[:0], "null"...)
		}
		if out, err = sqltype.AppendJSONB(out[:0], text); err != nil {
			return nil, err
		}
		b.Append(string(out))
	}
	return array.NewExtensionArrayWithStorage(sqltype.JSONB.(arrow.ExtensionType), b.NewArray()), nil
}

// shredded is a value that may be in parts: value is nil, typed is nil, or both
// have one for each row.
type shredded struct {
	value  *array.Binary
	typed  arrow.Array
	encode sqltype.TextEncoder // of a scalar typed
	// of an object or array:
	names  []string
	fields []shredded
	groups []*array.Struct // of the fields or elements
}

func newShredded(s *array.Struct) shredded {
	out := shredded{value: binaryField(s, variantValue)}
	for i, f := range s.DataType().(*arrow.StructType).Fields() {
		if f.Name == variantTyped {
			out.typed = s.Field(i)
		}
	}
	switch typed := out.typed.(type) {
	case nil:
	case *array.Struct:
		for i, f := range typed.DataType().(*arrow.StructType).Fields() {
			out.add(f.Name, typed.Field(i))
		}
	case *array.List:
		out.add("", typed.ListValues())
	default:
		out.encode = sqltype.NewTextEncoder(typed.DataType(), sqltype.TextOptions{})
	}
	return out
}

// add adds a field, or the elements; what is no group of value and typed_value
// has no values.
func (s *shredded) add(name string, a arrow.Array) {
	group, ok := a.(*array.Struct)
	if !ok {
		return
	}
	s.names, s.groups, s.fields = append(s.names, name), append(s.groups, group), append(s.fields, newShredded(group))
}

func binaryField(s *array.Struct, name string) *array.Binary {
	for i, f := range s.DataType().(*arrow.StructType).Fields() {
		if f.Name == name {
			b, _ := s.Field(i).(*array.Binary)
			return b
		}
	}
	return nil
}

// append appends the value of row i as JSON; present is false where there is none.
func (s *shredded) append(dst []byte, d *variantDecoder, i, depth int) (_ []byte, present bool, err error) {
	var value []byte
	if s.value != nil && s.value.IsValid(i) {
		value = s.value.Value(i)
		d.limit = len(dst) + variantSlack + variantGrowth*len(value)
	}
	switch typed := s.typed.(type) {
	case *array.Struct:
		if typed.IsValid(i) {
			dst, err = s.object(dst, d, i, value, depth)
			return dst, true, err
		}
	case *array.List:
		if typed.IsValid(i) {
			dst, err = s.list(dst, d, typed, i, depth)
			return dst, true, err
		}
	case nil:
	default:
		if typed.IsValid(i) {
			dst, err = s.scalar(dst, i)
			return dst, true, err
		}
	}
	if value == nil {
		return dst, false, nil
	}
	dst, err = d.value(dst, value, depth)
	return dst, true, err
}

// object appends the fields that have columns, and those of value.
func (s *shredded) object(dst []byte, d *variantDecoder, i int, value []byte, depth int) (_ []byte, err error) {
	dst = append(dst, '{')
	first := true
	for k := range s.fields {
		from := len(dst)
		if !first {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendString(dst, s.names[k]), ':')
		present := false
		if s.groups[k].IsValid(i) {
			if dst, present, err = s.fields[k].append(dst, d, i, depth+1); err != nil {
				return dst, err
			}
		}
		if !present {
			dst = dst[:from]
			continue
		}
		first = false
	}
	if value != nil {
		d.limit = len(dst) + variantSlack + variantGrowth*len(value)
		if dst, err = d.fields(dst, value, first, s.names, depth); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func (s *shredded) list(dst []byte, d *variantDecoder, l *array.List, i, depth int) (_ []byte, err error) {
	if len(s.fields) != 1 {
		return dst, errVariant
	}
	dst = append(dst, '[')
	from, to := l.ValueOffsets(i)
	for at := from; at < to; at++ {
		if at > from {
			dst = append(dst, ',')
		}
		present := false
		if s.groups[0].IsValid(int(at)) {
			if dst, present, err = s.fields[0].append(dst, d, int(at), depth+1); err != nil {
				return dst, err
			}
		}
		if !present {
			dst = append(dst, "null"...)
		}
	}
	return append(dst, ']'), nil
}

// scalar appends a typed value as the same value would be in value.
func (s *shredded) scalar(dst []byte, i int) ([]byte, error) {
	switch a := s.typed.(type) {
	case *array.Float32:
		return variantFloat(dst, float64(a.Value(i)), 32), nil
	case *array.Float64:
		return variantFloat(dst, a.Value(i), 64), nil
	case *array.Boolean:
		return sqltype.AppendBoolWord(dst, a.Value(i)), nil
	case *array.Int16, *array.Int32, *array.Int64, *array.Decimal128:
		return s.encode(dst, a, i), nil
	case *array.String:
		return variantText(dst, []byte(a.Value(i)))
	case *array.Binary:
		return variantBytes(dst, a.Value(i)), nil
	case *array.Timestamp:
		t := a.DataType().(*arrow.TimestampType)
		return variantTimestamp(dst, int64(a.Value(i)), t.Unit == arrow.Nanosecond, t.TimeZone != ""), nil
	}
	return variantQuoted(dst, s.encode(nil, s.typed, i)), nil // dates, times, UUIDs
}
