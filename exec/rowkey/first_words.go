package rowkey

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
)

// FirstWords writes a number for each row of a column: where the numbers of two
// rows differ, the rows are ordered so; where they are the same, the rows may be
// in any order. Most columns of fixed width have other numbers for other values,
// text has its first eight bytes.
func FirstWords(a arrow.Array, o Order, dst []uint64) {
	a = plainColumns([]arrow.Array{a})[0]
	if x, ok := a.(array.ExtensionArray); ok && fixedWidth(x.Storage().DataType()) > 0 {
		a = x.Storage()
	}
	switch x := a.(type) {
	case *array.Decimal128:
		for i := range dst {
			v := x.Value(i)
			switch low := int64(v.LowBits()); {
			case v.HighBits() == low>>63:
				dst[i] = uint64(low) ^ 1<<63
			case v.HighBits() < 0:
				dst[i] = 0
			default:
				dst[i] = ^uint64(0)
			}
		}
	default:
		switch {
		case fixedWidth(a.DataType()) > 0:
			orderedValues(a, dst)
		case isText(a.DataType()):
			offsets, data := kernel.Offsets(a)
			for i := range dst {
				dst[i] = window(data[offsets[i]:offsets[i+1]])
			}
		default:
			encodedWords(a, dst)
		}
	}
	if o.Desc {
		for i, v := range dst {
			dst[i] = ^v
		}
	}
	if valid := kernel.Valid(a); valid != nil {
		null := ^uint64(0)
		if o.NullsFirst {
			null = 0
		}
		for i := range dst {
			if !valid.Get(i) {
				dst[i] = null
			}
		}
	}
}

// encodedWords is FirstWords of columns of other types, by the first bytes of their
// keys.
func encodedWords(a arrow.Array, dst []uint64) {
	var key []byte
	for i := range dst {
		dst[i] = 0
		if !kernel.IsNull(a, i) {
			key = appendOrderedValue(key[:0], a, i)
			dst[i] = window(key)
		}
	}
}
