package parquet

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"volley/sqltype"
	"volley/sqltype/jsontext"
)

// variantWidths are the bytes that primitive values have, by their type.
var variantWidths = [...]int{0, 0, 0, 1, 2, 4, 8, 8, 5, 9, 17, 4, 8, 8, 4, 4, 4, 8, 8, 8, 16}

// variantScalar appends a primitive value of a type, whose bytes b begins with.
func variantScalar(dst []byte, kind byte, b []byte) ([]byte, error) {
	if int(kind) >= len(variantWidths) || len(b) < variantWidths[kind] {
		return dst, errVariant
	}
	order := binary.LittleEndian
	switch kind {
	case 0:
		return append(dst, "null"...), nil
	case 1, 2:
		return strconv.AppendBool(dst, kind == 1), nil
	case 3:
		return strconv.AppendInt(dst, int64(int8(b[0])), 10), nil
	case 4:
		return strconv.AppendInt(dst, int64(int16(order.Uint16(b))), 10), nil
	case 5:
		return strconv.AppendInt(dst, int64(int32(order.Uint32(b))), 10), nil
	case 6:
		return strconv.AppendInt(dst, int64(order.Uint64(b)), 10), nil
	case 7:
		return variantFloat(dst, math.Float64frombits(order.Uint64(b)), 64), nil
	case 8, 9, 10:
		return variantDecimal(dst, b[1:variantWidths[kind]], int32(b[0]))
	case 11:
		return variantQuoted(dst, sqltype.AppendDate(nil, int32(order.Uint32(b)))), nil
	case 12, 13, 18, 19:
		return variantTimestamp(dst, int64(order.Uint64(b)), kind >= 18, kind == 12 || kind == 18), nil
	case 14:
		return variantFloat(dst, float64(math.Float32frombits(order.Uint32(b))), 32), nil
	case 15, 16:
		n := uint64(order.Uint32(b))
		if b = b[4:]; n > uint64(len(b)) {
			return dst, errVariant
		}
		if kind == 16 {
			return variantText(dst, b[:n])
		}
		return variantBytes(dst, b[:n]), nil
	case 17:
		micros := int64(order.Uint64(b))
		if micros < 0 || micros > sqltype.MicrosPerDay {
			return dst, errVariant
		}
		return variantQuoted(dst, sqltype.AppendTime(nil, micros)), nil
	}
	return variantQuoted(dst, sqltype.AppendUUID(nil, b[:16])), nil
}

func variantQuoted(dst, text []byte) []byte {
	return append(append(append(dst, '"'), text...), '"')
}

// variantText appends a text, which jsonb can hold without zero bytes only.
func variantText(dst, b []byte) ([]byte, error) {
	if !validText(b) {
		return dst, errVariant
	}
	return jsontext.AppendString(dst, b), nil
}

func variantBytes(dst, b []byte) []byte {
	return jsontext.AppendString(dst, sqltype.AppendBytea(nil, b))
}

func variantFloat(dst []byte, v float64, bits int) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, `"NaN"`...)
	case math.IsInf(v, 0):
		return append(dst, map[bool]string{true: `"Infinity"`, false: `"-Infinity"`}[v > 0]...)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, bits)
}

// variantDecimal appends an unscaled integer in little-endian two's complement.
func variantDecimal(dst, b []byte, scale int32) ([]byte, error) {
	if scale > sqltype.MaxDecimalPrecision {
		return dst, errVariant
	}
	big := slices.Clone(b)
	slices.Reverse(big)
	v, ok := decimalFromBytes(big)
	if !ok {
		return dst, errVariant
	}
	return append(dst, v.ToString(scale)...), nil
}

// variantTimestamp appends a time in micro- or nanoseconds since 1970.
func variantTimestamp(dst []byte, v int64, nanos, zoned bool) []byte {
	micros, rest := v, int64(0)
	if nanos {
		micros = floorDiv(v, 1000)
		rest = v - micros*1000
	}
	text := sqltype.AppendTimestamp(nil, micros)
	if len(text) > 10 && text[10] == ' ' {
		text[10] = 'T'
	}
	if rest != 0 { // nine digits
		frac := strconv.AppendInt(nil, floorMod(v, 1e9)+1e9, 10)[1:]
		text = append(append(text[:19], '.'), frac...)
	}
	if zoned {
		text = append(text, "+00:00"...)
	}
	return variantQuoted(dst, text)
}

func floorMod(x, by int64) int64 { return x - floorDiv(x, by)*by }

// validText tells whether b is text that SQL knows: UTF-8 without NUL.
func validText(b []byte) bool { return utf8.Valid(b) && !slices.Contains(b, 0) }
