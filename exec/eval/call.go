package eval

import (
	"errors"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// callNode applies a function of the registry.
type callNode struct {
	env  *Env
	fn   *udf.Scalar
	ctx  *udf.Context
	args []node
	typ  arrow.DataType
	pos  int
	// fixed are the arguments without columns, if the function is NULL where one
	// of them is: whatever the others are, but not where another one fails.
	fixed []int

	values   []udf.Arg // scratch
	constant arrow.Array
	over     overDictionary
	keep     bool       // whoever asks takes dictionary arrays
	short    *shortCall // nil: the function has none
	stats    *CallStats // of a user's function; nil for others
}

func (env *Env) compileCall(e *expr.Call) (node, error) {
	fn, err := env.function(e)
	if err != nil {
		return nil, placed(err, e.Pos)
	}
	args, err := env.compileList(e.Args)
	if err != nil {
		return nil, err
	}
	c := &callNode{env: env, fn: fn, ctx: env.Context, args: args, typ: e.Type, pos: e.Pos, values: make([]udf.Arg, len(args))}
	c.short = newShortCall(fn, e.Type, len(args))
	for i, a := range args {
		keepEncoded(a)
		if c.short != nil {
			args[i] = takeShort(a)
		}
	}
	for i, a := range e.Args {
		if !fn.NullCall && env.steady(a) {
			c.fixed = append(c.fixed, i)
		}
	}
	if fn.User {
		c.stats = &CallStats{Name: fn.Name}
		env.Calls = append(env.Calls, c.stats)
	}
	return c, nil
}

// batch calls the function for n rows.
func (c *callNode) batch(args []udf.Arg, n int) (arrow.Array, error) {
	start := time.Time{}
	if c.stats != nil {
		start = time.Now()
	}
	out, err := c.fn.Batch(c.ctx, args, n)
	if c.stats != nil {
		c.stats.Nanos += int64(time.Since(start))
		c.stats.Rows += int64(n)
	}
	if err == nil {
		c.env.made(out)
	}
	return out, err
}

func (c *callNode) eval(b *Batch) (udf.Arg, error) {
	if c.constant != nil {
		return udf.Arg{Array: c.constant, Const: true}, nil
	}
	if err := c.ctx.Canceled(); err != nil { // a batch of long values takes its time
		return udf.Arg{}, err
	}
	if null, err := c.fixedNull(b); null || err != nil {
		return udf.Arg{Array: c.constant, Const: true}, err
	}
	constant := c.fn.Volatility != udf.Volatile
	encoded := -1 // the argument that varies, when only one does and is encoded
	varying := 0
	for i, a := range c.args {
		v, err := a.eval(b)
		if err != nil {
			return v, err
		}
		if !v.Const {
			constant = false
			varying++
			if v.Array.DataType().ID() == arrow.DICTIONARY {
				encoded = i
			}
		}
		c.values[i] = v
	}
	if constant {
		out, err := c.call(1)
		c.constant = out
		return udf.Arg{Array: out, Const: true}, err
	}
	if encoded >= 0 && varying == 1 {
		if out := c.encoded(encoded); out != nil {
			return udf.Arg{Array: out}, nil
		}
	}
	if c.short != nil {
		if out := c.short.call(c.fn, c.values, b.n); out != nil {
			var err error
			if !c.short.keep {
				out, err = kernel.Decode(out)
			}
			return udf.Arg{Array: out}, err
		}
	}
	for i, v := range c.values {
		var err error
		if c.values[i].Array, err = b.Decode(v.Array); err != nil {
			return v, err
		}
	}
	out, err := c.call(b.n)
	if err == nil && out.Len() == 1 && b.n != 1 {
		out, err = kernel.Repeat(out, b.n)
	}
	return udf.Arg{Array: out}, err
}

func (c *callNode) call(n int) (arrow.Array, error) {
	out, err := c.batch(c.values, n)
	if err == nil {
		return out, nil
	}
	if c.fn.User {
		err = c.describe(err)
	}
	return nil, placed(err, c.pos)
}

// describe names the function and the arguments of the row that failed.
func (c *callNode) describe(err error) error {
	row := (*udf.RowError)(nil)
	if !errors.As(err, &row) {
		return codedError(err, c.fn.Name)
	}
	e := codedError(row.Err, c.fn.Name)
	if e.Detail == "" {
		e.Detail = c.fn.Name + "(" + c.rowText(row.Row) + ")"
	}
	return &udf.RowError{Row: row.Row, Err: e}
}

// codedError is a copy of err that names the function; 38000 unless the
// function chose a code.
func codedError(err error, function string) *sqlerr.Error {
	if e := (*sqlerr.Error)(nil); errors.As(err, &e) {
		c := *e
		if !strings.Contains(c.Message, function) {
			c.Message = "function " + function + ": " + c.Message
		}
		return &c
	}
	return sqlerr.Wrap(err, sqlerr.ExternalRoutine, "function %s failed", function)
}

// maxShown is how much of a value an error shows.
const maxShown = 100

func (c *callNode) rowText(row int) string {
	parts := make([]string, len(c.values))
	for i, v := range c.values {
		r := row
		if v.Const {
			r = 0
		}
		if r >= v.Array.Len() || v.Array.IsNull(r) {
			parts[i] = "NULL"
			continue
		}
		enc := sqltype.NewTextEncoder(v.Array.DataType(), sqltype.TextOptions{TimeZone: c.ctx.TimeZone, Style: c.ctx.Style})
		s := string(enc(nil, v.Array, r))
		if len(s) > maxShown {
			s = strings.ToValidUTF8(s[:maxShown], "") + "…"
		}
		if sqltype.Category(v.Array.DataType()) != sqltype.CategoryNumeric {
			s = "'" + strings.ReplaceAll(s, "'", "''") + "'"
		}
		parts[i] = s
	}
	return strings.Join(parts, ", ")
}
