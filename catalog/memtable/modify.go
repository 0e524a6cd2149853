package memtable

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
)

// modify applies the modifiers of a column's type that are no part of its Arrow
// type: the precision of temporal types, precision and scale of a numeric that
// Decimal128 is too narrow for (22003).
func modify(a arrow.Array, c Column) (arrow.Array, error) {
	if len(c.Mods) == 0 {
		return a, nil
	}
	switch x := a.(type) {
	case *sqltype.NumericArray:
		scale := int32(0)
		if len(c.Mods) > 1 {
			scale = c.Mods[1]
		}
		b := sqltype.NewNumericBuilder(a.Len())
		for i := range a.Len() {
			if a.IsNull(i) {
				b.AppendNull()
				continue
			}
			n, err := x.Value(i).Fit(c.Mods[0], scale)
			if err != nil {
				return nil, err
			}
			b.Append(n)
		}
		return b.NewArray(), nil
	case *sqltype.TimeTZArray:
		b := array.NewBuilder(memory.DefaultAllocator, a.DataType()).(*array.ExtensionBuilder)
		for i := range a.Len() {
			if a.IsNull(i) {
				b.AppendNull()
				continue
			}
			micros, east := sqltype.SplitTimeTZ(x.Value(i))
			b.StorageBuilder().(*array.Int64Builder).Append(sqltype.MakeTimeTZ(sqltype.RoundMicros(micros, c.Mods[0]), east))
		}
		return b.NewArray(), nil
	case *array.Timestamp:
		return rounded(a, slices.Clone(x.TimestampValues()), c.Mods[0], sqltype.RoundTimestamp), nil
	case *array.Time64:
		return rounded(a, slices.Clone(x.Time64Values()), c.Mods[0], sqltype.RoundMicros), nil
	}
	return a, nil
}

// rounded is a with values, which are microseconds, rounded.
func rounded[T arrow.Timestamp | arrow.Time64](a arrow.Array, values []T, precision int32, round func(int64, int32) int64) arrow.Array {
	for i, v := range values {
		if a.IsValid(i) {
			values[i] = T(round(int64(v), precision))
		}
	}
	b := array.NewBuilder(memory.DefaultAllocator, a.DataType())
	for i, v := range values {
		switch {
		case a.IsNull(i):
			b.AppendNull()
		default:
			switch b := b.(type) {
			case *array.TimestampBuilder:
				b.Append(arrow.Timestamp(v))
			case *array.Time64Builder:
				b.Append(arrow.Time64(v))
			}
		}
	}
	return b.NewArray()
}
