package parquet

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
)

// widerType is the type that holds all values of a and b, if one of the two
// does, or a decimal of both their digits.
func widerType(a, b arrow.DataType) (arrow.DataType, bool) {
	if sqltype.Equal(a, b) {
		return a, true
	}
	if ra, rb := widthRank(a), widthRank(b); ra > 0 && rb > 0 {
		if ra < rb {
			a, b = b, a
		}
		// A real does not hold an integer or a bigint exactly.
		return a, a.ID() != arrow.FLOAT32 || b.ID() == arrow.INT16
	}
	da, okA := a.(*arrow.Decimal128Type)
	db, okB := b.(*arrow.Decimal128Type)
	if okA && okB {
		scale := max(da.Scale, db.Scale)
		precision := max(da.Precision-da.Scale, db.Precision-db.Scale) + scale
		return sqltype.Decimal(precision, scale), precision <= sqltype.MaxDecimalPrecision
	}
	return nil, false
}

// widthRank orders the numeric types that widen to each other.
func widthRank(t arrow.DataType) int {
	switch t.ID() {
	case arrow.INT16:
		return 1
	case arrow.INT32:
		return 2
	case arrow.INT64:
		return 3
	case arrow.FLOAT32:
		return 4
	case arrow.FLOAT64:
		return 5
	}
	return 0
}

// widen converts an array to a wider type, as widerType gave it.
func widen(a arrow.Array, to arrow.DataType) (arrow.Array, error) {
	if sqltype.Equal(a.DataType(), to) {
		return a, nil
	}
	switch to.ID() {
	case arrow.INT32:
		return widenInts(a, to, func(v int64) int32 { return int32(v) })
	case arrow.INT64:
		return widenInts(a, to, func(v int64) int64 { return v })
	case arrow.FLOAT32:
		return widenInts(a, to, func(v int64) float32 { return float32(v) })
	case arrow.FLOAT64:
		if f, ok := a.(*array.Float32); ok {
			return mapValues(a, f.Float32Values(), to, func(v float32) float64 { return float64(v) }), nil
		}
		return widenInts(a, to, func(v int64) float64 { return float64(v) })
	case arrow.DECIMAL128:
		return widenDecimals(a, to.(*arrow.Decimal128Type))
	}
	return nil, errWiden(a, to)
}

func errWiden(a arrow.Array, to arrow.DataType) error {
	return sqlerr.New(sqlerr.DatatypeMismatch, "column is %s, not %s", sqltype.Name(a.DataType()), sqltype.Name(to))
}

func widenInts[O any](a arrow.Array, to arrow.DataType, f func(int64) O) (arrow.Array, error) {
	switch a := a.(type) {
	case *array.Int16:
		return mapValues(a, a.Int16Values(), to, func(v int16) O { return f(int64(v)) }), nil
	case *array.Int32:
		return mapValues(a, a.Int32Values(), to, func(v int32) O { return f(int64(v)) }), nil
	case *array.Int64:
		return mapValues(a, a.Int64Values(), to, f), nil
	}
	return nil, errWiden(a, to)
}

func widenDecimals(a arrow.Array, to *arrow.Decimal128Type) (arrow.Array, error) {
	d, ok := a.(*array.Decimal128)
	if !ok {
		return nil, errWiden(a, to)
	}
	from := a.DataType().(*arrow.Decimal128Type)
	if from.Scale > to.Scale || to.Scale-from.Scale > math.MaxInt8 {
		return nil, errWiden(a, to)
	}
	if from.Scale == to.Scale {
		return array.MakeFromData(array.NewData(to, a.Len(), a.Data().Buffers(), nil, a.NullN(), a.Data().Offset())), nil
	}
	factor := decimal128.GetScaleMultiplier(int(to.Scale - from.Scale))
	return mapValues(a, d.Values(), to, func(v decimal128.Num) decimal128.Num { return v.Mul(factor) }), nil
}

// mapValues converts each value of a, nulls too; a has no offset.
func mapValues[I, O any](a arrow.Array, in []I, to arrow.DataType, f func(I) O) arrow.Array {
	out := make([]O, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	buffers := []*memory.Buffer{validityOf(a), memory.NewBufferBytes(bytesOf(out))}
	return array.MakeFromData(array.NewData(to, a.Len(), buffers, nil, a.NullN(), 0))
}
