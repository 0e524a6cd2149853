package exec

import (
	"bytes"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/exec/kernel"
	"volley/sqltype"
)

// charColumns are the columns that a scan gives of char(n). Managed tables have
// them without trailing blanks already.
func charColumns(spec *catalog.ScanSpec) []int {
	if spec.Schema == nil || spec.Format == memtable.FormatName {
		return nil
	}
	var out []int
	for i, c := range spec.Projection {
		if f := spec.Schema.Field(c); sqltype.CharLength(f) > 0 && sqltype.IsString(f.Type) {
			out = append(out, i)
		}
	}
	return out
}

// trimmed is rec with the values of columns chars without trailing blanks.
func trimmed(rec arrow.Record, chars []int) (arrow.Record, error) {
	var cols []arrow.Array
	for _, i := range chars {
		values := rec.Column(i)
		if d, ok := values.(*array.Dictionary); ok {
			values = d.Dictionary()
		}
		if !blanksFollow(values) {
			continue
		}
		plain, err := kernel.Decode(rec.Column(i))
		if err != nil {
			return nil, err
		}
		if cols == nil {
			cols = append(cols, rec.Columns()...)
		}
		cols[i] = withoutBlanks(plain)
	}
	if cols == nil {
		return rec, nil
	}
	fields := append([]arrow.Field(nil), rec.Schema().Fields()...)
	for i, c := range cols {
		fields[i].Type = c.DataType()
	}
	return kernel.Record(arrow.NewSchema(fields, nil), cols, int(rec.NumRows())), nil
}

// blanksFollow tells whether a value of an array of text ends in a blank.
func blanksFollow(a arrow.Array) bool {
	if a.DataType().ID() != arrow.STRING {
		return false
	}
	offsets, data := kernel.Offsets(a)
	for i := 1; i < len(offsets); i++ {
		if end := offsets[i]; end > offsets[i-1] && data[end-1] == ' ' {
			return true
		}
	}
	return false
}

func withoutBlanks(a arrow.Array) arrow.Array {
	from, data := kernel.Offsets(a)
	offsets, out := make([]int32, a.Len()+1), make([]byte, 0, len(data))
	for i := range a.Len() {
		out = append(out, bytes.TrimRight(data[from[i]:from[i+1]], " ")...)
		offsets[i+1] = int32(len(out))
	}
	return kernel.FromBinary(sqltype.Text, offsets, out, kernel.Valid(a))
}
