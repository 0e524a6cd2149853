package udf

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"volley/sqltype"
	"volley/udf/vector"
)

// VariadicPrefix is that of f(…, VARIADIC array): "variadic f" is a function of
// f's arguments before those that repeat, and of an array of these, for every
// variadic scalar function f.
const VariadicPrefix = "variadic "

// resolveSpread resolves a call by such a name. ok is false for other names.
func (r *Registry) resolveSpread(name string, args []arrow.DataType) (res Resolved[*Scalar], ok bool, err error) {
	base, ok := strings.CutPrefix(name, VariadicPrefix)
	if !ok {
		return res, false, nil
	}
	f := r.variadicNamed(base, args)
	if f == nil {
		return res, true, r.undefined(base, args)
	}
	last := len(args) - 1
	given, err := coerced(signatureOf{f.Params, false}, args)
	if err != nil {
		return res, true, err
	}
	given[last] = args[last]
	if p := f.Params[last]; p != nil {
		given[last] = sqltype.ArrayOf(p, max(1, sqltype.Dimensions(args[last])))
	}
	s := spreadOf(f, given)
	return Resolved[*Scalar]{Func: s, Args: given, Returns: s.Returns}, true, nil
}

// variadicNamed is the overload that takes such arguments, nil when none does.
func (r *Registry) variadicNamed(name string, args []arrow.DataType) *Scalar {
	for _, s := range r.scalarsNamed(name) {
		last := len(args) - 1
		if !s.Variadic || s.Batch == nil || len(s.Params) != len(args) || !isArray(args[last]) {
			continue
		}
		fits := allArgs(args[:last], func(i int, t arrow.DataType) bool { return coercible(t, s.Params[i]) })
		if fits && coercible(elementOf(args[last]), s.Params[last]) {
			return s
		}
	}
	return nil
}

// spreadNamed is the function of such a name for the types that resolution
// gave; nil when name has no such prefix.
func (r *Registry) spreadNamed(name string, args []arrow.DataType) (*Scalar, error) {
	base, ok := strings.CutPrefix(name, VariadicPrefix)
	if !ok {
		return nil, nil
	}
	f := r.variadicNamed(base, args)
	if f == nil {
		return nil, r.undefined(base, args)
	}
	return spreadOf(f, args), nil
}

func spreadOf(f *Scalar, args []arrow.DataType) *Scalar {
	s := &spread{f: f, elem: elementOf(args[len(args)-1])}
	return &Scalar{
		Name: VariadicPrefix + f.Name, Params: args, Returns: f.Returns, Volatility: f.Volatility, NullCall: true,
		Cost: 8 * max(f.Cost, 1), Batch: s.batch,
	}
}

// spread calls a variadic function with the elements of arrays, once for each
// length that the arrays of a batch have.
type spread struct {
	f    *Scalar
	elem arrow.DataType
}

func (s *spread) batch(ctx *Context, args []Arg, n int) (arrow.Array, error) {
	last := len(args) - 1
	fixed, lists := args[:last], args[last]
	l := vector.Elements(lists.Array)
	byLength, lengths := map[int][]int32{}, []int(nil)
	for i := range n {
		at := i
		if lists.Const {
			at = 0
		}
		length := l.Len(at)
		if lists.Array.IsNull(at) {
			length = 0
			if !s.f.EmptyVariadic {
				length = -1
			}
		}
		if byLength[length] == nil {
			lengths = append(lengths, length)
		}
		byLength[length] = append(byLength[length], int32(i))
	}
	parts := make([]arrow.Array, len(lengths))
	order := make([]int32, n)
	at := int32(0)
	for k, length := range lengths {
		rows := byLength[length]
		for j, row := range rows {
			order[row] = at + int32(j)
		}
		at += int32(len(rows))
		var err error
		if parts[k], err = s.rows(ctx, fixed, lists, l, rows, length); err != nil {
			return nil, renumbered(err, rows)
		}
	}
	switch len(parts) {
	case 0:
		return vector.Nulls(s.f.Returns, n), nil
	case 1:
		return parts[0], nil
	}
	all, err := array.Concatenate(parts, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	return vector.Take(all, order)
}

// rows calls the function for the rows whose arrays have length elements; −1 is
// that of NULL.
func (s *spread) rows(ctx *Context, fixed []Arg, lists Arg, l vector.List, rows []int32, length int) (arrow.Array, error) {
	n := len(rows)
	if length < 0 {
		return vector.Nulls(s.f.Returns, n), nil
	}
	args := make([]Arg, len(fixed), len(fixed)+length)
	var nulls vector.Validity // of rows where a strict function is not called
	for i, a := range fixed {
		if !a.Const {
			taken, err := vector.Take(a.Array, rows)
			if err != nil {
				return nil, err
			}
			a.Array = taken
		}
		args[i] = a
	}
	for k := range length {
		places := make([]int32, n)
		for i, row := range rows {
			lo := int(row)
			if lists.Const {
				lo = 0
			}
			from, _ := l.Row(lo)
			places[i] = int32(from + k)
		}
		taken, err := vector.Take(l.Values, places)
		if err != nil {
			return nil, err
		}
		args = append(args, Arg{Array: taken})
	}
	if !s.f.NullCall {
		for _, a := range args {
			if a.Const && a.Array.IsNull(0) {
				return vector.Nulls(s.f.Returns, n), nil
			}
			if !a.Const {
				nulls = nulls.And(a.Array, n)
			}
		}
	}
	out, err := s.f.Batch(ctx, args, n)
	if err != nil {
		return nil, err
	}
	if out.Len() == 1 && n > 1 {
		out, err = vector.Take(out, make([]int32, n))
	}
	if nulls.Nulls > 0 && err == nil {
		out = vector.WithValidity(out, nulls.And(out, n))
	}
	return out, err
}

// IsVariadic tells whether a scalar function of that name takes arguments by
// VARIADIC.
func (r *Registry) IsVariadic(name string) bool {
	for _, s := range r.scalarsNamed(name) {
		if s.Variadic && s.Batch != nil {
			return true
		}
	}
	return false
}

// IsVariadicAny is IsVariadic of a function that takes values of any types.
func (r *Registry) IsVariadicAny(name string) bool {
	for _, s := range r.scalarsNamed(name) {
		if s.Variadic && s.Params[len(s.Params)-1] == nil {
			return true
		}
	}
	return false
}
