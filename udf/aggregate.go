package udf

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/sqltype"
	"volley/udf/vector"
)

// Aggregation is an aggregate over a state of Go type S with a result of type
// R; its step is given apart, because its type depends on the arguments.
//
// States of parts of the input are computed in different goroutines and
// processes, encoded, and merged; a Merge that depends on the order of its
// states needs the option Ordered.
type Aggregation[S any, R Value] struct {
	// Init is the state of no rows; nil: the zero S.
	Init func() S
	// Merge adds the state of other rows to into; nil: the aggregate is
	// computed in one place.
	Merge func(into *S, other S)
	// Final is the result. It must not change the state.
	Final func(state S) R
	// Encode and Decode carry a state between processes; nil: encoding.Binary-
	// Marshaler and -Unmarshaler if *S has them, else encoding/gob.
	Encode func(state S) ([]byte, error)
	Decode func(b []byte) (S, error)
}

// Aggregate1 registers an aggregate of one argument: step adds a row to a
// state. Rows with a NULL argument are left out unless A is a Null. It panics
// as Scalar1 does.
func Aggregate1[S any, A, R Value](name string, step func(state *S, a A), agg Aggregation[S, R], opts ...Option) {
	registerAggregation(name, agg, opts, []param{paramOf[A]()}, func(t *typedAcc[S, R], groups []uint32, args []Arg) {
		a := decode[A](args[0])
		for i, g := range groups {
			if t.row = i; t.valid.Valid(i) {
				step(&t.states[g], a.At(i))
			}
			t.after(i, g)
		}
	})
}

// Aggregate2 registers an aggregate of two arguments.
func Aggregate2[S any, A, B, R Value](name string, step func(state *S, a A, b B), agg Aggregation[S, R], opts ...Option) {
	registerAggregation(name, agg, opts, []param{paramOf[A](), paramOf[B]()}, func(t *typedAcc[S, R], groups []uint32, args []Arg) {
		a, b := decode[A](args[0]), decode[B](args[1])
		for i, g := range groups {
			if t.row = i; t.valid.Valid(i) {
				step(&t.states[g], a.At(i), b.At(i))
			}
			t.after(i, g)
		}
	})
}

// Aggregate3 registers an aggregate of three arguments.
func Aggregate3[S any, A, B, C, R Value](name string, step func(state *S, a A, b B, c C), agg Aggregation[S, R], opts ...Option) {
	registerAggregation(name, agg, opts, []param{paramOf[A](), paramOf[B](), paramOf[C]()}, func(t *typedAcc[S, R], groups []uint32, args []Arg) {
		a, b, c := decode[A](args[0]), decode[B](args[1]), decode[C](args[2])
		for i, g := range groups {
			if t.row = i; t.valid.Valid(i) {
				step(&t.states[g], a.At(i), b.At(i), c.At(i))
			}
			t.after(i, g)
		}
	})
}

func registerAggregation[S any, R Value](name string, agg Aggregation[S, R], opts []Option, params []param,
	update func(t *typedAcc[S, R], groups []uint32, args []Arg),
) {
	d := define(opts)
	returns, _ := sqlTypeOf[R]()
	types, nulls, nullCall := split(params)
	returns, types, err := d.declared(returns, types)
	must(err)
	if agg.Final == nil {
		must(sqlerr.New(sqlerr.SyntaxError, "aggregate %s has no Final", name))
	}
	if agg.Init == nil {
		agg.Init = func() (s S) { return s }
	}
	a := &Aggregate{
		Name: strings.ToLower(name), Params: types, Returns: returns,
		State:    func([]arrow.DataType) []arrow.DataType { return []arrow.DataType{sqltype.Bytea} },
		NullCall: nullCall, Ordered: d.ordered, NoPartial: agg.Merge == nil, Doc: d.doc, User: true,
	}
	if !a.NoPartial && agg.Encode == nil && agg.Decode == nil {
		agg.Encode, agg.Decode = stateCodec[S]()
		_, err := agg.Encode(agg.Init())
		must(err)
	}
	a.New = func(*Context, []arrow.DataType) (Accumulator, error) {
		return &typedAcc[S, R]{a: a, agg: agg, nulls: nulls, update: update}, nil
	}
	must(d.registry.RegisterAggregate(a))
}

// typedAcc is the accumulator of an Aggregation: one S a group.
type typedAcc[S any, R Value] struct {
	a      *Aggregate
	agg    Aggregation[S, R]
	nulls  []bool
	update func(t *typedAcc[S, R], groups []uint32, args []Arg)
	states []S
	args   []Arg // of the update under way, for errors
	row    int
	valid  vector.Validity
	scan   []R // by row, while Scan is under way
}

func (t *typedAcc[S, R]) grow(n int) {
	for len(t.states) < n {
		t.states = append(t.states, t.agg.Init())
	}
}

// Update calls step for each row.
func (t *typedAcc[S, R]) Update(groups []uint32, n int, args []Arg) (err error) {
	t.args, t.row = args, 0
	defer t.recovered(&err)
	t.grow(n)
	t.valid = vector.Validity{}
	for i, a := range args {
		switch {
		case t.nulls[i]:
		case !a.Const:
			t.valid = t.valid.And(a.Array, len(groups))
		case a.Array.IsNull(0):
			return nil
		}
	}
	t.update(t, groups, args)
	return nil
}

// after notes the result of a row's group for Scan.
func (t *typedAcc[S, R]) after(row int, group uint32) {
	if t.scan != nil {
		t.scan[row] = t.agg.Final(t.states[group])
	}
}

// Scan calls Final after each row. It cannot be resumed.
func (t *typedAcc[S, R]) Scan(groups []uint32, args []Arg, resumed bool) (out arrow.Array, err error) {
	if resumed {
		return nil, sqlerr.New(sqlerr.InternalError, "a scan of %s cannot be resumed", t.a)
	}
	defer t.recovered(&err)
	n := int(groups[len(groups)-1]) + 1
	t.grow(n)
	t.scan = make([]R, len(groups))
	for i, a := range args {
		if a.Const && a.Array.IsNull(0) && !t.nulls[i] { // no row is updated
			for row, g := range groups {
				t.after(row, g)
			}
		}
	}
	if err := t.Update(groups, n, args); err != nil {
		return nil, err
	}
	return encode(t.a.Returns, t.scan, vector.Validity{})
}

// Merge decodes and merges states.
func (t *typedAcc[S, R]) Merge(groups []uint32, n int, states []arrow.Array) (err error) {
	t.args = nil
	defer t.recovered(&err)
	t.grow(n)
	b := vector.NewBinary(states[0])
	for i, g := range groups {
		s, err := t.agg.Decode(b.At(i))
		if err != nil {
			return sqlerr.Wrap(err, sqlerr.ExternalRoutine, "aggregate %s: decoding a state", t.a)
		}
		t.agg.Merge(&t.states[g], s)
	}
	return nil
}

// State encodes the states.
func (t *typedAcc[S, R]) State(lo, hi int) (out []arrow.Array, err error) {
	t.args = nil
	defer t.recovered(&err)
	t.grow(hi)
	encoded := make([][]byte, hi-lo)
	for i := range encoded {
		if encoded[i], err = t.agg.Encode(t.states[lo+i]); err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.ExternalRoutine, "aggregate %s: encoding a state", t.a)
		}
	}
	col, err := encodeBinary(sqltype.Bytea, encoded, vector.Validity{})
	return []arrow.Array{col}, err
}

// Result calls Final for each group.
func (t *typedAcc[S, R]) Result(lo, hi int) (out arrow.Array, err error) {
	t.args = nil
	defer t.recovered(&err)
	t.grow(hi)
	results := make([]R, hi-lo)
	for i := range results {
		results[i] = t.agg.Final(t.states[lo+i])
	}
	return encode(t.a.Returns, results, vector.Validity{})
}

// stateSize is the assumed memory of a state beyond what its type shows.
const stateSize = 64

// Bytes assumes states of a small fixed size.
func (t *typedAcc[S, R]) Bytes() int64 { return int64(cap(t.states)) * stateSize }

func (t *typedAcc[S, R]) recovered(err *error) {
	p := recover()
	switch {
	case p == nil:
	case t.args == nil:
		*err = sqlerr.New(sqlerr.ExternalRoutine, "aggregate %s failed: panic: %v", t.a, p)
	default:
		*err = &RowError{Row: t.row, Err: sqlerr.New(sqlerr.ExternalRoutine,
			"aggregate %s(%s) failed: panic: %v", t.a.Name, showArgs(t.args, t.row), p)}
	}
}
