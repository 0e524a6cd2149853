package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// writeNullable is writeText for functions that can give NULL for arguments
// that are not: row tells whether there is a value.
func writeNullable(ctx *udf.Context, t arrow.DataType, v vector.Validity, n int, row func(dst []byte, i int) ([]byte, bool, error)) (arrow.Array, error) {
	missing := v.Clone()
	out, err := writeText(ctx, t, v, n, func(dst []byte, i int) ([]byte, error) {
		dst, ok, err := row(dst, i)
		if !ok && err == nil {
			missing.SetNull(i, n)
		}
		return dst, err
	})
	if err != nil || missing.Nulls == v.Nulls {
		return out, err
	}
	return vector.WithValidity(out, missing), nil
}

// nullable2 is text2 for functions that can give NULL.
func nullable2[A, B any](t arrow.DataType, f func(dst []byte, a A, b B) ([]byte, bool, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b := load[A](args[0]), load[B](args[1])
		return writeNullable(ctx, t, valid(args, n), n, func(dst []byte, i int) ([]byte, bool, error) {
			return f(dst, a.At(i), b.At(i))
		})
	}
}
