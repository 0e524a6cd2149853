package builtin

import (
	"bytes"
	"cmp"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf/vector"
)

// order compares row i of one array with row j of another.
type order func(i, j int) int

// orderOf is PostgreSQL's order of the values of two arrays of one SQL type; a
// NULL equals a NULL and is greater than all else, as inside arrays and rows.
func orderOf(a, b arrow.Array) (order, error) {
	values, err := valueOrder(a, b)
	if err != nil {
		return nil, err
	}
	if a.NullN() == 0 && b.NullN() == 0 {
		return values, nil
	}
	return func(i, j int) int {
		switch x, y := a.IsNull(i), b.IsNull(j); {
		case x && y:
			return 0
		case x:
			return 1
		case y:
			return -1
		}
		return values(i, j)
	}, nil
}

// valueOrder is orderOf for rows that are not NULL.
func valueOrder(a, b arrow.Array) (order, error) {
	t := a.DataType()
	switch t.ID() {
	case arrow.NULL:
		return func(int, int) int { return 0 }, nil
	case arrow.BOOL:
		return orderBy(vector.Bools(a), vector.Bools(b), compareBool), nil
	case arrow.INT16:
		return orderBy(vector.Fixed[int16](a), vector.Fixed[int16](b), cmp.Compare[int16]), nil
	case arrow.INT32, arrow.DATE32:
		return orderBy(vector.Fixed[int32](a), vector.Fixed[int32](b), cmp.Compare[int32]), nil
	case arrow.INT64, arrow.TIME64, arrow.TIMESTAMP:
		return orderBy(vector.Fixed[int64](a), vector.Fixed[int64](b), cmp.Compare[int64]), nil
	case arrow.FLOAT32:
		return orderBy(vector.Fixed[float32](a), vector.Fixed[float32](b), compareFloat[float32]), nil
	case arrow.FLOAT64:
		return orderBy(vector.Fixed[float64](a), vector.Fixed[float64](b), compareFloat[float64]), nil
	case arrow.INTERVAL_MONTH_DAY_NANO:
		return orderBy(vector.Fixed[arrow.MonthDayNanoInterval](a), vector.Fixed[arrow.MonthDayNanoInterval](b), compareInterval), nil
	case arrow.DECIMAL128:
		if sqltype.Equal(t, b.DataType()) {
			return orderBy(vector.Fixed[decimal128.Num](a), vector.Fixed[decimal128.Num](b), decimal128.Num.Cmp), nil
		}
		return orderBy(nums(a), nums(b), sqltype.Num.Cmp), nil
	case arrow.STRING, arrow.BINARY:
		return binaryOrder(a, b), nil
	case arrow.LIST:
		return listOrder(a, b)
	case arrow.STRUCT:
		return recordOrder(a, b)
	}
	switch {
	case sqltype.IsNumeric(t):
		return orderBy(nums(a), nums(b), sqltype.Num.Cmp), nil
	case sqltype.Equal(t, sqltype.UUID):
		return orderBy(vector.Fixed[[16]byte](vector.Storage(a)), vector.Fixed[[16]byte](vector.Storage(b)), compareUUID), nil
	case sqltype.IsBits(t):
		return binaryOrder(a, b), nil
	case sqltype.Equal(t, sqltype.JSONB):
		x, y := vector.NewBinary(vector.Storage(a)), vector.NewBinary(vector.Storage(b))
		return func(i, j int) int { return compareJSON(x.At(i), y.At(j)) }, nil
	}
	return nil, sqlerr.New(sqlerr.UndefinedFunction, "could not identify a comparison function for type %s", sqltype.Name(t))
}

func orderBy[T any](a, b []T, compare func(x, y T) int) order {
	return func(i, j int) int { return compare(a[i], b[j]) }
}

func binaryOrder(a, b arrow.Array) order {
	x, y := vector.NewBinary(a), vector.NewBinary(b)
	return func(i, j int) int { return bytes.Compare(x.At(i), y.At(j)) }
}

// listOrder compares arrays as btarraycmp does: element by element, then by
// their number, then by dimensions.
func listOrder(a, b arrow.Array) (order, error) {
	x, y := vector.Elements(a), vector.Elements(b)
	elements, err := orderOf(x.Values, y.Values)
	if err != nil {
		return nil, err
	}
	flat := sqltype.Dimensions(a.DataType()) == 1 && sqltype.Dimensions(b.DataType()) == 1
	return func(i, j int) int {
		xl, xh := x.Row(i)
		yl, yh := y.Row(j)
		for k := 0; xl+k < xh && yl+k < yh; k++ {
			if c := elements(xl+k, yl+k); c != 0 {
				return c
			}
		}
		if c := cmp.Compare(xh-xl, yh-yl); c != 0 || flat {
			return c
		}
		return compareShapes(shapeOf(a, i), shapeOf(b, j))
	}, nil
}

// recordOrder compares rows field by field.
func recordOrder(a, b arrow.Array) (order, error) {
	x, y := a.(*array.Struct), b.(*array.Struct)
	fields := make([]order, min(x.NumField(), y.NumField()))
	for f := range fields {
		s, t := x.Field(f).DataType(), y.Field(f).DataType()
		if !sqltype.SameType(s, t) {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "cannot compare dissimilar column types %s and %s at record column %d", typeOf(s), typeOf(t), f+1)
		}
		var err error
		if fields[f], err = orderOf(x.Field(f), y.Field(f)); err != nil {
			return nil, err
		}
	}
	if x.NumField() != y.NumField() {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "cannot compare record types with different numbers of columns")
	}
	return func(i, j int) int {
		for _, f := range fields {
			if c := f(i, j); c != 0 {
				return c
			}
		}
		return 0
	}, nil
}

// typeOf is pg_typeof's name of a type, without modifiers.
func typeOf(t arrow.DataType) string {
	if e := sqltype.ElementType(t); e.ID() == arrow.DECIMAL128 {
		t = sqltype.ArrayOf(tNumeric, sqltype.Dimensions(t))
	}
	return sqltype.Name(t)
}
