package udf

import (
	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
)

// Option says more about a function than its Go type does.
type Option func(*definition)

// definition is what options can set.
type definition struct {
	registry   *Registry
	volatility Volatility
	cost       float64
	doc        string
	returns    arrow.DataType
	params     []arrow.DataType
	ordered    bool
}

// In registers the function into r and not into Default.
func In(r *Registry) Option { return func(d *definition) { d.registry = r } }

// WithVolatility says what the optimizer may assume; without it, a function is
// Immutable: it gives the same result for the same arguments, always.
func WithVolatility(v Volatility) Option { return func(d *definition) { d.volatility = v } }

// WithCost is the expected time of a call in nanoseconds. It decides how finely
// the input is split among workers.
func WithCost(nanos float64) Option { return func(d *definition) { d.cost = nanos } }

// WithDoc is one line for the function table.
func WithDoc(line string) Option { return func(d *definition) { d.doc = line } }

// WithTypes gives the SQL types of the result and of each parameter, where they
// are not those that Value lists: a time.Time may be a date, a timestamp or a
// timestamptz. A nil keeps the usual type.
func WithTypes(returns arrow.DataType, params ...arrow.DataType) Option {
	return func(d *definition) { d.returns, d.params = returns, params }
}

// Ordered says that an aggregate's result depends on the order of its rows.
func Ordered() Option { return func(d *definition) { d.ordered = true } }

func define(opts []Option) definition {
	d := definition{registry: Default}
	for _, o := range opts {
		o(&d)
	}
	return d
}

// must reports a registration that cannot be: a fault of the program, found
// when it starts.
func must(err error) {
	if err != nil {
		panic("udf: " + err.Error())
	}
}

// declared is the SQL types of a function: those of its Go types unless the
// options name others of the same representation.
func (d *definition) declared(returns arrow.DataType, params []arrow.DataType) (arrow.DataType, []arrow.DataType, error) {
	if d.params != nil && len(d.params) != len(params) {
		return nil, nil, sqlerr.New(sqlerr.InvalidParameterValue, "WithTypes names %d parameters of %d", len(d.params), len(params))
	}
	out := append([]arrow.DataType(nil), params...)
	for i, t := range d.params {
		if t == nil {
			continue
		}
		if !sameRepresentation(params[i], t) {
			return nil, nil, sqlerr.New(sqlerr.InvalidParameterValue, "parameter %d cannot be %s", i+1, typeName(t))
		}
		out[i] = t
	}
	if d.returns != nil {
		if !sameRepresentation(returns, d.returns) {
			return nil, nil, sqlerr.New(sqlerr.InvalidParameterValue, "the result cannot be %s", typeName(d.returns))
		}
		returns = d.returns
	}
	return returns, out, nil
}

func sameRepresentation(from, to arrow.DataType) bool {
	if from.ID() == arrow.TIMESTAMP {
		return to.ID() == arrow.TIMESTAMP || to.ID() == arrow.DATE32
	}
	return from.ID() == to.ID()
}
