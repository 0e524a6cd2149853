// Package eval turns bound expressions into programs that run over batches.
//
// A program gives one array for a batch, or a constant that stands for every
// row. Constants are computed once, functions of one dictionary-encoded column
// once per dictionary value. CASE, COALESCE, AND and OR evaluate an operand only
// on the rows that reach it whenever it could fail there or is expensive; such
// sub-selections take just the columns that the operand reads.
//
// The failure of a row is a *udf.RowError whose row counts in the batch given.
package eval

import (
	"errors"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/cast"
	"volley/exec/kernel"
	"volley/planner/expr"
	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf"
)

// Env is what expressions are compiled against.
type Env struct {
	Registry *udf.Registry
	Context  *udf.Context
	// Calls are the counters of the calls of users' functions compiled so far.
	Calls []*CallStats
	// TextMakers is how many operands compiled so far make texts, or may be long.
	TextMakers int
	// Texts is how many bytes of text the programs have made.
	Texts int64
}

// CallStats are the counters of one call of a user's function.
type CallStats struct {
	Name  string
	Rows  int64 // that it was called for
	Nanos int64
}

// Program is a compiled expression, for one goroutine at a time.
type Program struct {
	root node
	typ  arrow.DataType
	env  *Env
}

// node is a compiled operand. A Const result is the same for every batch.
type node interface {
	eval(b *Batch) (udf.Arg, error)
}

// Compile resolves functions and casts.
func (env *Env) Compile(e expr.Expr) (*Program, error) {
	n, err := env.compile(e)
	if err != nil {
		return nil, err
	}
	return &Program{root: n, typ: e.DataType(), env: env}, nil
}

// CompileAll is Compile for each expression.
func (env *Env) CompileAll(list []expr.Expr) ([]*Program, error) {
	out := make([]*Program, len(list))
	for i, e := range list {
		var err error
		if out[i], err = env.Compile(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// KeepEncoded makes the program give a function of one encoded column as a
// dictionary array, too, whose values may be more than the batch has rows.
func (p *Program) KeepEncoded() { keepEncoded(p.root) }

// Arg evaluates to an array of as many rows as the batch, or to a constant.
// Dictionary arrays come from plain column references, and as KeepEncoded says.
func (p *Program) Arg(b *Batch) (udf.Arg, error) { return p.root.eval(b) }

// Array evaluates to one array of as many rows as the batch.
func (p *Program) Array(b *Batch) (arrow.Array, error) {
	a, err := p.root.eval(b)
	if err != nil {
		return nil, err
	}
	out, err := expand(a, b.n)
	if a.Const && err == nil {
		p.env.made(out)
	}
	return out, err
}

// Selected evaluates a predicate to the rows for which it is true; all is true
// when these are all rows (rows is then nil).
func (p *Program) Selected(b *Batch) (rows []int32, all bool, err error) {
	passed, err := p.Passed(b)
	if err != nil {
		return nil, false, err
	}
	if passed.Count() == b.n {
		return nil, true, nil
	}
	return passed.Rows(), false, nil
}

// Passed evaluates a predicate to the bits of the rows for which it is true.
func (p *Program) Passed(b *Batch) (kernel.Words, error) {
	var t kernel.Truth
	var err error
	if l, ok := p.root.(*logicNode); ok {
		t, err = l.truth(b, true)
	} else {
		t, err = truth(p.root, b)
	}
	return t.True, err
}

func truth(n node, b *Batch) (kernel.Truth, error) {
	a, err := n.eval(b)
	if err != nil {
		return kernel.Truth{}, err
	}
	if a.Const {
		return kernel.ConstTruth(a.Array, b.n), nil
	}
	plain, err := b.Decode(a.Array)
	if err != nil {
		return kernel.Truth{}, err
	}
	return kernel.TruthOf(plain), nil
}

func expand(a udf.Arg, n int) (arrow.Array, error) {
	if !a.Const {
		return a.Array, nil
	}
	return kernel.Repeat(a.Array, n)
}

func (env *Env) compile(e expr.Expr) (node, error) {
	switch e := e.(type) {
	case *expr.Column:
		return column(e.Index), nil
	case *expr.Literal:
		if kernel.TextBytes(e.Value) > longLiteral {
			env.TextMakers++
		}
		return literal{e.Value}, nil
	case *expr.Call:
		env.note(e.Type)
		return env.compileCall(e)
	case *expr.Cast:
		env.note(e.Type)
		return env.compileCast(e)
	case *expr.Logic:
		return env.compileLogic(e)
	case *expr.Case:
		return env.compileCase(e)
	case *expr.Coalesce:
		args, err := env.compileList(e.Args)
		return &coalesceNode{args: args, typ: e.Type}, err
	case *expr.In:
		return env.compileIn(e)
	case *expr.Param:
		return nil, sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d", e.Index)
	}
	return nil, sqlerr.New(sqlerr.InternalError, "unknown expression %T", e)
}

func (env *Env) compileList(list []expr.Expr) ([]node, error) {
	out := make([]node, len(list))
	for i, e := range list {
		var err error
		if out[i], err = env.compile(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type column int

func (c column) eval(b *Batch) (udf.Arg, error) {
	a, err := b.Column(int(c))
	if s, ok := a.(*sqltype.ShortDecimalArray); ok {
		a, err = b.Decode(s)
	}
	return udf.Arg{Array: a}, err
}

type literal struct{ value arrow.Array }

func (l literal) eval(*Batch) (udf.Arg, error) { return udf.Arg{Array: l.value, Const: true}, nil }

type castNode struct {
	env      *Env
	arg      node
	f        cast.Func
	pos      int
	constant *arrow.Array
	over     overDictionary
	keep     bool // whoever asks takes dictionary arrays
}

func (env *Env) compileCast(e *expr.Cast) (node, error) {
	arg, err := env.compile(e.Arg)
	if err != nil {
		return nil, err
	}
	f, err := cast.New(e.Arg.DataType(), e.Type, cast.Options{
		TimeZone: env.Context.TimeZone, Style: env.Context.Style, Try: e.Try, Length: int(e.VarcharLen), Pad: e.Pad, Bounded: e.Bounded,
		Now: env.Context.Now, Names: env.names(), Canceled: func() bool { return env.Context.Canceled() != nil },
	})
	if err != nil {
		return nil, placed(err, e.Pos)
	}
	return &castNode{env: env, arg: arg, f: overPlain(f, e.Arg.DataType()), pos: e.Pos}, nil
}

// names finds objects for casts; nil where there is no session.
func (env *Env) names() sqltype.ObjectNames {
	if env.Context.Session == nil {
		return nil
	}
	return env.Context.Session
}

// overPlain lets a cast made for a plain type take dictionary columns.
func overPlain(f cast.Func, from arrow.DataType) cast.Func {
	if from.ID() == arrow.DICTIONARY {
		return f
	}
	return cast.OverDictionary(f)
}

func (c *castNode) eval(b *Batch) (udf.Arg, error) {
	if c.constant != nil {
		return udf.Arg{Array: *c.constant, Const: true}, nil
	}
	a, err := c.arg.eval(b)
	if err != nil {
		return a, err
	}
	if d, ok := a.Array.(*array.Dictionary); ok && !a.Const {
		if out := c.over.apply(d, c.keep, c.f); out != nil {
			return udf.Arg{Array: out}, nil
		}
	}
	out, err := c.f(a.Array)
	if err != nil {
		return a, placed(err, c.pos)
	}
	c.env.made(out)
	if a.Const {
		c.constant = &out
	}
	return udf.Arg{Array: out, Const: a.Const}, nil
}

// placed adds a position in the SQL text to an error of a row or of a call.
func placed(err error, pos int) error {
	if row := (*udf.RowError)(nil); errors.As(err, &row) {
		return &udf.RowError{Row: row.Row, Err: placed(row.Err, pos)}
	}
	e := *sqlerr.Find(err)
	return e.WithPos(pos)
}

// function is a call's overload.
func (env *Env) function(e *expr.Call) (*udf.Scalar, error) {
	var few [4]arrow.DataType
	types := few[:0]
	for _, a := range e.Args {
		types = append(types, sqltype.Logical(a.DataType()))
	}
	return env.Registry.FindScalar(e.Func, types)
}
