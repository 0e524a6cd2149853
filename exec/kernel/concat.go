package kernel

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
)

// Concat joins arrays of one type. Dictionary arrays among plain ones are
// decoded first. It fails when the result would hold more than 2 GiB of text.
func Concat(parts []arrow.Array) (arrow.Array, error) {
	if len(parts) == 1 {
		return parts[0], nil
	}
	same := true
	for _, p := range parts[1:] {
		same = same && p.DataType().ID() == parts[0].DataType().ID()
	}
	if !same {
		plain := make([]arrow.Array, len(parts))
		for i, p := range parts {
			var err error
			if plain[i], err = Decode(p); err != nil {
				return nil, err
			}
		}
		parts = plain
	}
	if err := checkTextSize(parts); err != nil {
		return nil, err
	}
	out, err := array.Concatenate(parts, memory.DefaultAllocator)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.InternalError, "cannot join batches")
	}
	return out, nil
}

func checkTextSize(parts []arrow.Array) error {
	switch storage(parts[0].DataType()).ID() {
	case arrow.STRING, arrow.BINARY:
	default:
		return nil
	}
	total := 0
	for _, p := range parts {
		o, _ := Offsets(p)
		total += int(o[len(o)-1] - o[0])
	}
	if total > math.MaxInt32 {
		return sqlerr.New(sqlerr.ProgramLimitExceeded, "a column holds more than 2 GiB of text in one operator")
	}
	return nil
}

// ConcatRecords joins records of one schema.
func ConcatRecords(schema *arrow.Schema, recs []arrow.Record) (arrow.Record, error) {
	if len(recs) == 1 {
		return recs[0], nil
	}
	rows := 0
	for _, r := range recs {
		rows += int(r.NumRows())
	}
	cols := make([]arrow.Array, schema.NumFields())
	for c := range cols {
		if len(recs) == 0 {
			cols[c] = Nulls(schema.Field(c).Type, 0)
			continue
		}
		parts := make([]arrow.Array, len(recs))
		for i, r := range recs {
			parts[i] = r.Column(c)
		}
		var err error
		if cols[c], err = Concat(parts); err != nil {
			return nil, err
		}
	}
	return Record(schema, cols, rows), nil
}

// Decode gives the plain form of a dictionary array, and any other array as it
// is.
func Decode(a arrow.Array) (arrow.Array, error) {
	d, ok := a.(*array.Dictionary)
	if !ok {
		return a, nil
	}
	return Take(d.Dictionary(), DictRows(d))
}

// DictRows are the dictionary indices of the rows, −1 for NULL.
func DictRows(d *array.Dictionary) []int32 {
	rows := make([]int32, d.Len())
	data := d.Data()
	src, off, n := data.Buffers()[1], data.Offset(), data.Len()
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

func widen[T int8 | uint8 | int16 | uint16 | int64](dst []int32, src []T) {
	for i, v := range src {
		dst[i] = int32(v)
	}
}

// Conform gives rec with the columns of schema: dictionary columns are decoded
// where schema has the plain type, and names are schema's.
func Conform(rec arrow.Record, schema *arrow.Schema) (arrow.Record, error) {
	if rec.Schema() == schema {
		return rec, nil
	}
	cols := make([]arrow.Array, rec.NumCols())
	for i := range cols {
		cols[i] = rec.Column(i)
		if cols[i].DataType().ID() == arrow.DICTIONARY && schema.Field(i).Type.ID() != arrow.DICTIONARY {
			var err error
			if cols[i], err = Decode(cols[i]); err != nil {
				return nil, err
			}
		}
	}
	return Record(schema, cols, int(rec.NumRows())), nil
}
