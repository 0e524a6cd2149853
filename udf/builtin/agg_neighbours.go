package builtin

import (
	"bytes"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqltype"
	"volley/udf/vector"
)

// equalNeighbours tells of each row whether its value equals that of the row
// before. There are no NULLs.
func equalNeighbours(a arrow.Array) []bool {
	switch t := a.DataType(); {
	case sqltype.IsUnconstrainedNumeric(t):
		return neighbours(values[sqltype.Num](a), func(x, y sqltype.Num) bool { return x.Cmp(y) == 0 })
	case t.ID() == arrow.FLOAT32:
		return neighbours(vector.Fixed[float32](a), func(x, y float32) bool { return compareFloat(x, y) == 0 })
	case t.ID() == arrow.FLOAT64:
		return neighbours(vector.Fixed[float64](a), func(x, y float64) bool { return compareFloat(x, y) == 0 })
	case t.ID() == arrow.INTERVAL_MONTH_DAY_NANO:
		return neighbours(vector.Fixed[interval](a), func(x, y interval) bool { return compareInterval(x, y) == 0 })
	case t.ID() == arrow.BOOL:
		return neighbours(vector.Bools(a), func(x, y bool) bool { return x == y })
	case t.ID() == arrow.STRING, t.ID() == arrow.BINARY:
		return neighbours(vector.ByteSlices(a), bytes.Equal)
	}
	if t, ok := a.DataType().(arrow.FixedWidthDataType); ok {
		switch t.BitWidth() {
		case 16:
			return neighbours(vector.Fixed[int16](a), func(x, y int16) bool { return x == y })
		case 32:
			return neighbours(vector.Fixed[int32](a), func(x, y int32) bool { return x == y })
		case 64:
			return neighbours(vector.Fixed[int64](a), func(x, y int64) bool { return x == y })
		case 128:
			return neighbours(vector.Fixed[[16]byte](a), func(x, y [16]byte) bool { return x == y })
		}
	}
	out := make([]bool, a.Len())
	for i := 1; i < len(out); i++ {
		out[i] = array.SliceEqual(a, int64(i-1), int64(i), a, int64(i), int64(i)+1)
	}
	return out
}

func neighbours[T any](vals []T, equal func(x, y T) bool) []bool {
	out := make([]bool, len(vals))
	for i := 1; i < len(vals); i++ {
		out[i] = equal(vals[i-1], vals[i])
	}
	return out
}
