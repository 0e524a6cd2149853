package parquet

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
)

// dictionary is the dictionary page of a column chunk.
type dictionary struct {
	n      int
	values arrow.Array           // as SQL values; nil when one of them cannot be converted
	typ    *arrow.DictionaryType // of arrays that are encoded by it; nil: none
	small  bool                  // an index fits in a byte
	raw    segment
}

func newDictionary(l *leaf, pg *page) (*dictionary, error) {
	if pg.encoding != encodingPlain && pg.encoding != encodingPlainDictionary {
		return nil, fmt.Errorf("a dictionary has the encoding %d", pg.encoding)
	}
	d := &dictionary{n: int(pg.values), small: pg.values <= 256}
	plain := flatLeaf{leaf: l, n: d.n, values: pg.data, encoding: encodingPlain}
	if err := plain.read(d.n); err != nil {
		return nil, fmt.Errorf("dictionary: %w", err)
	}
	d.raw = plain.segments[0]
	values, err := l.convert(d.raw.physical(l))
	if err != nil {
		return d, nil //nolint:nilerr // the error is that of the rows with the value, if there are any
	}
	d.values = values
	if kernel.Encodable(values.DataType()) {
		d.typ = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: values.DataType()}
		if d.small {
			d.typ.IndexType = arrow.PrimitiveTypes.Uint8
		}
	}
	return d, nil
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
