package udf

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqltype"
)

// Resolved is the outcome of overload resolution: the function, the types its
// arguments must be cast to (as many as there are arguments), and its result.
type Resolved[F any] struct {
	Func    F
	Args    []arrow.DataType
	Returns arrow.DataType
}

// ResolveScalar chooses the overload of a function or operator for arguments of
// the given types, by PostgreSQL's rules (documentation, chapter 10.2 and
// 10.3). A type sqltype.Unknown is that of a quoted literal or NULL. Errors:
// 42883 when nothing fits, 42725 when several fit equally well.
// The result's Args are not to be changed.
func (r *Registry) ResolveScalar(name string, args []arrow.DataType) (Resolved[*Scalar], error) {
	if res, ok := r.resolved.get(name, args); ok {
		return *res, nil
	}
	own := slices.Clone(args)
	res, err := r.resolved.find(name, own, func() (*Resolved[*Scalar], error) {
		res, err := r.resolveScalar(name, own)
		return &res, err
	})
	return *res, err
}

func (r *Registry) resolveScalar(name string, args []arrow.DataType) (Resolved[*Scalar], error) {
	if res, ok, err := r.resolveSpread(name, args); ok {
		return res, err
	}
	list := r.scalarsNamed(name)
	best, err := r.choose(name, args, len(list), func(i int) signatureOf { return signatureOf{list[i].Params, list[i].Variadic} })
	if err != nil {
		return Resolved[*Scalar]{}, err
	}
	s := list[best]
	out, err := coerced(signatureOf{s.Params, s.Variadic}, args)
	if err != nil {
		return Resolved[*Scalar]{}, err
	}
	if s.ArgsFor != nil {
		if out, err = s.ArgsFor(out); err != nil {
			return Resolved[*Scalar]{}, err
		}
	}
	if s.Batch == nil { // only says how to resolve; another overload does the work
		if s, err = r.FindScalar(name, out); err != nil {
			return Resolved[*Scalar]{}, err
		}
	}
	ret := s.Returns
	if s.ReturnFor != nil {
		if ret, err = s.ReturnFor(out); err != nil {
			return Resolved[*Scalar]{}, err
		}
	}
	return Resolved[*Scalar]{Func: s, Args: out, Returns: ret}, nil
}

// ResolveAggregate chooses the overload of an aggregate as ResolveScalar does.
func (r *Registry) ResolveAggregate(name string, args []arrow.DataType) (Resolved[*Aggregate], error) {
	list := r.aggregatesNamed(name)
	best, err := r.choose(name, args, len(list), func(i int) signatureOf { return signatureOf{list[i].Params, list[i].Variadic} })
	if err != nil {
		return Resolved[*Aggregate]{}, err
	}
	a := list[best]
	out, err := coerced(signatureOf{a.Params, a.Variadic}, args)
	if err != nil {
		return Resolved[*Aggregate]{}, err
	}
	if a.ArgsFor != nil {
		if out, err = a.ArgsFor(out); err != nil {
			return Resolved[*Aggregate]{}, err
		}
	}
	if a.New == nil {
		if a, err = r.FindAggregate(name, out); err != nil {
			return Resolved[*Aggregate]{}, err
		}
	}
	ret := a.Returns
	if a.ReturnFor != nil {
		if ret, err = a.ReturnFor(out); err != nil {
			return Resolved[*Aggregate]{}, err
		}
	}
	return Resolved[*Aggregate]{Func: a, Args: out, Returns: ret}, nil
}

// FindScalar finds the overload whose parameters are exactly args, as
// ResolveScalar gave them. Neither keeps args, which may be on the stack.
func (r *Registry) FindScalar(name string, args []arrow.DataType) (*Scalar, error) {
	if s, ok := r.found.get(name, args); ok {
		return s, nil
	}
	own := slices.Clone(args)
	return r.found.find(name, own, func() (*Scalar, error) { return r.findScalar(name, own) })
}

func (r *Registry) findScalar(name string, args []arrow.DataType) (*Scalar, error) {
	if q, err := r.quantified(name, args); q != nil || err != nil {
		return q, err
	}
	if s, err := r.spreadNamed(name, args); s != nil || err != nil {
		return s, err
	}
	var loose *Scalar
	for _, s := range r.scalarsNamed(name) {
		sig := signatureOf{s.Params, s.Variadic}
		if s.Batch == nil || !sig.accepts(args) {
			continue
		}
		if sig.exact(args) {
			return s, nil
		}
		loose = s
	}
	if loose != nil {
		return loose, nil
	}
	return nil, r.undefined(name, args)
}

// FindAggregate finds the overload whose parameters are exactly args, as
// ResolveAggregate gave them.
func (r *Registry) FindAggregate(name string, args []arrow.DataType) (*Aggregate, error) {
	var loose *Aggregate
	for _, a := range r.aggregatesNamed(name) {
		sig := signatureOf{a.Params, a.Variadic}
		if a.New == nil || !sig.accepts(args) {
			continue
		}
		if sig.exact(args) {
			return a, nil
		}
		loose = a
	}
	if loose != nil {
		return loose, nil
	}
	return nil, r.undefined(name, args)
}

// signatureOf is the part of a function that resolution looks at.
type signatureOf struct {
	params   []arrow.DataType
	variadic bool
}

// takes tells whether n arguments are possible.
func (s signatureOf) takes(n int) bool {
	return n == len(s.params) || s.variadic && n > len(s.params)
}

// param is the type of the i-th argument.
func (s signatureOf) param(i int) arrow.DataType { return s.params[min(i, len(s.params)-1)] }

// exact tells whether every argument has its parameter's own type.
func (s signatureOf) exact(args []arrow.DataType) bool {
	return s.takes(len(args)) && allArgs(args, func(i int, t arrow.DataType) bool { return identical(t, s.param(i)) })
}

// accepts is exact, but any type may stand for a parameter of any type.
func (s signatureOf) accepts(args []arrow.DataType) bool {
	if !s.takes(len(args)) || !allArgs(args, func(i int, t arrow.DataType) bool {
		p := s.param(i)
		return p == nil || identical(t, p) || asPolymorphic(p) != nil && asPolymorphic(p).takes(t)
	}) {
		return false
	}
	_, ok := s.element(args)
	return ok
}

// reachable tells whether implicit casts take args to the parameters.
func (s signatureOf) reachable(args []arrow.DataType) bool {
	if !s.takes(len(args)) || !allArgs(args, func(i int, t arrow.DataType) bool { return coercible(t, s.param(i)) }) {
		return false
	}
	_, ok := s.element(args)
	return ok
}

func allArgs(args []arrow.DataType, f func(int, arrow.DataType) bool) bool {
	for i, t := range args {
		if !f(i, t) {
			return false
		}
	}
	return true
}

// coerced is the types args are cast to. An unknown one for a parameter of any
// type becomes text; an integer for a Decimal becomes the decimal that holds
// all its values.
func coerced(s signatureOf, args []arrow.DataType) ([]arrow.DataType, error) {
	out := make([]arrow.DataType, len(args))
	for i, t := range args {
		p := s.param(i)
		switch {
		case p == nil && isUnknown(t):
			out[i] = sqltype.Text
		case p == nil:
			out[i] = t
		case isDecimalParam(p):
			out[i] = asDecimal(t)
		default:
			out[i] = p
		}
	}
	return out, s.polymorphicArgs(args, out)
}

func asDecimal(t arrow.DataType) arrow.DataType {
	switch t.ID() {
	case arrow.INT16:
		return sqltype.Decimal(5, 0)
	case arrow.INT32:
		return sqltype.Decimal(10, 0)
	case arrow.INT64:
		return sqltype.Decimal(19, 0)
	}
	return t
}

func isUnknown(t arrow.DataType) bool { return t.ID() == arrow.NULL }

func isDecimalParam(t arrow.DataType) bool {
	d, ok := t.(*arrow.Decimal128Type)
	return ok && d.Precision == 0
}

func isNumeric(t arrow.DataType) bool { return sqltype.Equal(t, sqltype.Numeric) }

// identical tells whether an argument of type t needs no cast for parameter p.
func identical(t, p arrow.DataType) bool {
	switch {
	case p == nil || isUnknown(t) || asPolymorphic(p) != nil:
		return false
	case isDecimalParam(p):
		return t.ID() == arrow.DECIMAL128
	}
	return sqltype.Equal(t, p)
}

// coercible tells whether an argument of type t can be given to parameter p
// without the SQL saying so. An unknown literal has no scale, so it never
// becomes a Decimal: every function of Decimals has an overload for Numeric.
func coercible(t, p arrow.DataType) bool {
	switch {
	case p == nil:
		return true
	case asPolymorphic(p) != nil:
		return asPolymorphic(p).takes(t)
	case isDecimalParam(p):
		return t.ID() == arrow.DECIMAL128 || !sqltype.Equal(asDecimal(t), t)
	case isUnknown(t), identical(t, p):
		return true
	case t.ID() == arrow.DECIMAL128 && isNumeric(p):
		return true
	}
	return p.ID() != arrow.DECIMAL128 && sqltype.CanCast(t, p, sqltype.Implicit)
}

// choose is the index of the overload for args.
func (r *Registry) choose(name string, args []arrow.DataType, n int, at func(int) signatureOf) (int, error) {
	sigs := make([]signatureOf, n)
	for i := range sigs {
		sigs[i] = at(i)
	}
	for i, s := range sigs {
		if s.exact(args) {
			return i, nil
		}
	}
	if IsOperator(name) && len(args) == 2 {
		if i := operatorWithLiteral(sigs, args); i >= 0 {
			return i, nil
		}
	}
	var candidates []int
	for i, s := range sigs {
		if s.reachable(args) {
			candidates = append(candidates, i)
		}
	}
	switch len(candidates) {
	case 0:
		return 0, r.undefined(name, args)
	case 1:
		return candidates[0], nil
	}
	if candidates = narrow(sigs, candidates, args); len(candidates) != 1 {
		return 0, ambiguous(name, args)
	}
	return candidates[0], nil
}

// operatorWithLiteral is binary_oper_exact: a literal is taken to have the type
// of the other operand, if there is an operator for two of these.
func operatorWithLiteral(sigs []signatureOf, args []arrow.DataType) int {
	known := args[0]
	if isUnknown(known) {
		known = args[1]
	}
	if isUnknown(known) || !isUnknown(args[0]) && !isUnknown(args[1]) {
		return -1
	}
	if known.ID() == arrow.DECIMAL128 {
		known = sqltype.Numeric
	}
	same := []arrow.DataType{known, known}
	return slices.IndexFunc(sigs, func(s signatureOf) bool { return s.exact(same) })
}

// ChooseSignature is the index of the overload, of those with the given
// parameters, that is called with args; errors as of ResolveScalar.
func (r *Registry) ChooseSignature(name string, params [][]arrow.DataType, args []arrow.DataType) (int, error) {
	return r.choose(name, args, len(params), func(i int) signatureOf { return signatureOf{params[i], false} })
}
