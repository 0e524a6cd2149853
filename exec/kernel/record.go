package kernel

import (
	"github.com/apache/arrow/go/v15/arrow"
)

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

// Conform gives rec with the columns of schema: encoded columns are decoded where
// schema has the plain type, and names are schema's.
func Conform(rec arrow.Record, schema *arrow.Schema) (arrow.Record, error) {
	if rec.Schema() == schema {
		return rec, nil
	}
	cols := make([]arrow.Array, rec.NumCols())
	for i := range cols {
		cols[i] = rec.Column(i)
		if Encoded(cols[i].DataType()) && !Encoded(schema.Field(i).Type) {
			var err error
			if cols[i], err = Decode(cols[i]); err != nil {
				return nil, err
			}
		}
	}
	return Record(schema, cols, int(rec.NumRows())), nil
}
