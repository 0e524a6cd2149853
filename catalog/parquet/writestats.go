package parquet

import (
	"bytes"
	"cmp"
	"math"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// maxStatBytes is where minima and maxima of byte arrays are cut.
const maxStatBytes = 64

// valueOrder is how the values of a leaf are ordered.
type valueOrder uint8

const (
	orderNone     valueOrder = iota // intervals
	orderPhysical                   // numbers by value, byte arrays as unsigned bytes
	orderSigned                     // decimals: big-endian two's complement
)

func orderOf(t leafType) valueOrder {
	switch t.logical.(type) {
	case schema.IntervalLogicalType:
		return orderNone
	case *schema.DecimalLogicalType:
		if t.physical == parquet.Types.FixedLenByteArray {
			return orderSigned
		}
	}
	return orderPhysical
}

// extremes gives the least and the greatest of values from to to−1, by their
// indices; −1 where there are none that compare (NaN does not).
func (b *leafBuffer) extremes(order valueOrder, from, to int) (lo, hi int) {
	if from == to || order == orderNone {
		return -1, -1
	}
	switch b.physical {
	case parquet.Types.Boolean:
		lo, hi = extremesOf(b.fixed[from:to])
	case parquet.Types.Int32:
		lo, hi = extremesOf(valuesOf[int32](b.fixed)[from:to])
	case parquet.Types.Int64:
		lo, hi = extremesOf(valuesOf[int64](b.fixed)[from:to])
	case parquet.Types.Float:
		lo, hi = extremesOf(valuesOf[float32](b.fixed)[from:to])
	case parquet.Types.Double:
		lo, hi = extremesOf(valuesOf[float64](b.fixed)[from:to])
	default:
		lo, hi = from, from
		for i := from + 1; i < to; i++ {
			v := b.value(i)
			if compareBytes(order, v, b.value(lo)) < 0 {
				lo = i
			} else if compareBytes(order, v, b.value(hi)) > 0 {
				hi = i
			}
		}
		return lo, hi
	}
	if lo < 0 {
		return -1, -1
	}
	return from + lo, from + hi
}

func extremesOf[T cmp.Ordered](values []T) (lo, hi int) {
	lo, hi = -1, -1
	for i, v := range values {
		if v != v { // NaN
			continue
		}
		if lo < 0 {
			lo, hi = i, i
		} else if v < values[lo] {
			lo = i
		} else if v > values[hi] {
			hi = i
		}
	}
	return lo, hi
}

func compareBytes(order valueOrder, a, b []byte) int {
	if order == orderSigned && len(a) == len(b) && len(a) > 0 && (a[0]^b[0])&0x80 != 0 {
		return -bytes.Compare(a[:1], b[:1])
	}
	return bytes.Compare(a, b)
}

// compareValues orders two values of the buffer.
func (b *leafBuffer) compareValues(order valueOrder, i, j int) int {
	switch b.physical {
	case parquet.Types.Boolean:
		return cmp.Compare(b.fixed[i], b.fixed[j])
	case parquet.Types.Int32:
		v := valuesOf[int32](b.fixed)
		return cmp.Compare(v[i], v[j])
	case parquet.Types.Int64:
		v := valuesOf[int64](b.fixed)
		return cmp.Compare(v[i], v[j])
	case parquet.Types.Float:
		v := valuesOf[float32](b.fixed)
		return cmp.Compare(v[i], v[j])
	case parquet.Types.Double:
		v := valuesOf[float64](b.fixed)
		return cmp.Compare(v[i], v[j])
	}
	return compareBytes(order, b.value(i), b.value(j))
}

// lowest gives value i as a bound from below: exact, or cut.
func (b *leafBuffer) lowest(i int) (bound []byte, exact bool) {
	v := b.value(i)
	switch {
	case b.physical == parquet.Types.ByteArray && len(v) > maxStatBytes:
		end := maxStatBytes
		for end > maxStatBytes-4 && v[end]&0xc0 == 0x80 { // not within a character
			end--
		}
		return v[:end], false
	case isZero(b.physical, v): // −0 and 0 are equal
		return negativeZero(b.physical), true
	}
	return v, true
}

// highest gives value i as a bound from above: exact, or cut and raised; nil when
// no short value is above it.
func (b *leafBuffer) highest(i int) (bound []byte, exact bool) {
	v := b.value(i)
	switch {
	case b.physical == parquet.Types.ByteArray && len(v) > maxStatBytes:
		return raised(v[:maxStatBytes]), false
	case isZero(b.physical, v):
		return make([]byte, len(v)), true
	}
	return v, true
}

// raised is a value that is greater than all that begin with v and is not longer
// than it: its last ASCII character is one more, and it ends there, so that it is
// UTF-8 if v is.
func raised(v []byte) []byte {
	for end := len(v); end > 0; end-- {
		if v[end-1] < 0x7f {
			out := append([]byte(nil), v[:end]...)
			out[end-1]++
			return out
		}
	}
	return nil
}

func isZero(t parquet.Type, v []byte) bool {
	switch t {
	case parquet.Types.Float:
		return valuesOf[float32](v)[0] == 0
	case parquet.Types.Double:
		return valuesOf[float64](v)[0] == 0
	}
	return false
}

func negativeZero(t parquet.Type) []byte {
	if t == parquet.Types.Float {
		return bytesOf([]float32{float32(math.Copysign(0, -1))})
	}
	return bytesOf([]float64{math.Copysign(0, -1)})
}
