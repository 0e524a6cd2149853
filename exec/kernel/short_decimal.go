package kernel

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
)

// ShortDecimals makes an array of Decimals from their digits and the rows that
// are valid (nil: all). It keeps both.
func ShortDecimals(t *sqltype.ShortDecimalType, digits []int64, valid *memory.Buffer) arrow.Array {
	nulls := 0
	if valid != nil {
		nulls = array.UnknownNullCount
	}
	data := array.NewData(t, len(digits), []*memory.Buffer{valid, bufferOf(digits)}, nil, nulls, 0)
	return array.NewExtensionData(data)
}

// wide is the plain form.
func wide(a *sqltype.ShortDecimalArray) arrow.Array {
	digits := a.Values()
	out := Raw[decimal128.Num](len(digits))
	for i, v := range digits {
		out[i] = decimal128.FromI64(v)
	}
	return FromValues(a.DataType().(*sqltype.ShortDecimalType).Of, out, Valid(a))
}

// DigitsOf gives the values of Decimals by 64 bits each; nil where one is longer.
// NULL rows count too.
func DigitsOf(a arrow.Array) []int64 {
	switch a := a.(type) {
	case *sqltype.ShortDecimalArray:
		return a.Values()
	case *array.Decimal128:
		digits, odd := make([]int64, a.Len()), int64(0)
		for i, v := range Values[decimal128.Num](a) {
			digits[i] = int64(v.LowBits())
			odd |= digits[i]>>63 ^ v.HighBits()
		}
		if odd == 0 {
			return digits
		}
	}
	return nil
}

// PickDigits puts table[row's index] in dst for the rows of a dictionary array,
// of which NULL ones get any value.
func PickDigits(dst, table []int64, d *array.Dictionary) {
	if rows := DictBytes(d); rows != nil {
		pick(dst, table, rows)
		return
	}
	if rows := DictWords(d); rows != nil {
		pick(dst, table, rows)
		return
	}
	if d.NullN() == 0 {
		pick(dst, table, DictRows(d))
		return
	}
	for i, r := range DictRows(d) {
		if r >= 0 {
			dst[i] = table[r]
		} else {
			dst[i] = 0
		}
	}
}

func pick[V any, T int32 | uint16 | uint8](dst, table []V, rows []T) {
	dst = dst[:len(rows)]
	for i, r := range rows {
		dst[i] = table[r]
	}
}
