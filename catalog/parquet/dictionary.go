package parquet

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// dictionary is the dictionary page of a column chunk.
type dictionary struct {
	n      int
	values arrow.Array           // as SQL values; nil when one of them cannot be converted, or not yet
	digits []int64               // of short Decimals too many for values to be looked up in the cache
	typ    *arrow.DictionaryType // of arrays that are encoded by it; nil: none
	wide   *arrow.DictionaryType // the same with indices of four bytes
	small  bool                  // an index fits in a byte
	raw    segment
}

func newDictionary(l *leaf, pg *page) (*dictionary, error) {
	if pg.encoding != encodingPlain && pg.encoding != encodingPlainDictionary {
		return nil, fmt.Errorf("a dictionary has the encoding %d", pg.encoding)
	}
	d := &dictionary{n: int(pg.values), small: pg.values <= 256}
	plain := flatLeaf{leaf: l, n: d.n, values: pg.data, own: aligned(pg.data), encoding: encodingPlain}
	if err := plain.read(d.n); err != nil {
		return nil, fmt.Errorf("dictionary: %w", err)
	}
	d.raw = plain.segments[0]
	if l.short != nil && d.n > batchRows {
		d.digits = d.raw.integers(l)
		return d, nil
	}
	d.convert(l)
	return d, nil
}

// aligned tells whether values of any width may be looked at in place.
func aligned(b []byte) bool { return uintptr(unsafe.Pointer(unsafe.SliceData(b)))%8 == 0 }

// convert makes the SQL values.
func (d *dictionary) convert(l *leaf) {
	values, err := l.convert(d.raw.physical(l))
	if err != nil { // which is that of the rows with the value, if there are any
		return
	}
	d.values = values
	if kernel.Encodable(values.DataType()) {
		d.wide = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: values.DataType()}
		switch {
		case d.small:
			d.typ = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint8, ValueType: values.DataType()}
		case d.n <= maxWordIndices:
			d.typ = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Uint16, ValueType: values.DataType()}
		default:
			d.typ = d.wide
		}
	}
}

// pickDigits is the rows as short Decimals.
func (d *dictionary) pickDigits(l *leaf, s *segment) arrow.Array {
	out := kernel.Raw[int64](s.n)
	if s.words != nil {
		for i, r := range s.words {
			out[i] = d.digits[r]
		}
	} else {
		for i, r := range s.allRows() {
			out[i] = d.digits[max(r, 0)]
		}
	}
	return kernel.ShortDecimals(l.short, out, s.validity())
}

// convertRows converts the values of rows one by one.
func (d *dictionary) convertRows(l *leaf, s *segment) (arrow.Array, error) {
	raw := d.raw.physical(l)
	v := physicalValues{n: s.n, nulls: s.nulls, valid: s.validity()}
	if raw.binary != nil {
		var err error
		if v.binary, err = kernel.Take(raw.binary, s.allRows()); err != nil {
			return nil, err
		}
		return l.convert(v)
	}
	width := d.raw.width
	v.fixed = make([]byte, s.n*width)
	for i, r := range s.allRows() {
		if r >= 0 {
			copy(v.fixed[i*width:(i+1)*width], raw.fixed[int(r)*width:])
		}
	}
	return l.convert(v)
}
