package builtin

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
)

// registerNumberFormat adds to_char for numbers, and to_number.
func registerNumberFormat(b *registrar) {
	b.strict("to_char", types(tNumeric, tText), tText, numberKernel(appendNumeric))
	b.strict("to_char", types(tInt4, tText), tText, numberKernel(func(dst []byte, v int32, t *numberTemplate) ([]byte, error) {
		return appendNumeric(dst, sqltype.NumFromInt64(int64(v)), t)
	}))
	b.strict("to_char", types(tInt8, tText), tText, numberKernel(func(dst []byte, v int64, t *numberTemplate) ([]byte, error) {
		return appendNumeric(dst, sqltype.NumFromInt64(v), t)
	}))
	b.strict("to_char", types(tFloat4, tText), tText, numberKernel(func(dst []byte, v float32, t *numberTemplate) ([]byte, error) {
		return appendFloat(dst, float64(v), t, 6)
	}))
	b.strict("to_char", types(tFloat8, tText), tText, numberKernel(func(dst []byte, v float64, t *numberTemplate) ([]byte, error) {
		return appendFloat(dst, v, t, 15)
	}))
	b.scalar(udf.Scalar{Name: "to_number", Params: types(tText, tText), Returns: tNumeric, Batch: toNumber})
}

func numberKernel[T any](f func(dst []byte, v T, t *numberTemplate) ([]byte, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		var cache numberTemplates
		return text2(tText, func(dst []byte, v T, format string) ([]byte, error) {
			t, err := cache.parse(format)
			if err != nil {
				return dst, err
			}
			return f(dst, v, t)
		})(ctx, args, n)
	}
}

func appendNumeric(dst []byte, v num, t *numberTemplate) ([]byte, error) {
	switch {
	case t.roman:
		n, err := v.Round(0).ToInt(32)
		if err != nil {
			n = 0
		}
		return appendRoman(dst, n, t.fill, t.lowerRoman), nil
	case t.scientific:
		if v.IsNaN() || v.IsInf() {
			return appendBlank(dst, t), nil
		}
		return appendExact(dst, v, t)
	}
	if t.shift > 0 && !v.IsNaN() && !v.IsInf() {
		var err error
		if v, err = v.Mul(sqltype.NumFromInt64(int64(math.Pow10(min(t.shift, 18))))); err != nil {
			return dst, err
		}
	}
	if v.IsNaN() || v.IsInf() {
		return appendNumber(dst, t, v.Sign() < 0, v.Abs().AppendText(nil)), nil
	}
	v = v.Round(int32(t.post))
	return appendNumber(dst, t, v.Sign() < 0, v.Abs().AppendText(nil)), nil
}

// appendBlank is a value without an exponent: # for each digit.
func appendBlank(dst []byte, t *numberTemplate) []byte {
	dst = append(dst, ' ')
	dst = append(dst, bytes.Repeat([]byte{'#'}, t.pre)...)
	dst = append(dst, '.')
	return append(dst, bytes.Repeat([]byte{'#'}, t.post+4)...)
}

func signOrBlank(dst []byte, negative bool) []byte {
	if negative {
		return append(dst, '-')
	}
	return append(dst, ' ')
}

// appendExact writes d.ddde+xx of a numeric. As in PostgreSQL the exponent is
// that before rounding: 9.999 may become 10.00e+00.
func appendExact(dst []byte, v num, t *numberTemplate) ([]byte, error) {
	d := exact(v.Abs())
	e := exponent(d)
	d.Exponent -= int32(e)
	mantissa, err := sqltype.ParseNum([]byte(d.Text('f')))
	if err != nil {
		return dst, err
	}
	dst = mantissa.Round(int32(t.post)).AppendText(signOrBlank(dst, v.Sign() < 0))
	return fmt.Appendf(dst, "e%+03d", e), nil
}

// appendFloat shows at most digits significant digits, PostgreSQL's limit for
// the type.
func appendFloat(dst []byte, v float64, t *numberTemplate, digits int) ([]byte, error) {
	abs := math.Abs(v)
	switch {
	case t.roman:
		n := int64(0)
		if abs < 4000 {
			n = int64(math.RoundToEven(v))
		}
		return appendRoman(dst, n, t.fill, t.lowerRoman), nil
	case t.scientific && (v != v || isInf(v)):
		return appendBlank(dst, t), nil
	case t.scientific:
		return append(signOrBlank(dst, math.Signbit(v)), strconv.FormatFloat(abs, 'e', t.post, 64)...), nil
	}
	shown := *t
	if v != v || isInf(v) {
		word := sqltype.AppendFloat64(nil, abs)
		shown.post = min(t.post, max(digits-len(word), 0))
		return appendNumber(dst, &shown, v < 0, word), nil
	}
	abs *= math.Pow10(t.shift)
	whole := len(strconv.FormatFloat(abs, 'f', 0, 64))
	shown.post = min(t.post, max(digits-whole, 0))
	return appendNumber(dst, &shown, math.Signbit(v), strconv.AppendFloat(nil, abs, 'f', shown.post, 64)), nil
}
