package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
	"volley/udf"
	"volley/udf/vector"
)

// registerConcat adds || for text with anything, concat, concat_ws and format.
func registerConcat(b *registrar) {
	b.strict("||", types(tText, tText), tText, text2(tText, func(dst []byte, s, t []byte) ([]byte, error) {
		return append(append(dst, s...), t...), nil
	}))
	b.strict("||", types(tBytea, tBytea), tBytea, text2(tBytea, func(dst []byte, s, t []byte) ([]byte, error) {
		return append(append(dst, s...), t...), nil
	}))
	b.scalar(udf.Scalar{Name: "||", Params: types(tText, udf.AnyNonArray), Returns: tText, Volatility: udf.Stable, Batch: concatOperator})
	b.scalar(udf.Scalar{Name: "||", Params: types(udf.AnyNonArray, tText), Returns: tText, Volatility: udf.Stable, Batch: concatOperator})
	b.scalar(udf.Scalar{
		Name: "concat", Params: types(tAny), Variadic: true, Returns: tText,
		Volatility: udf.Stable, NullCall: true, Batch: concat,
	})
	b.scalar(udf.Scalar{
		Name: "concat_ws", Params: types(tText, tAny), Variadic: true, Returns: tText,
		Volatility: udf.Stable, NullCall: true, Batch: concatWithSeparator,
	})
	b.scalar(udf.Scalar{Name: "format", Params: types(tText), Returns: tText, Volatility: udf.Stable, NullCall: true, Batch: format})
	b.scalar(udf.Scalar{
		Name: "format", Params: types(tText, tAny), Variadic: true, Returns: tText,
		Volatility: udf.Stable, NullCall: true, EmptyVariadic: true, Batch: format,
	})
}

// texts are arguments of any type as text.
type texts struct {
	args []udf.Arg
	enc  []sqltype.TextEncoder
}

func newTexts(ctx *udf.Context, args []udf.Arg) texts {
	t := texts{args: args, enc: make([]sqltype.TextEncoder, len(args))}
	for i, a := range args {
		if a.Array.DataType().ID() == arrow.BOOL { // as by a cast: true, not t
			t.enc[i] = func(dst []byte, a arrow.Array, row int) []byte {
				return sqltype.AppendBoolWord(dst, a.(interface{ Value(int) bool }).Value(row))
			}
			continue
		}
		t.enc[i] = sqltype.NewTextEncoder(a.Array.DataType(), sqltype.TextOptions{TimeZone: ctx.TimeZone, Style: ctx.Style})
	}
	return t
}

func (t texts) null(arg, row int) bool {
	if t.args[arg].Const {
		row = 0
	}
	return t.args[arg].Array.IsNull(row)
}

func (t texts) append(dst []byte, arg, row int) []byte {
	if t.args[arg].Const {
		row = 0
	}
	return t.enc[arg](dst, t.args[arg].Array, row)
}

func concatOperator(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	t := newTexts(ctx, args)
	return writeText(ctx, tText, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
		return t.append(t.append(dst, 0, i), 1, i), nil
	})
}

// concat spells booleans t and f: it uses the types' output, not casts.
func concat(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	t := outputTexts(ctx, args)
	return writeText(ctx, tText, vector.Validity{}, n, func(dst []byte, i int) ([]byte, error) {
		for a := range args {
			if !t.null(a, i) {
				dst = t.append(dst, a, i)
			}
		}
		return dst, nil
	})
}

func outputTexts(ctx *udf.Context, args []udf.Arg) texts {
	t := texts{args: args, enc: make([]sqltype.TextEncoder, len(args))}
	for i, a := range args {
		t.enc[i] = sqltype.NewTextEncoder(a.Array.DataType(), sqltype.TextOptions{TimeZone: ctx.TimeZone, Style: ctx.Style})
	}
	return t
}

func concatWithSeparator(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	t := outputTexts(ctx, args)
	return writeText(ctx, tText, validityOf(args[0], n), n, func(dst []byte, i int) ([]byte, error) {
		first := true
		for a := 1; a < len(args); a++ {
			if t.null(a, i) {
				continue
			}
			if !first {
				dst = t.append(dst, 0, i)
			}
			dst, first = t.append(dst, a, i), false
		}
		return dst, nil
	})
}
