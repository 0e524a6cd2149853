package sqltype

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"volley/sqlerr"
	"volley/sqltype/jsontext"
)

// TextParser appends the value of a PostgreSQL text to a builder of the type the
// parser was made for, as array.NewBuilder makes it; nothing is appended when it
// gives an error. NULL is the caller's matter (AppendNull).
type TextParser func(b array.Builder, text []byte) error

// NewTextParser resolves the parser of a type once. A type without a text input
// gives a parser whose every call fails with 0A000.
func NewTextParser(t arrow.DataType, o TextOptions) TextParser {
	switch t := t.(type) {
	case *arrow.Decimal128Type:
		precision, scale := t.Precision, t.Scale
		return parserOf(func(text []byte) (decimal128.Num, error) {
			return ParseDecimal(text, precision, scale)
		}, (*array.Decimal128Builder).Append)
	case *arrow.TimestampType:
		if t.Unit == arrow.Microsecond {
			return timestampParser(t, o)
		}
	case *arrow.Date32Type:
		return dateParser(o)
	case *arrow.Time64Type:
		if t.Unit == arrow.Microsecond {
			return parserOf(func(text []byte) (arrow.Time64, error) {
				v, err := parseTimeIn(text, o)
				return arrow.Time64(v), err
			}, (*array.Time64Builder).Append)
		}
	case *arrow.MonthDayNanoIntervalType:
		return parserOf(func(text []byte) (arrow.MonthDayNanoInterval, error) {
			return ParseIntervalFields(text, 0, o.Style.Interval)
		}, (*array.MonthDayNanoIntervalBuilder).Append)
	case *arrow.ListType:
		return listParser(t, o)
	case *arrow.StructType:
		return recordParser(t, o)
	case *arrow.DictionaryType:
		return dictionaryParser(t)
	case arrow.ExtensionType:
		if IsReg(t) {
			return regParser(t, o.Names)
		}
		if p := extensionParser(t, o); p != nil {
			return p
		}
	default:
		if p := plainParser(t); p != nil {
			return p
		}
	}
	return func(array.Builder, []byte) error {
		return sqlerr.New(sqlerr.FeatureNotSupported, "type %s has no text input", Name(t))
	}
}

// parserOf joins the parser of a value with the append method of its builder.
func parserOf[T any, B array.Builder](parse func([]byte) (T, error), add func(B, T)) TextParser {
	return func(b array.Builder, text []byte) error {
		v, err := parse(text)
		if err == nil {
			add(b.(B), v)
		}
		return err
	}
}

func intParser[T int16 | int32 | int64, B array.Builder](bits int, add func(B, T)) TextParser {
	return func(b array.Builder, text []byte) error {
		v, err := ParseInt(text, bits)
		if err == nil {
			add(b.(B), T(v))
		}
		return err
	}
}

// plainParser is the parser of a type without parameters, or nil.
func plainParser(t arrow.DataType) TextParser {
	switch t.ID() {
	case arrow.NULL:
		return func(b array.Builder, _ []byte) error { b.AppendNull(); return nil }
	case arrow.BOOL:
		return parserOf(ParseBool, (*array.BooleanBuilder).Append)
	case arrow.INT16:
		return intParser(16, (*array.Int16Builder).Append)
	case arrow.INT32:
		return intParser(32, (*array.Int32Builder).Append)
	case arrow.INT64:
		return intParser(64, (*array.Int64Builder).Append)
	case arrow.FLOAT32:
		return func(b array.Builder, text []byte) error {
			v, err := ParseFloat(text, 32)
			if err == nil {
				b.(*array.Float32Builder).Append(float32(v))
			}
			return err
		}
	case arrow.FLOAT64:
		return func(b array.Builder, text []byte) error {
			v, err := ParseFloat(text, 64)
			if err == nil {
				b.(*array.Float64Builder).Append(v)
			}
			return err
		}
	case arrow.STRING:
		return func(b array.Builder, text []byte) error {
			b.(*array.StringBuilder).BinaryBuilder.Append(text)
			return nil
		}
	case arrow.BINARY:
		return func(b array.Builder, text []byte) error {
			var buf [128]byte
			v, err := ParseBytea(buf[:0], text)
			if err == nil {
				b.(*array.BinaryBuilder).Append(v)
			}
			return err
		}
	}
	return nil
}

// dateParser needs the zone for 'today'.
func dateParser(o TextOptions) TextParser {
	return func(b array.Builder, text []byte) error {
		v, ok := FastDate(text)
		if !ok {
			var err error
			if v, err = parseDateIn(text, o); err != nil {
				return err
			}
		}
		b.(*array.Date32Builder).Append(arrow.Date32(v))
		return nil
	}
}

func timestampParser(t *arrow.TimestampType, o TextOptions) TextParser {
	parse := func(text []byte) (int64, error) {
		if v, ok := FastTimestamp(text); ok {
			return v, nil
		}
		return parseTimestampIn(text, o)
	}
	if t.TimeZone != "" {
		parse = func(text []byte) (int64, error) { return parseTimestampTZ(text, o) }
	}
	return func(b array.Builder, text []byte) error {
		v, err := parse(text)
		if err == nil {
			b.(*array.TimestampBuilder).Append(arrow.Timestamp(v))
		}
		return err
	}
}

// dictionaryParser takes dictionaries of text only, whose builder finds the
// index of a value itself.
func dictionaryParser(t *arrow.DictionaryType) TextParser {
	return func(b array.Builder, text []byte) error {
		d, ok := b.(*array.BinaryDictionaryBuilder)
		if !ok || !IsString(t.ValueType) {
			return sqlerr.New(sqlerr.FeatureNotSupported, "type %s has no text input as a dictionary", Name(t))
		}
		return d.Append(text)
	}
}

// extensionParser is the parser of this package's extensions, or nil. Besides
// the array package's builder it takes a *NumericBuilder.
func extensionParser(t arrow.ExtensionType, o TextOptions) TextParser {
	switch {
	case Equal(t, Numeric):
		return func(b array.Builder, text []byte) error {
			n, err := ParseNum(text)
			if err != nil {
				return err
			}
			if nb, ok := b.(*NumericBuilder); ok {
				nb.Append(n)
			} else {
				AppendNumeric(b.(*array.ExtensionBuilder), n)
			}
			return nil
		}
	case Equal(t, TimeTZ):
		return func(b array.Builder, text []byte) error {
			v, err := parseTimeTZIn(text, o)
			if err == nil {
				storageOf[*array.Int64Builder](b).Append(v)
			}
			return err
		}
	case Equal(t, UUID):
		return func(b array.Builder, text []byte) error {
			id, err := ParseUUID(text)
			if err == nil {
				storageOf[*array.FixedSizeBinaryBuilder](b).Append(id[:])
			}
			return err
		}
	case Equal(t, OID):
		return func(b array.Builder, text []byte) error {
			v, err := ParseOID(text)
			if err == nil {
				storageOf[*array.Int64Builder](b).Append(int64(v))
			}
			return err
		}
	case Equal(t, JSON):
		return func(b array.Builder, text []byte) error {
			if err := jsontext.CheckUntil(o.Canceled, text); err != nil {
				return err
			}
			storageOf[*array.StringBuilder](b).BinaryBuilder.Append(text)
			return nil
		}
	case IsBits(t):
		return bitsParser
	case Equal(t, JSONPath):
		return jsonPathParser
	case Equal(t, JSONB):
		return func(b array.Builder, text []byte) error {
			v, err := appendJSONB(o.Canceled, nil, text)
			if err == nil {
				storageOf[*array.StringBuilder](b).BinaryBuilder.Append(v)
			}
			return err
		}
	}
	return nil
}

func regParser(t arrow.DataType, names ObjectNames) TextParser {
	return func(b array.Builder, text []byte) error {
		v, err := RegValue(t, string(text), names)
		if err == nil {
			storageOf[*array.BinaryBuilder](b).Append(v)
		}
		return err
	}
}

func storageOf[B array.Builder](b array.Builder) B {
	return b.(*array.ExtensionBuilder).StorageBuilder().(B)
}
