package planner

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
)

// preimageOf is where the values of a type are whose cast to another type is
// compared with k, which is not NULL; nil when that is not known to be exact.
func preimageOf(from, to arrow.DataType, k arrow.Array) *preimage {
	switch {
	case sqltype.IsInteger(from) && holdsIntegers(to, from):
		return integerPreimage(from, k)
	case sqltype.IsDecimal(from) && holdsDecimals(to, from):
		return decimalPreimage(from, k)
	case from.ID() == arrow.FLOAT32 && to.ID() == arrow.FLOAT64:
		return realPreimage(k.(*array.Float64).Value(0))
	case from.ID() == arrow.DATE32 && sqltype.Equal(to, sqltype.Timestamp):
		return datePreimage(int64(k.(*array.Timestamp).Value(0)))
	case sqltype.Equal(from, sqltype.Timestamp) && to.ID() == arrow.DATE32:
		return dayPreimage(int64(k.(*array.Date32).Value(0)))
	}
	return nil
}

// holdsIntegers tells whether the cast from an integer type never fails, and keeps
// the order. What floats round is seen to by floatNum.
func holdsIntegers(to, from arrow.DataType) bool {
	if sqltype.IntegerScalar(from, 0) == nil { // oid and the like
		return false
	}
	if d, ok := to.(*arrow.Decimal128Type); ok {
		return d.Scale >= 0 && d.Precision-d.Scale >= integerDigits(from)
	}
	if sqltype.IsInteger(to) {
		return sqltype.IntegerScalar(to, 0) != nil && integerDigits(from) <= integerDigits(to)
	}
	return sqltype.IsUnconstrainedNumeric(to) || sqltype.IsFloat(to)
}

// holdsDecimals tells whether the cast from a numeric(p,s) neither rounds nor fails.
func holdsDecimals(to, from arrow.DataType) bool {
	f, ok := from.(*arrow.Decimal128Type)
	if !ok || f.Scale < 0 {
		return false
	}
	if d, ok := to.(*arrow.Decimal128Type); ok {
		return d.Scale >= f.Scale && d.Precision-d.Scale >= f.Precision-f.Scale
	}
	return sqltype.IsUnconstrainedNumeric(to)
}

// integerRange is the least and the greatest value of an integer type.
func integerRange(t arrow.DataType) (lo, hi int64) {
	switch t.ID() {
	case arrow.INT16:
		return math.MinInt16, math.MaxInt16
	case arrow.INT32:
		return math.MinInt32, math.MaxInt32
	}
	return math.MinInt64, math.MaxInt64
}

// integerPreimage is of integers that are compared as a wider type.
func integerPreimage(from arrow.DataType, k arrow.Array) *preimage {
	lo, hi := integerRange(from)
	if n, ok := sqltype.IntegerValue(k, 0); ok {
		switch {
		case n < lo:
			return above(nil)
		case n > hi:
			return above(sqltype.IntegerScalar(from, hi))
		}
		return exactly(sqltype.IntegerScalar(from, n))
	}
	var n sqltype.Num
	switch k := k.(type) {
	case *array.Float64:
		n = floatNum(k.Value(0), 1<<53, lo, hi)
	case *array.Float32:
		n = floatNum(float64(k.Value(0)), 1<<24, lo, hi)
	default:
		var ok bool
		if n, ok = numericValue(k); !ok {
			return nil
		}
	}
	switch {
	case n.IsNaN():
		return nil
	case n.Cmp(sqltype.NumFromInt64(lo)) < 0:
		return above(nil)
	case n.Cmp(sqltype.NumFromInt64(hi)) > 0:
		return above(sqltype.IntegerScalar(from, hi))
	}
	whole := n.Floor()
	v, err := whole.ToInt64()
	if err != nil {
		return nil
	}
	if whole.Cmp(n) == 0 {
		return exactly(sqltype.IntegerScalar(from, v))
	}
	return above(sqltype.IntegerScalar(from, v))
}

// integerDigits is how many digits the values of an integer type may have.
func integerDigits(t arrow.DataType) int32 {
	switch t.ID() {
	case arrow.INT16:
		return 5
	case arrow.INT32:
		return 10
	}
	return 19
}

// floatNum is the number that a float is, NaN where integers between lo and hi
// may become it by rounding: those beyond ±exact.
func floatNum(v, exact float64, lo, hi int64) sqltype.Num {
	if math.IsNaN(v) || math.Abs(v) >= exact && (float64(hi) >= exact || float64(lo) <= -exact) {
		return sqltype.NaN()
	}
	whole := math.Floor(v)
	switch {
	case whole >= 1<<62:
		return sqltype.Inf(1)
	case whole <= -(1 << 62):
		return sqltype.Inf(-1)
	}
	n := sqltype.NumFromInt64(int64(whole))
	if whole != v { // any number between is as good
		half, _ := sqltype.ParseNum([]byte("0.5"))
		n = n.AddWide(half)
	}
	return n
}

// numericValue is the number in a numeric array of one value.
func numericValue(a arrow.Array) (n sqltype.Num, ok bool) {
	switch a := a.(type) {
	case *array.Decimal128:
		return sqltype.NumFromDecimal128(a.Value(0), a.DataType().(*arrow.Decimal128Type).Scale), true
	case *sqltype.NumericArray:
		return a.Value(0), true
	}
	return n, false
}

// decimalPreimage is of numeric(p,s) that is compared with any number.
func decimalPreimage(from arrow.DataType, k arrow.Array) *preimage {
	d := from.(*arrow.Decimal128Type)
	n, ok := numericValue(k)
	if !ok || n.IsNaN() || n.IsInf() {
		return nil
	}
	floor := n.Trunc(d.Scale)
	if n.Cmp(floor) < 0 { // truncation is towards zero
		floor = floor.AddWide(sqltype.NumFromDecimal128(decimal128.FromI64(-1), d.Scale))
	}
	v, err := floor.ToDecimal128(d.Precision, d.Scale)
	if err != nil {
		return nil
	}
	b := array.NewDecimal128Builder(memory.DefaultAllocator, d)
	b.Append(v)
	if floor.Cmp(n) == 0 {
		return exactly(b.NewArray())
	}
	return above(b.NewArray())
}

// realPreimage is of reals that are compared as double precision, which holds all.
func realPreimage(k float64) *preimage {
	f := float32(k)
	if float64(f) > k { // not where k is NaN
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	b := array.NewFloat32Builder(memory.DefaultAllocator)
	b.Append(f)
	v := b.NewArray()
	if float64(f) == k || math.IsNaN(k) {
		return exactly(v)
	}
	return above(v)
}

func dateArray(day int32) arrow.Array {
	b := array.NewDate32Builder(memory.DefaultAllocator)
	b.Append(arrow.Date32(day))
	return b.NewArray()
}

func timestampArray(micros int64) arrow.Array {
	b := array.NewTimestampBuilder(memory.DefaultAllocator, sqltype.Timestamp.(*arrow.TimestampType))
	b.Append(arrow.Timestamp(micros))
	return b.NewArray()
}

const microsPerDay = 24 * 60 * 60 * 1_000_000

// datePreimage is of dates that are compared as timestamps, at their midnights.
// Dates beyond the range of timestamps lie beyond all of them too.
func datePreimage(k int64) *preimage {
	switch k {
	case sqltype.TimestampInfinity:
		return exactly(dateArray(sqltype.DateInfinity))
	case sqltype.TimestampNegInfinity:
		return exactly(dateArray(sqltype.DateNegInfinity))
	}
	day := k / microsPerDay
	if k%microsPerDay < 0 {
		day--
	}
	if day*microsPerDay == k {
		return exactly(dateArray(int32(day)))
	}
	return above(dateArray(int32(day)))
}

// dayPreimage is of timestamps whose days are compared: all times of the day.
func dayPreimage(day int64) *preimage {
	switch day {
	case sqltype.DateInfinity:
		return exactly(timestampArray(sqltype.TimestampInfinity))
	case sqltype.DateNegInfinity:
		return exactly(timestampArray(sqltype.TimestampNegInfinity))
	}
	const most = math.MaxInt64/microsPerDay - 2
	if day > most || day < -most {
		return nil
	}
	return &preimage{
		less: upperEnd{"<", timestampArray(day * microsPerDay)},
		upTo: upperEnd{"<", timestampArray((day + 1) * microsPerDay)},
	}
}
