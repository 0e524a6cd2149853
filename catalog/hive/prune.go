package hive

import (
	"cmp"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/catalog"
)

// bound is a condition on a partition column.
type bound struct {
	field  arrow.Field
	op     string
	values []arrow.Array
}

// Wanted tells of directories whether files below them may meet all conditions; fields
// are the partition columns. nil: no condition tells any of them apart. What a condition
// cannot be compared with, here or in a path, is wanted.
func Wanted(fields []arrow.Field, conditions []catalog.Condition) func(dir string) bool {
	var bounds []bound
	for _, c := range conditions {
		i := slices.IndexFunc(fields, func(f arrow.Field) bool { return f.Name == c.Column })
		if i < 0 {
			continue
		}
		if b, ok := newBound(fields[i], c); ok {
			bounds = append(bounds, b)
		}
	}
	if len(bounds) == 0 {
		return nil
	}
	return func(dir string) bool {
		for _, b := range bounds {
			// The value of a column is the first one in the path, so that it is known.
			if v, err := Value(dir+"/file", b.field); err == nil && !b.meets(v) {
				return false
			}
		}
		return true
	}
}

// newBound takes those types and operators whose comparison is that of the values'
// own; text has an order that may be another one.
func newBound(f arrow.Field, c catalog.Condition) (bound, bool) {
	switch f.Type.ID() {
	case arrow.INT16, arrow.INT32, arrow.INT64, arrow.DATE32:
	case arrow.STRING:
		if c.Op != "=" && c.Op != "in" || f.Metadata.Len() > 0 { // as of char(n)
			return bound{}, false
		}
	default:
		return bound{}, false
	}
	b := bound{field: f, op: c.Op}
	for _, text := range c.Values {
		values := array.NewBuilder(memory.DefaultAllocator, f.Type)
		if appendValue(values, text) != nil {
			return bound{}, false
		}
		b.values = append(b.values, values.NewArray())
	}
	return b, true
}

// meets tells whether a value, of length 1, meets the condition. NULL meets none.
func (b *bound) meets(v arrow.Array) bool {
	if v.IsNull(0) {
		return false
	}
	for _, value := range b.values {
		order := compare(v, value)
		switch {
		case order == 0 && strings.HasSuffix(b.op, "="), order == 0 && b.op == "in",
			order < 0 && b.op[0] == '<', order > 0 && b.op[0] == '>':
			return true
		}
	}
	return false
}

// compare compares values of one type of those that newBound takes.
func compare(a, b arrow.Array) int {
	switch a := a.(type) {
	case *array.Int16:
		return cmp.Compare(a.Value(0), b.(*array.Int16).Value(0))
	case *array.Int32:
		return cmp.Compare(a.Value(0), b.(*array.Int32).Value(0))
	case *array.Int64:
		return cmp.Compare(a.Value(0), b.(*array.Int64).Value(0))
	case *array.Date32:
		return cmp.Compare(a.Value(0), b.(*array.Date32).Value(0))
	}
	return cmp.Compare(a.(*array.String).Value(0), b.(*array.String).Value(0))
}
