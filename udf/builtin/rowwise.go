package builtin

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/udf"
	"volley/udf/vector"
)

// Kernels from functions of one row, which are called for rows without NULLs
// only. The call costs about 2 ns a row, so this is for functions that are not
// cheap, or not frequent. t is the result's type.

// rowsPerLook is how many rows are computed between two looks at whether the statement
// was cancelled: one may take a nanosecond, or milliseconds.
const rowsPerLook = 16

// stopped gives an error when the statement was cancelled; row says when to look.
func stopped(ctx *udf.Context, row int) error {
	if row%rowsPerLook != 0 {
		return nil
	}
	return ctx.Canceled()
}

func map1[A, R any](t arrow.DataType, f func(A) (R, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, v, out := load[A](args[0]), valid(args, n), make([]R, n)
		for i := range out {
			if err := stopped(ctx, i); err != nil {
				return nil, err
			}
			if !v.Valid(i) {
				continue
			}
			r, err := f(a.At(i))
			if err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			out[i] = r
		}
		return store(t, out, v)
	}
}

func map2[A, B, R any](t arrow.DataType, f func(A, B) (R, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b := load[A](args[0]), load[B](args[1])
		v, out := valid(args, n), make([]R, n)
		for i := range out {
			if err := stopped(ctx, i); err != nil {
				return nil, err
			}
			if !v.Valid(i) {
				continue
			}
			r, err := f(a.At(i), b.At(i))
			if err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			out[i] = r
		}
		return store(t, out, v)
	}
}

func map3[A, B, C, R any](t arrow.DataType, f func(A, B, C) (R, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b, c := load[A](args[0]), load[B](args[1]), load[C](args[2])
		v, out := valid(args, n), make([]R, n)
		for i := range out {
			if err := stopped(ctx, i); err != nil {
				return nil, err
			}
			if !v.Valid(i) {
				continue
			}
			r, err := f(a.At(i), b.At(i), c.At(i))
			if err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			out[i] = r
		}
		return store(t, out, v)
	}
}

// pure1 is map1 of a function that cannot fail.
func pure1[A, R any](t arrow.DataType, f func(A) R) batchFunc {
	return map1(t, func(a A) (R, error) { return f(a), nil })
}

// pure2 is map2 of a function that cannot fail.
func pure2[A, B, R any](t arrow.DataType, f func(A, B) R) batchFunc {
	return map2(t, func(a A, b B) (R, error) { return f(a, b), nil })
}

// The same for results that are text or bytes: f appends to dst.

func text1[A any](t arrow.DataType, f func(dst []byte, a A) ([]byte, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a := load[A](args[0])
		return writeText(ctx, t, valid(args, n), n, func(dst []byte, i int) ([]byte, error) { return f(dst, a.At(i)) })
	}
}

func text2[A, B any](t arrow.DataType, f func(dst []byte, a A, b B) ([]byte, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b := load[A](args[0]), load[B](args[1])
		return writeText(ctx, t, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
			return f(dst, a.At(i), b.At(i))
		})
	}
}

func text3[A, B, C any](t arrow.DataType, f func(dst []byte, a A, b B, c C) ([]byte, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b, c := load[A](args[0]), load[B](args[1]), load[C](args[2])
		return writeText(ctx, t, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
			return f(dst, a.At(i), b.At(i), c.At(i))
		})
	}
}

func text4[A, B, C, D any](t arrow.DataType, f func(dst []byte, a A, b B, c C, d D) ([]byte, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b, c, d := load[A](args[0]), load[B](args[1]), load[C](args[2]), load[D](args[3])
		return writeText(ctx, t, valid(args, n), n, func(dst []byte, i int) ([]byte, error) {
			return f(dst, a.At(i), b.At(i), c.At(i), d.At(i))
		})
	}
}

func writeText(ctx *udf.Context, t arrow.DataType, v vector.Validity, n int, row func(dst []byte, i int) ([]byte, error)) (arrow.Array, error) {
	w := newTextWriter(ctx, n)
	for i := range n {
		if err := stopped(ctx, i); err != nil {
			return nil, err
		}
		if v.Valid(i) {
			dst, err := row(w.data, i)
			if err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			w.data = dst
		}
		if err := w.endRow(); err != nil {
			return nil, &udf.RowError{Row: i, Err: err}
		}
	}
	return w.array(t, v), nil
}

func map4[A, B, C, D, R any](t arrow.DataType, f func(A, B, C, D) (R, error)) batchFunc {
	return func(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		a, b, c, d := load[A](args[0]), load[B](args[1]), load[C](args[2]), load[D](args[3])
		v, out := valid(args, n), make([]R, n)
		for i := range out {
			if err := stopped(ctx, i); err != nil {
				return nil, err
			}
			if !v.Valid(i) {
				continue
			}
			r, err := f(a.At(i), b.At(i), c.At(i), d.At(i))
			if err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			out[i] = r
		}
		return store(t, out, v)
	}
}

// constantOf is the kernel of a function without arguments.
func constantOf[R any](t arrow.DataType, value R) batchFunc {
	return func(_ *udf.Context, _ []udf.Arg, n int) (arrow.Array, error) {
		out := make([]R, n)
		for i := range out {
			out[i] = value
		}
		return store(t, out, vector.Validity{})
	}
}
