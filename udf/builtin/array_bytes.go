package builtin

import "github.com/apache/arrow/go/v15/arrow"

// arrayBytes is the memory that the rows of an array take: of a slice its own ones,
// as an accumulator may be given an array in many.
func arrayBytes(d arrow.ArrayData) int64 {
	n := d.Len()
	sum := int64(n / 8)
	t := d.DataType()
	if e, ok := t.(arrow.ExtensionType); ok {
		t = e.StorageType()
	}
	switch t := t.(type) {
	case *arrow.StringType, *arrow.BinaryType:
		return sum + 4*int64(n) + itemsOf(d)
	case *arrow.ListType:
		values := d.Children()[0]
		return sum + 4*int64(n) + arrayBytes(values)*itemsOf(d)/int64(max(values.Len(), 1))
	case *arrow.StructType:
		for _, c := range d.Children() {
			sum += arrayBytes(c) * int64(n) / int64(max(c.Len(), 1))
		}
		return sum
	case arrow.FixedWidthDataType:
		return sum + int64(n)*int64(t.BitWidth())/8
	}
	for _, b := range d.Buffers() {
		if b != nil {
			sum += int64(b.Len())
		}
	}
	return sum
}

// itemsOf is how many bytes, or values, the rows of a text or list array have.
func itemsOf(d arrow.ArrayData) int64 {
	b := d.Buffers()[1]
	if d.Len() == 0 || b == nil || b.Len() == 0 {
		return 0
	}
	offsets := arrow.Int32Traits.CastFromBytes(b.Bytes())[d.Offset():]
	return int64(offsets[d.Len()] - offsets[0])
}
