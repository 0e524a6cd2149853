package rowkey

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/zeebo/xxh3"

	"volley/exec/kernel"
	"volley/sqltype"
)

// numericKeys gives columns of type numeric as their values' keys, binary, and others
// as they are. Where each value is stored as its key, as whole numbers are, nothing is
// copied.
func numericKeys(cols []arrow.Array) []arrow.Array {
	var out []arrow.Array
	for i, c := range cols {
		a, ok := c.(*sqltype.NumericArray)
		if !ok {
			continue
		}
		if out == nil {
			out = append(out, cols...)
		}
		out[i] = keysOfNumerics(a)
	}
	if out == nil {
		return cols
	}
	return out
}

func keysOfNumerics(a *sqltype.NumericArray) arrow.Array {
	offsets, data := kernel.Offsets(a.Storage())
	n := a.Len()
	first := 0 // row whose key is another than what is stored
	for first < n && (offsets[first] == offsets[first+1] || sqltype.IsNumKey(data[offsets[first]:offsets[first+1]])) {
		first++
	}
	if first == n {
		return a.Storage()
	}
	valid := kernel.Valid(a)
	own := make([]int32, 1, n+1)
	keys := make([]byte, 0, int(offsets[n]-offsets[0]))
	for i := range n {
		if valid == nil || valid.Get(i) {
			keys = sqltype.AppendNumKey(keys, data[offsets[i]:offsets[i+1]])
		}
		own = append(own, int32(len(keys)))
	}
	return kernel.FromBinary(arrow.BinaryTypes.Binary, own, keys, valid)
}

// hashNumerics hashes keys, as those of a numeric with a precision are.
func hashNumerics(a *sqltype.NumericArray, out []uint64, scratch []byte) []byte {
	offsets, data := kernel.Offsets(a.Storage())
	for i := range out {
		key := data[offsets[i]:offsets[i+1]]
		if !sqltype.IsNumKey(key) {
			scratch = sqltype.AppendNumKey(scratch[:0], key)
			key = scratch
		}
		out[i] = xxh3.Hash(key)
	}
	return scratch
}

// isNumeric tells whether t is numeric without a precision, as such or encoded.
func isNumeric(t arrow.DataType) bool {
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	return sqltype.Equal(t, sqltype.Numeric)
}
