package udf

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
)

type batchFunc = func(ctx *Context, args []Arg, n int) (arrow.Array, error)

// param is one parameter of a typed function.
type param struct {
	t    arrow.DataType
	null bool
}

func paramOf[T Value]() param {
	t, null := sqlTypeOf[T]()
	return param{t, null}
}

// registerTyped registers a function of Go values; batch makes its kernel.
func registerTyped[R Value](name string, opts []Option, params []param, batch func(s *Scalar, nulls []bool) batchFunc) {
	d := define(opts)
	returns, _ := sqlTypeOf[R]()
	types, nulls, nullCall := split(params)
	returns, types, err := d.declared(returns, types)
	must(err)
	s := &Scalar{
		Name: strings.ToLower(name), Params: types, Returns: returns,
		Volatility: d.volatility, NullCall: nullCall, Cost: d.cost, Doc: d.doc, User: true,
	}
	if s.Cost == 0 {
		s.Cost = defaultCost
	}
	s.Batch = batch(s, nulls)
	must(d.registry.RegisterScalar(s))
}

// defaultCost is the time assumed of a user's function, in nanoseconds.
const defaultCost = 100

func split(params []param) (types []arrow.DataType, nulls []bool, anyNull bool) {
	for _, p := range params {
		types, nulls = append(types, p.t), append(nulls, p.null)
		anyNull = anyNull || p.null
	}
	return types, nulls, anyNull
}
