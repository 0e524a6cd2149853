package kernel

import (
	"bytes"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// MaxIndexed is how many values indices of two bytes can tell apart.
const MaxIndexed = 1 << 16

// Indices makes an array of indices out of numbers below MaxIndexed.
func Indices(numbers []uint32, valid Words) arrow.Array {
	out := Raw[uint16](len(numbers))
	for i, v := range numbers {
		out[i] = uint16(v)
	}
	return FromValues(arrow.PrimitiveTypes.Uint16, out, valid)
}

// IndexedType is the type of dictionary arrays over n values, at most MaxIndexed:
// indices are bytes where that is enough.
func IndexedType(values arrow.DataType, n int) *arrow.DictionaryType {
	if n <= 1<<8 {
		return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint8, ValueType: values}
	}
	return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: values}
}

// Indexed makes a dictionary array, of IndexedType, out of indices of one or two
// bytes and the values that they are of.
func Indexed(indices, values arrow.Array) arrow.Array {
	typ := IndexedType(values.DataType(), values.Len())
	if indices.DataType().ID() != typ.IndexType.ID() {
		indices = resized(indices)
	}
	d := indices.Data()
	data := array.NewData(typ, d.Len(), d.Buffers(), nil, d.NullN(), d.Offset())
	data.SetDictionary(values.Data())
	return array.NewDictionaryData(data)
}

// resized is indices of one byte as such of two, or the other way round.
func resized(indices arrow.Array) arrow.Array {
	valid := Valid(indices)
	if indices.DataType().ID() == arrow.UINT8 {
		return FromValues(arrow.PrimitiveTypes.Uint16, converted[uint16](Values[uint8](indices)), valid)
	}
	return FromValues(arrow.PrimitiveTypes.Uint8, converted[uint8](Values[uint16](indices)), valid)
}

func converted[T, F uint8 | uint16](src []F) []T {
	out := Raw[T](len(src))
	for i, v := range src {
		out[i] = T(v)
	}
	return out
}

// DecodedBytes is how much memory the plain form of a dictionary array of text
// takes, approximately.
func DecodedBytes(d *array.Dictionary) int64 {
	offsets, _ := Offsets(d.Dictionary())
	sum := int64(4 * d.Len())
	if rows := DictBytes(d); rows != nil {
		return sum + sumLengths(offsets, rows)
	}
	if rows := DictWords(d); rows != nil {
		return sum + sumLengths(offsets, rows)
	}
	return sum + sumLengths(offsets, DictRows(d))
}

func sumLengths[T int32 | uint16 | uint8](offsets []int32, rows []T) int64 {
	sum := int64(0)
	for _, r := range rows {
		if at := int(r); at >= 0 {
			sum += int64(offsets[at+1] - offsets[at])
		}
	}
	return sum
}

// Extends tells whether an array of text begins with the values of another one,
// neither of which has NULLs.
func Extends(longer, a arrow.Array) bool {
	if longer.Data() == a.Data() {
		return true
	}
	if longer.Len() < a.Len() {
		return false
	}
	these, data := Offsets(a)
	those, more := Offsets(longer)
	n := len(these) - 1
	if these[0] != those[0] || !bytes.Equal(bytesOf(these), bytesOf(those[:n+1])) {
		return false
	}
	return bytes.Equal(data[these[0]:these[n]], more[these[0]:these[n]])
}
