package pgwire

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/sqltype"
)

// binaryList is array_send: the number of dimensions, whether there are NULLs,
// the elements' OID, length and lower bound of each dimension, and the elements
// of the last dimension, which are those of all lists below in order.
func binaryList(t *arrow.ListType) column {
	elem := binaryColumn(sqltype.ElementType(t))
	if elem == nil {
		return nil
	}
	oid, _, _ := typeOID(sqltype.ElementType(t))
	return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
		shape, values, lo, hi := flattened(a.(*array.List), row)
		if hi == lo {
			dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
			return binary.BigEndian.AppendUint32(dst, oid), nil
		}
		size := 1
		for _, n := range shape {
			size *= n
		}
		if size != hi-lo { // a file's lists need not be rectangles
			return nil, sqlerr.New(sqlerr.ArraySubscript, "an array whose sub-arrays differ in length has no binary format")
		}
		nulls := uint32(0)
		for i := lo; i < hi && nulls == 0; i++ {
			if values.IsNull(i) {
				nulls = 1
			}
		}
		for _, v := range []uint32{uint32(len(shape)), nulls, oid} {
			dst = binary.BigEndian.AppendUint32(dst, v)
		}
		for _, n := range shape {
			dst = binary.BigEndian.AppendUint32(dst, uint32(n))
			dst = binary.BigEndian.AppendUint32(dst, 1)
		}
		return appendElements(dst, elem, values, lo, hi)
	}
}

// flattened is the extent of each dimension of an array, by its first lists, and
// its elements.
func flattened(l *array.List, row int) (shape []int, values arrow.Array, lo, hi int) {
	from, to := l.ValueOffsets(row)
	shape, values = append(shape, int(to-from)), l.ListValues()
	for from < to {
		inner, ok := values.(*array.List)
		if !ok {
			break
		}
		begin, end := inner.ValueOffsets(int(from))
		_, last := inner.ValueOffsets(int(to) - 1)
		shape = append(shape, int(end-begin))
		from, to, values = begin, last, inner.ListValues()
	}
	return shape, values, int(from), int(to)
}
