package sqltype

import (
	"encoding/binary"
	"math"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// Constants are made for every literal of every statement, so the most frequent
// ones go past builders, and small integers are made once.

// smallest and smallInts are the range of the integers that are kept.
const (
	smallest  = -128
	smallInts = 1152
)

var (
	smallInt32 [smallInts]atomic.Pointer[array.Int32]
	smallInt64 [smallInts]atomic.Pointer[array.Int64]
	boolScalar = [2]arrow.Array{newBool(0), newBool(1)}
)

func newBool(bit byte) arrow.Array { return array.NewBooleanData(oneValue(Bool, []byte{bit})) }

// oneValue is the data of an array of one value of a fixed width.
func oneValue(t arrow.DataType, value []byte) *array.Data {
	return array.NewData(t, 1, []*memory.Buffer{nil, memory.NewBufferBytes(value)}, nil, 0, 0)
}

// BoolScalar is an array of length 1 with v.
func BoolScalar(v bool) arrow.Array {
	if v {
		return boolScalar[1]
	}
	return boolScalar[0]
}

// Int64Scalar is an array of length 1 with v, a bigint.
func Int64Scalar(v int64) arrow.Array {
	return kept(&smallInt64, v, func() *array.Int64 {
		return array.NewInt64Data(oneValue(Int64, binary.NativeEndian.AppendUint64(nil, uint64(v))))
	})
}

// Int32Scalar is an array of length 1 with v, an integer.
func Int32Scalar(v int32) arrow.Array {
	return kept(&smallInt32, int64(v), func() *array.Int32 {
		return array.NewInt32Data(oneValue(Int32, binary.NativeEndian.AppendUint32(nil, uint32(v))))
	})
}

// kept gives the array of a small integer, which is made when it is first used.
func kept[A any](all *[smallInts]atomic.Pointer[A], v int64, fresh func() *A) *A {
	if v < smallest || v >= smallest+smallInts {
		return fresh()
	}
	p := &all[v-smallest]
	a := p.Load()
	if a == nil {
		a = fresh()
		p.Store(a)
	}
	return a
}

// IntegerScalar is an array of length 1 with v as an integer or numeric(p,s)
// type t; nil when v is out of its range or t is another type.
func IntegerScalar(t arrow.DataType, v int64) arrow.Array {
	switch t := t.(type) {
	case *arrow.Int16Type:
		if int64(int16(v)) == v {
			return array.NewInt16Data(oneValue(t, binary.NativeEndian.AppendUint16(nil, uint16(v))))
		}
	case *arrow.Int32Type:
		if math.MinInt32 <= v && v <= math.MaxInt32 {
			return Int32Scalar(int32(v))
		}
	case *arrow.Int64Type:
		return Int64Scalar(v)
	case *arrow.Decimal128Type:
		if d := decimal128.FromI64(v); d.FitsInPrecision(t.Precision - t.Scale) {
			return decimalScalar(t, d.IncreaseScaleBy(t.Scale))
		}
	}
	return nil
}

// ShortDecimal is an array of length 1 with the number that text is, digits with
// a point among them, as the type t that holds just these; nil when they are too
// many for this way.
func ShortDecimal(t arrow.DataType, text string) arrow.Array {
	d, ok := t.(*arrow.Decimal128Type)
	whole, frac, _ := strings.Cut(text, ".")
	if !ok || int(d.Scale) != len(frac) || len(text) > 18 {
		return nil
	}
	unscaled := int64(0)
	for _, digits := range [2]string{whole, frac} {
		for i := range len(digits) {
			if digits[i] < '0' || digits[i] > '9' {
				return nil
			}
			unscaled = unscaled*10 + int64(digits[i]-'0')
		}
	}
	return decimalScalar(t, decimal128.FromI64(unscaled))
}

func decimalScalar(t arrow.DataType, v decimal128.Num) arrow.Array {
	bytes := binary.NativeEndian.AppendUint64(nil, v.LowBits())
	return array.NewDecimal128Data(oneValue(t, binary.NativeEndian.AppendUint64(bytes, uint64(v.HighBits()))))
}

// IntegerValue is the value of an integer array of any width at row i.
func IntegerValue(a arrow.Array, i int) (v int64, ok bool) {
	switch a := a.(type) {
	case *array.Int16:
		return int64(a.Value(i)), true
	case *array.Int32:
		return int64(a.Value(i)), true
	case *array.Int64:
		return a.Value(i), true
	}
	return 0, false
}
