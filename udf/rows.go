package udf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf/vector"
)

// rows is one batch of calls of a typed function.
type rows[R Value] struct {
	s     *Scalar
	args  []Arg
	row   int // the call under way, for errors and panics
	n     int
	valid vector.Validity // rows that are called: no NULL where none is taken
	out   []R
}

// newRows: nullable[i] tells that parameter i takes NULL.
func newRows[R Value](s *Scalar, nullable []bool, args []Arg, n int) *rows[R] {
	if len(args) > 0 && s.Volatility != Volatile && allConst(args) {
		n = 1
	}
	r := &rows[R]{s: s, args: args, n: n}
	for i, a := range args {
		switch {
		case nullable[i]:
		case !a.Const:
			r.valid = r.valid.And(a.Array, n)
		case a.Array.IsNull(0):
			r.valid = vector.AllNull(n)
			r.out = make([]R, n)
			return r
		}
	}
	r.out = make([]R, n)
	return r
}

// finish, deferred, makes the result, or the error of a call or of a panic.
func (r *rows[R]) finish(out *arrow.Array, err *error) {
	if p := recover(); p != nil {
		*err = r.failed(sqlerr.New(sqlerr.ExternalRoutine, "panic: %v", p))
		return
	}
	if *err == errCanceled {
		return
	}
	if *err != nil {
		*err = r.failed(*err)
		return
	}
	if *out, *err = encode(r.s.Returns, r.out, r.valid); *err != nil {
		*err = sqlerr.Wrap(*err, sqlerr.ExternalRoutine, "function %s", r.s)
	}
}

// failed is the error of the row under way, with the function's name and the
// values it was given.
func (r *rows[R]) failed(err error) error {
	e := &sqlerr.Error{Code: sqlerr.ExternalRoutine, Cause: err}
	text := err.Error()
	if known := (*sqlerr.Error)(nil); errors.As(err, &known) {
		c := *known
		e, text = &c, known.Message
	}
	e.Message = fmt.Sprintf("function %s(%s) failed: %s", r.s.Name, showArgs(r.args, r.row), text)
	return &RowError{Row: r.row, Err: e}
}

// callsPerCheck is how many calls are made between two looks at whether the
// statement was cancelled: a call may take a millisecond, or a nanosecond.
const callsPerCheck = 16

var errCanceled = sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")

// canceled tells whether the statement was cancelled.
func (c *Context) canceled() bool {
	if c == nil || c.Done == nil {
		return false
	}
	select {
	case <-c.Done:
		return true
	default:
		return false
	}
}

// Canceled gives 57014 once the statement was cancelled; nil before that, and for a
// nil Context.
func (c *Context) Canceled() error {
	if c.canceled() {
		return errCanceled
	}
	return nil
}

// maxShown is how much of a value messages show, in bytes.
const maxShown = 60

func showArgs(args []Arg, row int) string {
	shown := make([]string, len(args))
	for i, a := range args {
		shown[i] = showValue(a, row)
	}
	return strings.Join(shown, ", ")
}

func showValue(a Arg, row int) string {
	if a.Const {
		row = 0
	}
	if a.Array.IsNull(row) {
		return "NULL"
	}
	s := a.Array.ValueStr(row)
	if len(s) > maxShown {
		s = strings.ToValidUTF8(s[:maxShown], "") + "…"
	}
	switch a.Array.DataType().ID() {
	case arrow.STRING, arrow.BINARY, arrow.DATE32, arrow.TIMESTAMP:
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return s
}
