package udf

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/sqltype"
	"volley/udf/vector"
)

// The prefixes of x op ANY (array) and x op ALL (array): "any =" is a function
// of x and the array, for every operator that gives a boolean.
const (
	AnyPrefix = "any "
	AllPrefix = "all "
)

// quantified derives the function of such a name from the operator; nil when
// name has no such prefix.
func (r *Registry) quantified(name string, args []arrow.DataType) (*Scalar, error) {
	op, all := strings.CutPrefix(name, AllPrefix)
	if !all {
		var any bool
		if op, any = strings.CutPrefix(name, AnyPrefix); !any {
			return nil, nil
		}
	}
	if len(args) != 2 || !isArray(args[1]) {
		return nil, r.undefined(name, args)
	}
	f, err := r.FindScalar(op, []arrow.DataType{args[0], elementOf(args[1])})
	if err != nil {
		return nil, err
	}
	q := &quantifier{f: f, all: all}
	return &Scalar{
		Name: name, Params: args, Returns: sqltype.Bool, Volatility: f.Volatility, NullCall: true,
		Cost: 8 * max(f.Cost, 1), Batch: q.batch,
	}, nil
}

// quantifier combines an operator's results over the elements of arrays.
type quantifier struct {
	f   *Scalar
	all bool
}

// verdicts are the results per row so far. Deciding is TRUE for ANY, FALSE for
// ALL.
type verdicts struct {
	decided, unknown []bool
}

func (q *quantifier) batch(ctx *Context, args []Arg, n int) (arrow.Array, error) {
	v := verdicts{decided: make([]bool, n), unknown: make([]bool, n)}
	var err error
	switch arrays := args[1]; {
	case arrays.Const && arrays.Array.IsNull(0):
		return vector.FromBools(v.decided, vector.AllNull(n)), nil
	case arrays.Const:
		err = q.eachElement(ctx, args[0], vector.Elements(arrays.Array).Values, n, v)
	default:
		err = q.eachRow(ctx, args[0], arrays.Array, n, v)
	}
	if err != nil {
		return nil, err
	}
	var valid vector.Validity
	for i := range v.decided {
		if v.unknown[i] && !v.decided[i] {
			valid.SetNull(i, n)
		}
		v.decided[i] = v.decided[i] != q.all
	}
	return vector.FromBools(v.decided, valid), nil
}

// eachElement compares all rows with one element of a constant array after the
// other, until all are decided.
func (q *quantifier) eachElement(ctx *Context, left Arg, elems arrow.Array, n int, v verdicts) error {
	for e := range elems.Len() {
		out, err := q.apply(ctx, []Arg{left, {Array: array.NewSlice(elems, int64(e), int64(e)+1), Const: true}}, n)
		if err != nil {
			return err
		}
		open := false
		for i := range n {
			q.note(out, i, i, v)
			open = open || !v.decided[i]
		}
		if !open {
			return nil
		}
	}
	return nil
}

// eachRow compares each row with the elements of its own array.
func (q *quantifier) eachRow(ctx *Context, left Arg, arrays arrow.Array, n int, v verdicts) error {
	l := vector.Elements(arrays)
	rows := make([]int32, 0, l.Values.Len())
	for i := range n {
		if arrays.IsNull(i) {
			v.unknown[i] = true
		}
		for range l.Len(i) {
			rows = append(rows, int32(i))
		}
	}
	if !left.Const {
		spread, err := vector.Take(left.Array, rows)
		if err != nil {
			return err
		}
		left = Arg{Array: spread}
	}
	out, err := q.apply(ctx, []Arg{left, {Array: l.Values}}, len(rows))
	if err != nil {
		return renumbered(err, rows)
	}
	for e, row := range rows {
		if !arrays.IsNull(int(row)) {
			q.note(out, e, int(row), v)
		}
	}
	return nil
}

// apply calls the operator; a strict one is not asked about a constant NULL.
func (q *quantifier) apply(ctx *Context, args []Arg, n int) (*array.Boolean, error) {
	if n == 0 || !q.f.NullCall && (args[0].Const && args[0].Array.IsNull(0) || args[1].Const && args[1].Array.IsNull(0)) {
		return vector.Nulls(sqltype.Bool, n).(*array.Boolean), nil
	}
	out, err := q.f.Batch(ctx, args, n)
	if err != nil {
		return nil, err
	}
	if out.Len() == 1 && n > 1 {
		if out, err = vector.Take(out, make([]int32, n)); err != nil {
			return nil, err
		}
	}
	return out.(*array.Boolean), nil
}

// note adds result e to row's verdict.
func (q *quantifier) note(out *array.Boolean, e, row int, v verdicts) {
	switch {
	case out.IsNull(e):
		v.unknown[row] = true
	case out.Value(e) != q.all:
		v.decided[row] = true
	}
}
