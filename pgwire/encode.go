package pgwire

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqlerr"
	"volley/sqltype"
)

// Days and microseconds from Arrow's epoch (1970) to PostgreSQL's (2000).
const (
	pgEpochDays   = 10957
	pgEpochMicros = pgEpochDays * 86_400_000_000
)

// column appends one value, without its length, to dst. The value is not null.
type column func(dst []byte, a arrow.Array, row int) ([]byte, error)

// rowEncoder writes records as DataRow messages.
type rowEncoder struct {
	columns []column
}

// newRowEncoder resolves one encoder for each column of schema; formats are
// those of a Bind message: none (text), one for all, or one each.
func newRowEncoder(schema *arrow.Schema, formats []int16, text sqltype.TextOptions) (*rowEncoder, error) {
	e := &rowEncoder{columns: make([]column, schema.NumFields())}
	for i := range e.columns {
		binaryFormat, err := formatOf(formats, i, schema.NumFields())
		if err != nil {
			return nil, err
		}
		t := schema.Field(i).Type
		if binaryFormat {
			e.columns[i] = binaryColumn(t)
			if e.columns[i] == nil {
				return nil, sqlerr.New(sqlerr.FeatureNotSupported, "type %s has no binary format here", sqltype.Name(t))
			}
			continue
		}
		e.columns[i] = textColumn(t, text)
	}
	return e, nil
}

// formatOf gives whether value i of n is in binary format.
func formatOf(formats []int16, i, n int) (bool, error) {
	f := int16(0)
	switch len(formats) {
	case 0:
	case 1:
		f = formats[0]
	case n:
		f = formats[i]
	default:
		return false, sqlerr.New(sqlerr.ProtocolViolation, "message has %d formats but %d values", len(formats), n)
	}
	if f != 0 && f != 1 {
		return false, sqlerr.New(sqlerr.InvalidParameterValue, "unsupported format code: %d", f)
	}
	return f == 1, nil
}

func textColumn(t arrow.DataType, text sqltype.TextOptions) column {
	if t.ID() == arrow.STRING { // the common case, without a second call
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return append(dst, a.(*array.String).Value(row)...), nil
		}
	}
	enc := sqltype.NewTextEncoder(t, text)
	return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
		return enc(dst, a, row), nil
	}
}

// appendRow appends one DataRow message.
func (e *rowEncoder) appendRow(dst []byte, rec arrow.Record, row int) ([]byte, error) {
	start := len(dst)
	dst = append(dst, 'D', 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(e.columns)))
	for i, enc := range e.columns {
		a := rec.Column(i)
		if a.IsNull(row) {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		var err error
		if dst, err = appendSized(dst, enc, a, row); err != nil {
			return dst[:start], err
		}
	}
	n := len(dst) - start - 1
	if n > math.MaxInt32 {
		return dst[:start], sqlerr.New(sqlerr.ProgramLimitExceeded, "row of %d bytes is too large for the protocol", n)
	}
	binary.BigEndian.PutUint32(dst[start+1:], uint32(n))
	return dst, nil
}

// appendSized appends a value behind its length as a 32-bit integer.
func appendSized(dst []byte, enc column, a arrow.Array, row int) ([]byte, error) {
	at := len(dst)
	dst, err := enc(append(dst, 0, 0, 0, 0), a, row)
	if err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst, nil
}

// binaryColumn gives the encoder of PostgreSQL's binary format (the types' send
// functions), nil for a type that has none here.
func binaryColumn(t arrow.DataType) column {
	if c := binaryNumber(t); c != nil {
		return c
	}
	switch t := t.(type) {
	case *arrow.StringType:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return append(dst, a.(*array.String).Value(row)...), nil
		}
	case *arrow.BinaryType:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return append(dst, a.(*array.Binary).Value(row)...), nil
		}
	case *arrow.NullType:
		return func(dst []byte, _ arrow.Array, _ int) ([]byte, error) { return dst, nil }
	case *arrow.Date32Type:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return binary.BigEndian.AppendUint32(dst, uint32(pgDate(int32(a.(*array.Date32).Value(row))))), nil
		}
	case *arrow.Time64Type:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, uint64(a.(*array.Time64).Value(row))), nil
		}
	case *arrow.TimestampType:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, uint64(pgMicros(int64(a.(*array.Timestamp).Value(row))))), nil
		}
	case *arrow.MonthDayNanoIntervalType:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			v := a.(*array.MonthDayNanoInterval).Value(row)
			dst = binary.BigEndian.AppendUint64(dst, uint64(v.Nanoseconds/1000))
			dst = binary.BigEndian.AppendUint32(dst, uint32(v.Days))
			return binary.BigEndian.AppendUint32(dst, uint32(v.Months)), nil
		}
	case *arrow.DictionaryType:
		value := binaryColumn(t.ValueType)
		if value == nil {
			return nil
		}
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			d := a.(*array.Dictionary)
			return value(dst, d.Dictionary(), d.GetValueIndex(row))
		}
	case *arrow.ListType:
		return binaryList(t)
	case *arrow.StructType:
		return binaryRow(t)
	}
	if sqltype.IsReg(t) {
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return binary.BigEndian.AppendUint32(dst, a.(*sqltype.RegArray).OID(row)), nil
		}
	}
	switch sqltype.Name(t) {
	case "oid":
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return binary.BigEndian.AppendUint32(dst, a.(*sqltype.OIDArray).Value(row)), nil
		}
	case "uuid":
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return append(dst, a.(array.ExtensionArray).Storage().(*array.FixedSizeBinary).Value(row)...), nil
		}
	case "bit", "bit varying":
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return sqltype.AppendPackedBits(dst, a.(*sqltype.BitArray).Value(row)), nil
		}
	case "json":
		return textColumn(t, sqltype.TextOptions{})
	case "jsonb":
		text := textColumn(t, sqltype.TextOptions{})
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return text(append(dst, 1), a, row) // version 1
		}
	}
	return nil
}

// binaryNumber covers booleans, integers, floats and numerics.
func binaryNumber(t arrow.DataType) column {
	if t.ID() == arrow.DECIMAL128 || sqltype.Equal(t, sqltype.Numeric) {
		enc := sqltype.NewTextEncoder(t, sqltype.TextOptions{})
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			var scratch [64]byte
			return appendNumeric(dst, enc(scratch[:0], a, row))
		}
	}
	switch t.ID() {
	case arrow.BOOL:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			if a.(*array.Boolean).Value(row) {
				return append(dst, 1), nil
			}
			return append(dst, 0), nil
		}
	case arrow.INT16:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return binary.BigEndian.AppendUint16(dst, uint16(a.(*array.Int16).Value(row))), nil
		}
	case arrow.INT32:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return binary.BigEndian.AppendUint32(dst, uint32(a.(*array.Int32).Value(row))), nil
		}
	case arrow.INT64:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, uint64(a.(*array.Int64).Value(row))), nil
		}
	case arrow.FLOAT32:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return binary.BigEndian.AppendUint32(dst, math.Float32bits(a.(*array.Float32).Value(row))), nil
		}
	case arrow.FLOAT64:
		return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, math.Float64bits(a.(*array.Float64).Value(row))), nil
		}
	}
	return nil
}

// pgDate moves a date to PostgreSQL's epoch; the infinities stay as they are.
func pgDate(d int32) int32 {
	if d == math.MaxInt32 || d == math.MinInt32 {
		return d
	}
	return d - pgEpochDays
}

// pgMicros moves a timestamp to PostgreSQL's epoch; the infinities stay.
func pgMicros(v int64) int64 {
	if v == math.MaxInt64 || v == math.MinInt64 {
		return v
	}
	return v - pgEpochMicros
}

func appendElements(dst []byte, elem column, values arrow.Array, lo, hi int) ([]byte, error) {
	for i := lo; i < hi; i++ {
		if values.IsNull(i) {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		var err error
		if dst, err = appendSized(dst, elem, values, i); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// binaryRow is record_send: number of fields, then OID and value of each.
func binaryRow(t *arrow.StructType) column {
	fields := make([]column, t.NumFields())
	oids := make([]uint32, t.NumFields())
	for i := range fields {
		if fields[i] = binaryColumn(t.Field(i).Type); fields[i] == nil {
			return nil
		}
		oids[i], _, _ = typeOID(t.Field(i).Type)
	}
	return func(dst []byte, a arrow.Array, row int) ([]byte, error) {
		s := a.(*array.Struct)
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(fields)))
		for i, f := range fields {
			dst = binary.BigEndian.AppendUint32(dst, oids[i])
			var err error
			if dst, err = appendElements(dst, f, s.Field(i), row, row+1); err != nil {
				return nil, err
			}
		}
		return dst, nil
	}
}
