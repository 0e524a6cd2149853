package udf

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// guarded turns panics of a user's batch function into errors (38000).
func guarded(s *Scalar, f func(*Context, []Arg, int) (arrow.Array, error)) func(*Context, []Arg, int) (arrow.Array, error) {
	if f == nil {
		return nil
	}
	return func(ctx *Context, args []Arg, n int) (out arrow.Array, err error) {
		defer func() {
			if p := recover(); p != nil {
				out, err = nil, panicked(s.String(), p)
			}
		}()
		out, err = f(ctx, args, n)
		if err == nil && (out == nil || out.Len() != n && (out.Len() != 1 || !allConst(args))) {
			return nil, sqlerr.New(sqlerr.ExternalRoutine, "function %s gave an array of the wrong length for %d rows", s, n)
		}
		return out, err
	}
}

// panicked is the error of a panic's value.
func panicked(function string, value any) error {
	return sqlerr.New(sqlerr.ExternalRoutine, "function %s panicked: %s", function, fmt.Sprint(value))
}

func allConst(args []Arg) bool {
	for _, a := range args {
		if !a.Const {
			return false
		}
	}
	return true
}
