package builtin

import (
	"bytes"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqltype"
	"volley/sqltype/jsontext"
	"volley/udf"
	"volley/udf/vector"
)

// jsonEncoder appends row of a as JSON; NULL is null. pretty puts elements and
// fields on lines of their own.
type jsonEncoder func(dst []byte, a arrow.Array, row int) []byte

// newJSONEncoder resolves how values of type t become JSON: numbers and
// booleans as such, json as it stands, arrays and rows by their parts, all else
// as a string of the type's text form, timestamps in ISO 8601.
func newJSONEncoder(ctx *udf.Context, t arrow.DataType, pretty bool) jsonEncoder {
	inner := newValueEncoder(ctx, t, pretty)
	return func(dst []byte, a arrow.Array, row int) []byte {
		if a.IsNull(row) || t.ID() == arrow.NULL {
			return append(dst, "null"...)
		}
		return inner(dst, a, row)
	}
}

func newValueEncoder(ctx *udf.Context, t arrow.DataType, pretty bool) jsonEncoder {
	text := jsonText(ctx, t)
	switch logical := sqltype.Logical(t); {
	case logical.ID() == arrow.BOOL:
		return func(dst []byte, a arrow.Array, row int) []byte {
			return sqltype.AppendBoolWord(dst, a.(*array.Boolean).Value(row))
		}
	case sqltype.IsInteger(logical), sqltype.IsJSON(logical):
		return text
	case sqltype.IsNumeric(logical):
		return numberOrString(text)
	case logical.ID() == arrow.TIMESTAMP:
		return quotedBy(isoDateTime(text))
	case logical.ID() == arrow.LIST:
		return listAsJSON(ctx, logical.(*arrow.ListType), pretty)
	case logical.ID() == arrow.STRUCT:
		return structAsJSON(ctx, logical.(*arrow.StructType), pretty)
	}
	return quotedBy(text)
}

// numberOrString quotes what JSON has no number for: NaN and infinities.
func numberOrString(text jsonEncoder) jsonEncoder {
	return func(dst []byte, a arrow.Array, row int) []byte {
		from := len(dst)
		dst = text(dst, a, row)
		if c := dst[len(dst)-1]; c >= '0' && c <= '9' {
			return dst
		}
		return append(append(append(dst[:from:from], '"'), dst[from:]...), '"')
	}
}

func quotedBy(text jsonEncoder) jsonEncoder {
	return func(dst []byte, a arrow.Array, row int) []byte {
		from := len(dst)
		dst = text(dst, a, row)
		n := len(dst)
		dst = jsontext.AppendString(dst, dst[from:])
		return append(dst[:from], dst[n:]...)
	}
}

// jsonText encodes values as text, dates and times in ISO 8601 whatever DateStyle
// says.
func jsonText(ctx *udf.Context, t arrow.DataType) jsonEncoder {
	style := ctx.Style
	style.Date = sqltype.DateISO
	return jsonEncoder(sqltype.NewTextEncoder(t, sqltype.TextOptions{TimeZone: ctx.TimeZone, Style: style}))
}

// isoDateTime puts a T between date and time, and the minutes into the zone.
func isoDateTime(text jsonEncoder) jsonEncoder {
	return func(dst []byte, a arrow.Array, row int) []byte {
		from := len(dst)
		dst = text(dst, a, row)
		for i := from; i < len(dst); i++ {
			if dst[i] == ' ' {
				dst[i] = 'T'
				break
			}
		}
		end := len(bytes.TrimSuffix(dst, []byte(" BC")))
		if end > from+3 && sqltype.IsTimestampTZ(a.DataType()) && (dst[end-3] == '+' || dst[end-3] == '-') {
			dst = slices.Insert(dst, end, []byte(":00")...)
		}
		return dst
	}
}

func listAsJSON(ctx *udf.Context, t *arrow.ListType, pretty bool) jsonEncoder {
	item := newJSONEncoder(ctx, t.Elem(), false)
	separator := ","
	if pretty {
		separator = ",\n "
	}
	return func(dst []byte, a arrow.Array, row int) []byte {
		l := a.(*array.List)
		lo, hi := l.ValueOffsets(row)
		dst = append(dst, '[')
		for j := lo; j < hi; j++ {
			if j > lo {
				dst = append(dst, separator...)
			}
			dst = item(dst, l.ListValues(), int(j))
		}
		return append(dst, ']')
	}
}

func structAsJSON(ctx *udf.Context, t *arrow.StructType, pretty bool) jsonEncoder {
	fields := make([]jsonEncoder, t.NumFields())
	for i, f := range t.Fields() {
		fields[i] = newJSONEncoder(ctx, f.Type, false)
	}
	separator := ","
	if pretty {
		separator = ",\n "
	}
	return func(dst []byte, a arrow.Array, row int) []byte {
		s := a.(*array.Struct)
		dst = append(dst, '{')
		for i, encode := range fields {
			if i > 0 {
				dst = append(dst, separator...)
			}
			dst = append(jsontext.AppendString(dst, t.Field(i).Name), ':')
			dst = encode(dst, s.Field(i), row)
		}
		return append(dst, '}')
	}
}

// jsonArgs encodes the arguments of a call as JSON.
type jsonArgs struct {
	args []udf.Arg
	enc  []jsonEncoder
}

func newJSONArgs(ctx *udf.Context, args []udf.Arg) jsonArgs {
	j := jsonArgs{args: args, enc: make([]jsonEncoder, len(args))}
	for i, a := range args {
		j.enc[i] = newJSONEncoder(ctx, a.Array.DataType(), false)
	}
	return j
}

func (j jsonArgs) append(dst []byte, arg, row int) []byte {
	a := j.args[arg]
	return j.enc[arg](dst, a.Array, rowOf(a, row))
}

// normalised makes jsonb of the texts in a json array.
func normalised(ctx *udf.Context, a arrow.Array, n int) (arrow.Array, error) {
	texts := vector.ByteSlices(a)
	return writeText(ctx, tJSONB, vector.ValidityOf(a), n, func(dst []byte, i int) ([]byte, error) {
		return sqltype.AppendJSONB(dst, texts[i])
	})
}

// asJSONB is the jsonb form of a function that makes json.
func asJSONB(f batchFunc) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, err := f(ctx, args, n)
		if err != nil {
			return nil, err
		}
		return normalised(ctx, a, a.Len())
	}
}
