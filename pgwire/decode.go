package pgwire

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqlerr"
	"volley/sqltype"
)

// decodeParam makes the array of length 1 that a Bind parameter stands for; a
// nil value is NULL. Text is read as text says.
func decodeParam(t arrow.DataType, value []byte, isBinary bool, text sqltype.TextOptions) (arrow.Array, error) {
	if value == nil {
		return sqltype.NullArray(t, 1), nil
	}
	if !isBinary {
		return sqltype.ScalarIn(t, string(value), text)
	}
	b := array.NewBuilder(memory.DefaultAllocator, t)
	if err := decodeBinary(b, t, value); err != nil {
		return nil, err
	}
	return b.NewArray(), nil
}

// decodeBinary appends a value in PostgreSQL's binary format (the types' recv
// functions) to b.
func decodeBinary(b array.Builder, t arrow.DataType, v []byte) error {
	if sqltype.Equal(t, sqltype.Numeric) || t.ID() == arrow.DECIMAL128 {
		text, err := numericText(v)
		if err != nil {
			return err
		}
		return sqltype.NewTextParser(t, sqltype.TextOptions{})(b, []byte(text))
	}
	if want := fixedSize(t); want > 0 && len(v) != want {
		return sqlerr.New(sqlerr.InvalidBinary, "invalid binary %s: %d bytes", sqltype.Name(t), len(v))
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(v[0] != 0)
	case *array.Int16Builder:
		b.Append(int16(binary.BigEndian.Uint16(v)))
	case *array.Int32Builder:
		b.Append(int32(binary.BigEndian.Uint32(v)))
	case *array.Int64Builder:
		if len(v) == 4 { // an oid
			b.Append(int64(binary.BigEndian.Uint32(v)))
			return nil
		}
		if len(v) != 8 {
			return sqlerr.New(sqlerr.InvalidBinary, "invalid binary bigint: %d bytes", len(v))
		}
		b.Append(int64(binary.BigEndian.Uint64(v)))
	case *array.Float32Builder:
		b.Append(math.Float32frombits(binary.BigEndian.Uint32(v)))
	case *array.Float64Builder:
		b.Append(math.Float64frombits(binary.BigEndian.Uint64(v)))
	case *array.BinaryBuilder:
		b.Append(v)
	case *array.Date32Builder:
		b.Append(arrow.Date32(arrowDate(int32(binary.BigEndian.Uint32(v)))))
	case *array.Time64Builder:
		b.Append(arrow.Time64(binary.BigEndian.Uint64(v)))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(arrowMicros(int64(binary.BigEndian.Uint64(v)))))
	case *array.MonthDayNanoIntervalBuilder:
		micros := int64(binary.BigEndian.Uint64(v))
		if micros > math.MaxInt64/1000 || micros < math.MinInt64/1000 {
			return sqlerr.New(sqlerr.DatetimeOverflow, "interval out of range")
		}
		b.Append(arrow.MonthDayNanoInterval{
			Months:      int32(binary.BigEndian.Uint32(v[12:])),
			Days:        int32(binary.BigEndian.Uint32(v[8:])),
			Nanoseconds: micros * 1000,
		})
	case *array.ListBuilder:
		return decodeList(b, t.(*arrow.ListType), v)
	default:
		return decodeTextual(b, t, v)
	}
	return nil
}

// decodeTextual covers types whose binary format is their text or nearly so.
func decodeTextual(b array.Builder, t arrow.DataType, v []byte) error {
	switch sqltype.Name(t) {
	case "uuid":
		if len(v) != 16 {
			return sqlerr.New(sqlerr.InvalidBinary, "invalid binary uuid: %d bytes", len(v))
		}
		v = []byte(hex.EncodeToString(v))
	case "oid":
		if len(v) != 4 && len(v) != 8 {
			return sqlerr.New(sqlerr.InvalidBinary, "invalid binary oid: %d bytes", len(v))
		}
		v = strconv.AppendUint(nil, uint64(binary.BigEndian.Uint32(v[len(v)-4:])), 10)
	case "bit", "bit varying":
		var err error
		if v, err = sqltype.AppendUnpackedBits(nil, v); err != nil {
			return err
		}
	case "jsonb":
		if len(v) == 0 || v[0] != 1 {
			return sqlerr.New(sqlerr.InvalidBinary, "unsupported jsonb version")
		}
		v = v[1:]
	}
	return sqltype.NewTextParser(t, sqltype.TextOptions{})(b, v)
}

// fixedSize is the number of bytes of a type's binary format, 0 when it varies.
func fixedSize(t arrow.DataType) int {
	switch t.ID() {
	case arrow.BOOL:
		return 1
	case arrow.INT16:
		return 2
	case arrow.INT32, arrow.FLOAT32, arrow.DATE32:
		return 4
	case arrow.FLOAT64, arrow.TIME64, arrow.TIMESTAMP:
		return 8
	case arrow.INTERVAL_MONTH_DAY_NANO:
		return 16
	}
	return 0
}

// decodeList reads array_send's format with at most one dimension.
func decodeList(b *array.ListBuilder, t *arrow.ListType, v []byte) error {
	bad := sqlerr.New(sqlerr.InvalidBinary, "invalid binary array")
	if len(v) < 12 {
		return bad
	}
	dims := binary.BigEndian.Uint32(v)
	b.Append(true)
	if dims == 0 {
		return nil
	}
	if dims != 1 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "arrays of %d dimensions are not supported as parameters", dims)
	}
	if len(v) < 20 {
		return bad
	}
	n := binary.BigEndian.Uint32(v[12:])
	v = v[20:]
	for ; n > 0; n-- {
		if len(v) < 4 {
			return bad
		}
		size := int(int32(binary.BigEndian.Uint32(v)))
		v = v[4:]
		if size == -1 {
			b.ValueBuilder().AppendNull()
			continue
		}
		if size < 0 || size > len(v) {
			return bad
		}
		if err := decodeBinary(b.ValueBuilder(), t.Elem(), v[:size]); err != nil {
			return err
		}
		v = v[size:]
	}
	return nil
}

func arrowDate(d int32) int32 {
	if d == math.MaxInt32 || d == math.MinInt32 {
		return d
	}
	return d + pgEpochDays
}

func arrowMicros(v int64) int64 {
	if v == math.MaxInt64 || v == math.MinInt64 {
		return v
	}
	return v + pgEpochMicros
}
