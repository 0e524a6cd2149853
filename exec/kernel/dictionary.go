package kernel

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
)

// Encoded tells whether arrays of a type are another form of those of a plain
// type: dictionary arrays and short Decimals.
func Encoded(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.DICTIONARY:
		return true
	case arrow.EXTENSION:
		_, ok := t.(*sqltype.ShortDecimalType)
		return ok
	}
	return false
}

// Decode gives the plain form of an encoded array, and any other array as it is.
func Decode(a arrow.Array) (arrow.Array, error) {
	switch a := a.(type) {
	case *array.Dictionary:
		if out := decodeFixed(a); out != nil {
			return out, nil
		}
		return Take(a.Dictionary(), DictRows(a))
	case *sqltype.ShortDecimalArray:
		return wide(a), nil
	}
	return a, nil
}

// decodeFixed is the plain form where values have a fixed width, indices are
// short and nothing is NULL.
func decodeFixed(d *array.Dictionary) arrow.Array {
	values := d.Dictionary().Data()
	fixed, ok := storage(values.DataType()).(arrow.FixedWidthDataType)
	if !ok || arrow.IsNested(fixed.ID()) || d.Dictionary().NullN() > 0 {
		return nil
	}
	if rows := DictBytes(d); rows != nil {
		return pickFixed(values, fixed.BitWidth(), rows)
	}
	if rows := DictWords(d); rows != nil {
		return pickFixed(values, fixed.BitWidth(), rows)
	}
	return nil
}

func pickFixed[T uint8 | uint16](values arrow.ArrayData, width int, rows []T) arrow.Array {
	var out *memory.Buffer
	src, off, n := values.Buffers()[1], values.Offset(), values.Len()
	switch width {
	case 16:
		out = bufferOf(picked(view[uint16](src, off, n), rows))
	case 32:
		out = bufferOf(picked(view[uint32](src, off, n), rows))
	case 64:
		out = bufferOf(picked(view[uint64](src, off, n), rows))
	case 128:
		out = bufferOf(picked(view[bytes16](src, off, n), rows))
	default:
		return nil
	}
	return fromBuffers(values.DataType(), len(rows), nil, out)
}

func picked[V any, T uint8 | uint16](table []V, rows []T) []V {
	out := Raw[V](len(rows))
	pick(out, table, rows)
	return out
}

// DictRows are the dictionary indices of the rows, −1 for NULL. They may be
// those of the array itself and must not be changed.
func DictRows(d *array.Dictionary) []int32 {
	data := d.Data()
	src, off, n := data.Buffers()[1], data.Offset(), data.Len()
	if d.NullN() == 0 && d.DataType().(*arrow.DictionaryType).IndexType.ID() == arrow.INT32 {
		return view[int32](src, off, n)
	}
	rows := make([]int32, d.Len())
	switch d.DataType().(*arrow.DictionaryType).IndexType.ID() {
	case arrow.INT8:
		widen(rows, view[int8](src, off, n))
	case arrow.UINT8:
		widen(rows, view[uint8](src, off, n))
	case arrow.INT16:
		widen(rows, view[int16](src, off, n))
	case arrow.UINT16:
		widen(rows, view[uint16](src, off, n))
	case arrow.INT32, arrow.UINT32:
		copy(rows, view[int32](src, off, n))
	default:
		widen(rows, view[int64](src, off, n))
	}
	if valid := Valid(d); valid != nil {
		for i := range rows {
			if !valid.Get(i) {
				rows[i] = -1
			}
		}
	}
	return rows
}

// DictBytes are the dictionary indices of the rows where each is a byte and none
// is NULL; nil otherwise.
func DictBytes(d *array.Dictionary) []uint8 {
	if d.NullN() != 0 || d.DataType().(*arrow.DictionaryType).IndexType.ID() != arrow.UINT8 {
		return nil
	}
	data := d.Data()
	return view[uint8](data.Buffers()[1], data.Offset(), data.Len())
}

// DictWords is DictBytes for indices of two bytes.
func DictWords(d *array.Dictionary) []uint16 {
	if d.NullN() != 0 || d.DataType().(*arrow.DictionaryType).IndexType.ID() != arrow.UINT16 {
		return nil
	}
	data := d.Data()
	return view[uint16](data.Buffers()[1], data.Offset(), data.Len())
}

func widen[T int8 | uint8 | int16 | uint16 | int64](dst []int32, src []T) {
	for i, v := range src {
		dst[i] = int32(v)
	}
}

// Encodable tells whether values of a type may be those of a dictionary.
func Encodable(t arrow.DataType) bool {
	if _, ok := t.(arrow.ExtensionType); ok || arrow.IsNested(t.ID()) {
		return false
	}
	return t.ID() != arrow.NULL && t.ID() != arrow.DICTIONARY
}

// Recode is d with other values for its indices.
func Recode(d *array.Dictionary, values arrow.Array) arrow.Array {
	old := d.Data()
	typ := &arrow.DictionaryType{IndexType: d.DataType().(*arrow.DictionaryType).IndexType, ValueType: values.DataType()}
	data := array.NewData(typ, old.Len(), old.Buffers(), nil, old.NullN(), old.Offset())
	data.SetDictionary(values.Data())
	return array.NewDictionaryData(data)
}

// PickBits is the boolean array of table[row's index], of 0 and 1, for the rows
// of a dictionary array without NULLs.
func PickBits(d *array.Dictionary, table []uint8) arrow.Array {
	out := make([]byte, (d.Len()+7)/8)
	if rows := DictBytes(d); rows != nil {
		pickBits(out, table, rows)
	} else if rows := DictWords(d); rows != nil {
		pickBits(out, table, rows)
	} else {
		pickBits(out, table, DictRows(d))
	}
	data := array.NewData(arrow.FixedWidthTypes.Boolean, d.Len(), []*memory.Buffer{nil, memory.NewBufferBytes(out)}, nil, 0, 0)
	return array.NewBooleanData(data)
}

func pickBits[T int32 | uint16 | uint8](out, table []uint8, rows []T) {
	i := 0
	for ; len(rows) >= 8; rows = rows[8:] {
		out[i] = table[rows[0]] | table[rows[1]]<<1 | table[rows[2]]<<2 | table[rows[3]]<<3 |
			table[rows[4]]<<4 | table[rows[5]]<<5 | table[rows[6]]<<6 | table[rows[7]]<<7
		i++
	}
	for k, r := range rows {
		out[i] |= table[r] << k
	}
}
