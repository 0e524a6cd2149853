package cast

import (
	"errors"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/exec/kernel"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// toList converts the items of a list, or is nil.
func toList(from arrow.DataType, to *arrow.ListType, o Options) Func {
	l, ok := from.(*arrow.ListType)
	if !ok {
		return nil
	}
	if sqltype.Dimensions(from) != sqltype.Dimensions(to) {
		return toDimensions(to)
	}
	item, err := New(l.Elem(), to.Elem(), o)
	if err != nil {
		return nil
	}
	return func(a arrow.Array) (arrow.Array, error) {
		// Only the items that rows refer to are converted.
		rows := make([]int32, a.Len())
		for i := range rows {
			rows[i] = int32(i)
			if a.IsNull(i) {
				rows[i] = -1
			}
		}
		compact, err := kernel.Take(a, rows)
		if err != nil {
			return nil, err
		}
		items, err := item(compact.(*array.List).ListValues())
		if err != nil {
			return nil, unplaced(err)
		}
		d := compact.Data()
		return array.MakeFromData(array.NewData(to, d.Len(), d.Buffers(), []arrow.ArrayData{items.Data()}, d.NullN(), 0)), nil
	}
}

// toDimensions converts arrays to a type of another number of dimensions, which
// only those without elements have too.
func toDimensions(to *arrow.ListType) Func {
	return func(a arrow.Array) (arrow.Array, error) {
		b := array.NewListBuilder(memory.DefaultAllocator, to.Elem())
		for i := range a.Len() {
			if a.IsNull(i) {
				b.AppendNull()
				continue
			}
			if lo, hi := a.(*array.List).ValueOffsets(i); lo != hi {
				err := sqlerr.New(sqlerr.FeatureNotSupported, "arrays of %d and %d dimensions in one column are not supported",
					sqltype.Dimensions(a.DataType()), sqltype.Dimensions(to))
				return nil, &udf.RowError{Row: i, Err: err}
			}
			b.Append(true)
		}
		return b.NewArray(), nil
	}
}

// toStruct converts field by field, or is nil.
func toStruct(from arrow.DataType, to *arrow.StructType, o Options) Func {
	s, ok := from.(*arrow.StructType)
	if !ok || s.NumFields() != to.NumFields() {
		return nil
	}
	fields := make([]Func, s.NumFields())
	for i := range fields {
		var err error
		if fields[i], err = New(s.Field(i).Type, to.Field(i).Type, o); err != nil {
			return nil
		}
	}
	return func(a arrow.Array) (arrow.Array, error) {
		st := a.(*array.Struct)
		children := make([]arrow.ArrayData, len(fields))
		for i, f := range fields {
			c, err := f(kernel.AndValid(st.Field(i), kernel.Valid(a)))
			if err != nil {
				return nil, err
			}
			children[i] = c.Data()
		}
		return kernel.FromChildren(to, a.Len(), children, kernel.Valid(a)), nil
	}
}

// unplaced drops the row of an error that counts items, not rows.
func unplaced(err error) error {
	if e := (*udf.RowError)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
