package kernel

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// Writable is a record that Arrow's IPC writer can write. It panics on an array of binary
// values that is an empty slice of a longer one, as a slice of rows has below lists that
// all are empty or NULL there.
func Writable(rec arrow.Record) arrow.Record {
	var cols []arrow.Array
	for i, c := range rec.Columns() {
		if !slicedEmpty(c) {
			continue
		}
		whole, err := array.Concatenate([]arrow.Array{c}, memory.DefaultAllocator) // a copy without what is beside the slice
		if err != nil {
			return rec // the writer says what is wrong
		}
		if cols == nil {
			cols = append(cols, rec.Columns()...)
		}
		cols[i] = whole
	}
	if cols == nil {
		return rec
	}
	return array.NewRecord(rec.Schema(), cols, rec.NumRows())
}

// slicedEmpty tells whether binary values in an array are an empty slice of a longer one.
func slicedEmpty(a arrow.Array) bool {
	switch a := a.(type) {
	case array.ExtensionArray:
		return slicedEmpty(a.Storage())
	case *array.Binary:
		values := a.Data().Buffers()[2]
		return a.Len() == 0 && values != nil && (a.Data().Offset() > 0 || values.Len() > 0)
	case *array.Struct:
		for i := range a.NumField() {
			if slicedEmpty(a.Field(i)) {
				return true
			}
		}
	case array.ListLike:
		var lo, hi int64
		if a.Len() > 0 {
			lo, _ = a.ValueOffsets(0)
			_, hi = a.ValueOffsets(a.Len() - 1)
		}
		return slicedEmpty(array.NewSlice(a.ListValues(), lo, hi))
	}
	return false
}
