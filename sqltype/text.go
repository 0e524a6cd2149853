package sqltype

import (
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// TextOptions is what the text form of values depends on besides their type.
type TextOptions struct {
	// TimeZone is the session's, for timestamptz; nil is UTC.
	TimeZone *time.Location
	Style    Style
	// Now is what 'now' and 'today' are when they are parsed; zero: the clock's time.
	Now time.Time
	// Names finds the objects of regclass and its like when they are parsed; nil:
	// only their numbers are known.
	Names ObjectNames
	// Canceled tells whether nobody wants what is parsed any more; nil: somebody does.
	// Parsers of what may be very long ask it.
	Canceled func() bool
}

// TextEncoder appends PostgreSQL's text form of row of a to dst. The row must
// not be null and a must have the type the encoder was made for.
type TextEncoder func(dst []byte, a arrow.Array, row int) []byte

// NewTextEncoder resolves the encoder of a type once, so that encoding a value
// neither allocates nor looks at the type again. It takes every Arrow type that
// Name has a name for, dictionaries included.
func NewTextEncoder(t arrow.DataType, o TextOptions) TextEncoder {
	if e := styledEncoder(t, o); e != nil {
		return e
	}
	switch t := t.(type) {
	case *arrow.DictionaryType:
		return dictionaryEncoder(t, o)
	case *arrow.TimestampType:
		return timestampEncoder(t, o)
	case *arrow.StructType:
		return recordEncoder(t, o)
	case arrow.ExtensionType:
		return extensionEncoder(t, o)
	case *arrow.Decimal128Type:
		scale := t.Scale
		return func(dst []byte, a arrow.Array, row int) []byte {
			return DecimalAppendText(dst, a.(*array.Decimal128).Value(row), scale)
		}
	}
	if l, ok := t.(arrow.ListLikeType); ok && t.ID() != arrow.MAP {
		return listEncoder(l, o)
	}
	if e := plainEncoder(t); e != nil {
		return e
	}
	return func(dst []byte, a arrow.Array, row int) []byte {
		return append(dst, a.ValueStr(row)...)
	}
}

// plainEncoder is the encoder of a type without parameters, or nil.
func plainEncoder(t arrow.DataType) TextEncoder {
	switch t.ID() {
	case arrow.NULL:
		return func(dst []byte, _ arrow.Array, _ int) []byte { return dst }
	case arrow.BOOL:
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendBool(dst, a.(*array.Boolean).Value(row))
		}
	case arrow.INT8:
		return intEncoder[*array.Int8]()
	case arrow.INT16:
		return intEncoder[*array.Int16]()
	case arrow.INT32:
		return intEncoder[*array.Int32]()
	case arrow.INT64:
		return intEncoder[*array.Int64]()
	case arrow.UINT8:
		return intEncoder[*array.Uint8]()
	case arrow.UINT16:
		return intEncoder[*array.Uint16]()
	case arrow.UINT32:
		return intEncoder[*array.Uint32]()
	case arrow.FLOAT32:
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendFloat32(dst, a.(*array.Float32).Value(row))
		}
	case arrow.FLOAT64:
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendFloat64(dst, a.(*array.Float64).Value(row))
		}
	case arrow.STRING:
		return func(dst []byte, a arrow.Array, row int) []byte {
			return append(dst, a.(*array.String).Value(row)...)
		}
	case arrow.LARGE_STRING:
		return func(dst []byte, a arrow.Array, row int) []byte {
			return append(dst, a.(*array.LargeString).Value(row)...)
		}
	case arrow.BINARY:
		return byteaEncoder[*array.Binary]()
	case arrow.LARGE_BINARY:
		return byteaEncoder[*array.LargeBinary]()
	case arrow.FIXED_SIZE_BINARY:
		return byteaEncoder[*array.FixedSizeBinary]()
	case arrow.DATE32:
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendDate(dst, int32(a.(*array.Date32).Value(row)))
		}
	case arrow.DATE64:
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendDate(dst, int32(floorDiv(int64(a.(*array.Date64).Value(row)), 86400_000)))
		}
	case arrow.TIME32:
		unit := t.(*arrow.Time32Type).Unit
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendTime(dst, toMicros(int64(a.(*array.Time32).Value(row)), unit))
		}
	case arrow.TIME64:
		unit := t.(*arrow.Time64Type).Unit
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendTime(dst, toMicros(int64(a.(*array.Time64).Value(row)), unit))
		}
	case arrow.INTERVAL_MONTH_DAY_NANO:
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendInterval(dst, a.(*array.MonthDayNanoInterval).Value(row))
		}
	}
	return nil
}

type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32
}

type valued[T any] interface {
	arrow.Array
	Value(int) T
}

func intEncoder[A valued[T], T integer]() TextEncoder {
	return func(dst []byte, a arrow.Array, row int) []byte {
		return AppendInt(dst, int64(a.(A).Value(row)))
	}
}

func byteaEncoder[A valued[[]byte]]() TextEncoder {
	return func(dst []byte, a arrow.Array, row int) []byte {
		return AppendBytea(dst, a.(A).Value(row))
	}
}

func timestampEncoder(t *arrow.TimestampType, o TextOptions) TextEncoder {
	unit, loc := t.Unit, o.TimeZone
	if t.TimeZone == "" {
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendTimestamp(dst, toMicros(int64(a.(*array.Timestamp).Value(row)), unit))
		}
	}
	return func(dst []byte, a arrow.Array, row int) []byte {
		return AppendTimestampTZ(dst, toMicros(int64(a.(*array.Timestamp).Value(row)), unit), loc)
	}
}

// toMicros rounds a count of units down to microseconds.
func toMicros(v int64, unit arrow.TimeUnit) int64 {
	switch unit {
	case arrow.Second:
		return v * 1_000_000
	case arrow.Millisecond:
		return v * 1000
	case arrow.Nanosecond:
		return floorDiv(v, 1000)
	}
	return v
}

func dictionaryEncoder(t *arrow.DictionaryType, o TextOptions) TextEncoder {
	value := NewTextEncoder(t.ValueType, o)
	return func(dst []byte, a arrow.Array, row int) []byte {
		d := a.(*array.Dictionary)
		return value(dst, d.Dictionary(), d.GetValueIndex(row))
	}
}

func extensionEncoder(t arrow.ExtensionType, o TextOptions) TextEncoder {
	switch {
	case Equal(t, Numeric):
		return func(dst []byte, a arrow.Array, row int) []byte {
			return a.(*NumericArray).Value(row).AppendText(dst)
		}
	case Equal(t, TimeTZ):
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendTimeTZ(dst, a.(*TimeTZArray).Value(row))
		}
	case Equal(t, UUID):
		return func(dst []byte, a arrow.Array, row int) []byte {
			return AppendUUID(dst, a.(*UUIDArray).Value(row))
		}
	case IsReg(t):
		return func(dst []byte, a arrow.Array, row int) []byte {
			return append(dst, a.(*RegArray).Name(row)...)
		}
	}
	storage := NewTextEncoder(t.StorageType(), o)
	return func(dst []byte, a arrow.Array, row int) []byte {
		return storage(dst, a.(array.ExtensionArray).Storage(), row)
	}
}
