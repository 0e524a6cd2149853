package udf

import "github.com/apache/arrow/go/v15/arrow"

// ScalarN registers a function of N arguments, called once per row. Rows with a
// NULL argument give NULL without a call, unless that parameter is a Null. It
// panics if the function cannot be registered, such as a second one of the same
// name and types: that is a fault of the program, and shows when it starts.
//
// ScalarNErr is the same for functions that can fail: the error ends the query,
// with the function's name, its arguments, and the file and line of the row.
// An error of package sqlerr keeps its SQLSTATE; others are 38000, and so are
// panics.
//
// The function may be called from several goroutines at once.

// Scalar0 registers a function of 0 arguments.
func Scalar0[R Value](name string, fn func() R, opts ...Option) {
	Scalar0Err(name, func() (R, error) { return fn(), nil }, opts...)
}

// Scalar0Err registers a function of 0 arguments that can fail.
func Scalar0Err[R Value](name string, fn func() (R, error), opts ...Option) {
	registerTyped[R](name, opts, []param{}, func(s *Scalar, nulls []bool) batchFunc {
		return func(ctx *Context, args []Arg, n int) (out arrow.Array, err error) {
			r := newRows[R](s, nulls, args, n)
			defer r.finish(&out, &err)
			for i := range r.out {
				if r.row = i; !r.valid.Valid(i) {
					continue
				}
				if i%callsPerCheck == 0 && ctx.canceled() {
					return nil, errCanceled
				}
				if r.out[i], err = fn(); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}
	})
}

// Scalar1 registers a function of 1 argument.
func Scalar1[A, R Value](name string, fn func(A) R, opts ...Option) {
	Scalar1Err(name, func(a A) (R, error) { return fn(a), nil }, opts...)
}

// Scalar1Err registers a function of 1 argument that can fail.
func Scalar1Err[A, R Value](name string, fn func(A) (R, error), opts ...Option) {
	registerTyped[R](name, opts, []param{paramOf[A]()}, func(s *Scalar, nulls []bool) batchFunc {
		return func(ctx *Context, args []Arg, n int) (out arrow.Array, err error) {
			r := newRows[R](s, nulls, args, n)
			defer r.finish(&out, &err)
			a := decode[A](args[0])
			for i := range r.out {
				if r.row = i; !r.valid.Valid(i) {
					continue
				}
				if i%callsPerCheck == 0 && ctx.canceled() {
					return nil, errCanceled
				}
				if r.out[i], err = fn(a.At(i)); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}
	})
}

// Scalar2 registers a function of 2 arguments.
func Scalar2[A, B, R Value](name string, fn func(A, B) R, opts ...Option) {
	Scalar2Err(name, func(a A, b B) (R, error) { return fn(a, b), nil }, opts...)
}

// Scalar2Err registers a function of 2 arguments that can fail.
func Scalar2Err[A, B, R Value](name string, fn func(A, B) (R, error), opts ...Option) {
	registerTyped[R](name, opts, []param{paramOf[A](), paramOf[B]()}, func(s *Scalar, nulls []bool) batchFunc {
		return func(ctx *Context, args []Arg, n int) (out arrow.Array, err error) {
			r := newRows[R](s, nulls, args, n)
			defer r.finish(&out, &err)
			a := decode[A](args[0])
			b := decode[B](args[1])
			for i := range r.out {
				if r.row = i; !r.valid.Valid(i) {
					continue
				}
				if i%callsPerCheck == 0 && ctx.canceled() {
					return nil, errCanceled
				}
				if r.out[i], err = fn(a.At(i), b.At(i)); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}
	})
}

// Scalar3 registers a function of 3 arguments.
func Scalar3[A, B, C, R Value](name string, fn func(A, B, C) R, opts ...Option) {
	Scalar3Err(name, func(a A, b B, c C) (R, error) { return fn(a, b, c), nil }, opts...)
}

// Scalar3Err registers a function of 3 arguments that can fail.
func Scalar3Err[A, B, C, R Value](name string, fn func(A, B, C) (R, error), opts ...Option) {
	registerTyped[R](name, opts, []param{paramOf[A](), paramOf[B](), paramOf[C]()}, func(s *Scalar, nulls []bool) batchFunc {
		return func(ctx *Context, args []Arg, n int) (out arrow.Array, err error) {
			r := newRows[R](s, nulls, args, n)
			defer r.finish(&out, &err)
			a := decode[A](args[0])
			b := decode[B](args[1])
			c := decode[C](args[2])
			for i := range r.out {
				if r.row = i; !r.valid.Valid(i) {
					continue
				}
				if i%callsPerCheck == 0 && ctx.canceled() {
					return nil, errCanceled
				}
				if r.out[i], err = fn(a.At(i), b.At(i), c.At(i)); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}
	})
}

// Scalar4 registers a function of 4 arguments.
func Scalar4[A, B, C, D, R Value](name string, fn func(A, B, C, D) R, opts ...Option) {
	Scalar4Err(name, func(a A, b B, c C, d D) (R, error) { return fn(a, b, c, d), nil }, opts...)
}

// Scalar4Err registers a function of 4 arguments that can fail.
func Scalar4Err[A, B, C, D, R Value](name string, fn func(A, B, C, D) (R, error), opts ...Option) {
	registerTyped[R](name, opts, []param{paramOf[A](), paramOf[B](), paramOf[C](), paramOf[D]()}, func(s *Scalar, nulls []bool) batchFunc {
		return func(ctx *Context, args []Arg, n int) (out arrow.Array, err error) {
			r := newRows[R](s, nulls, args, n)
			defer r.finish(&out, &err)
			a := decode[A](args[0])
			b := decode[B](args[1])
			c := decode[C](args[2])
			d := decode[D](args[3])
			for i := range r.out {
				if r.row = i; !r.valid.Valid(i) {
					continue
				}
				if i%callsPerCheck == 0 && ctx.canceled() {
					return nil, errCanceled
				}
				if r.out[i], err = fn(a.At(i), b.At(i), c.At(i), d.At(i)); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}
	})
}

// Scalar5 registers a function of 5 arguments.
func Scalar5[A, B, C, D, E, R Value](name string, fn func(A, B, C, D, E) R, opts ...Option) {
	Scalar5Err(name, func(a A, b B, c C, d D, e E) (R, error) { return fn(a, b, c, d, e), nil }, opts...)
}

// Scalar5Err registers a function of 5 arguments that can fail.
func Scalar5Err[A, B, C, D, E, R Value](name string, fn func(A, B, C, D, E) (R, error), opts ...Option) {
	registerTyped[R](name, opts, []param{paramOf[A](), paramOf[B](), paramOf[C](), paramOf[D](), paramOf[E]()}, func(s *Scalar, nulls []bool) batchFunc {
		return func(ctx *Context, args []Arg, n int) (out arrow.Array, err error) {
			r := newRows[R](s, nulls, args, n)
			defer r.finish(&out, &err)
			a := decode[A](args[0])
			b := decode[B](args[1])
			c := decode[C](args[2])
			d := decode[D](args[3])
			e := decode[E](args[4])
			for i := range r.out {
				if r.row = i; !r.valid.Valid(i) {
					continue
				}
				if i%callsPerCheck == 0 && ctx.canceled() {
					return nil, errCanceled
				}
				if r.out[i], err = fn(a.At(i), b.At(i), c.At(i), d.At(i), e.At(i)); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}
	})
}

// Scalar6 registers a function of 6 arguments.
func Scalar6[A, B, C, D, E, F, R Value](name string, fn func(A, B, C, D, E, F) R, opts ...Option) {
	Scalar6Err(name, func(a A, b B, c C, d D, e E, f F) (R, error) { return fn(a, b, c, d, e, f), nil }, opts...)
}

// Scalar6Err registers a function of 6 arguments that can fail.
func Scalar6Err[A, B, C, D, E, F, R Value](name string, fn func(A, B, C, D, E, F) (R, error), opts ...Option) {
	registerTyped[R](name, opts, []param{paramOf[A](), paramOf[B](), paramOf[C](), paramOf[D](), paramOf[E](), paramOf[F]()}, func(s *Scalar, nulls []bool) batchFunc {
		return func(ctx *Context, args []Arg, n int) (out arrow.Array, err error) {
			r := newRows[R](s, nulls, args, n)
			defer r.finish(&out, &err)
			a := decode[A](args[0])
			b := decode[B](args[1])
			c := decode[C](args[2])
			d := decode[D](args[3])
			e := decode[E](args[4])
			f := decode[F](args[5])
			for i := range r.out {
				if r.row = i; !r.valid.Valid(i) {
					continue
				}
				if i%callsPerCheck == 0 && ctx.canceled() {
					return nil, errCanceled
				}
				if r.out[i], err = fn(a.At(i), b.At(i), c.At(i), d.At(i), e.At(i), f.At(i)); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}
	})
}

// Scalar7 registers a function of 7 arguments.
func Scalar7[A, B, C, D, E, F, G, R Value](name string, fn func(A, B, C, D, E, F, G) R, opts ...Option) {
	Scalar7Err(name, func(a A, b B, c C, d D, e E, f F, g G) (R, error) { return fn(a, b, c, d, e, f, g), nil }, opts...)
}

// Scalar7Err registers a function of 7 arguments that can fail.
func Scalar7Err[A, B, C, D, E, F, G, R Value](name string, fn func(A, B, C, D, E, F, G) (R, error), opts ...Option) {
	registerTyped[R](name, opts, []param{paramOf[A](), paramOf[B](), paramOf[C](), paramOf[D](), paramOf[E](), paramOf[F](), paramOf[G]()}, func(s *Scalar, nulls []bool) batchFunc {
		return func(ctx *Context, args []Arg, n int) (out arrow.Array, err error) {
			r := newRows[R](s, nulls, args, n)
			defer r.finish(&out, &err)
			a := decode[A](args[0])
			b := decode[B](args[1])
			c := decode[C](args[2])
			d := decode[D](args[3])
			e := decode[E](args[4])
			f := decode[F](args[5])
			g := decode[G](args[6])
			for i := range r.out {
				if r.row = i; !r.valid.Valid(i) {
					continue
				}
				if i%callsPerCheck == 0 && ctx.canceled() {
					return nil, errCanceled
				}
				if r.out[i], err = fn(a.At(i), b.At(i), c.At(i), d.At(i), e.At(i), f.At(i), g.At(i)); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}
	})
}

// Scalar8 registers a function of 8 arguments.
func Scalar8[A, B, C, D, E, F, G, H, R Value](name string, fn func(A, B, C, D, E, F, G, H) R, opts ...Option) {
	Scalar8Err(name, func(a A, b B, c C, d D, e E, f F, g G, h H) (R, error) { return fn(a, b, c, d, e, f, g, h), nil }, opts...)
}

// Scalar8Err registers a function of 8 arguments that can fail.
func Scalar8Err[A, B, C, D, E, F, G, H, R Value](name string, fn func(A, B, C, D, E, F, G, H) (R, error), opts ...Option) {
	registerTyped[R](name, opts, []param{paramOf[A](), paramOf[B](), paramOf[C](), paramOf[D](), paramOf[E](), paramOf[F](), paramOf[G](), paramOf[H]()}, func(s *Scalar, nulls []bool) batchFunc {
		return func(ctx *Context, args []Arg, n int) (out arrow.Array, err error) {
			r := newRows[R](s, nulls, args, n)
			defer r.finish(&out, &err)
			a := decode[A](args[0])
			b := decode[B](args[1])
			c := decode[C](args[2])
			d := decode[D](args[3])
			e := decode[E](args[4])
			f := decode[F](args[5])
			g := decode[G](args[6])
			h := decode[H](args[7])
			for i := range r.out {
				if r.row = i; !r.valid.Valid(i) {
					continue
				}
				if i%callsPerCheck == 0 && ctx.canceled() {
					return nil, errCanceled
				}
				if r.out[i], err = fn(a.At(i), b.At(i), c.At(i), d.At(i), e.At(i), f.At(i), g.At(i), h.At(i)); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}
	})
}
