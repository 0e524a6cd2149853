package eval

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"volley/exec/kernel"
	"volley/exec/rowkey"
	"volley/planner/expr"
	"volley/sqltype"
	"volley/udf"
)

// inNode looks a value up in a hashed set of constants.
type inNode struct {
	arg     node
	negated bool
	set     *rowkey.Probe
	hasNull bool // the list has a NULL: a value not found is NULL, not false
	groups  []uint32

	dict    arrow.ArrayData // dictionary last looked up, and its values' results
	results arrow.Array
}

func (env *Env) compileIn(e *expr.In) (node, error) {
	arg, err := env.compile(e.Arg)
	if err != nil {
		return nil, err
	}
	typ := sqltype.Logical(e.Arg.DataType())
	if err := rowkey.Supported(typ); err != nil {
		return nil, err
	}
	in := &inNode{arg: arg, negated: e.Negated}
	table := rowkey.NewTable([]arrow.DataType{typ})
	var items []arrow.Array
	for _, item := range e.List {
		p, err := env.Compile(item)
		if err != nil {
			return nil, err
		}
		a, err := p.Array(Columns(nil, 1))
		if err != nil {
			return nil, err
		}
		if kernel.IsNull(a, 0) {
			in.hasNull = true
		} else {
			items = append(items, a)
		}
	}
	if len(items) > 0 {
		all, err := kernel.Concat(items)
		if err != nil {
			return nil, err
		}
		table.Assign([]arrow.Array{all}, all.Len(), make([]uint32, all.Len()))
	}
	in.set = table.NewProbe()
	return in, nil
}

func (in *inNode) eval(b *Batch) (udf.Arg, error) {
	a, err := in.arg.eval(b)
	if err != nil {
		return a, err
	}
	if d, ok := a.Array.(*array.Dictionary); ok && d.Dictionary().Len() <= d.Len() {
		if in.dict != d.Dictionary().Data() {
			in.dict, in.results = d.Dictionary().Data(), in.lookup(d.Dictionary())
		}
		out, err := kernel.Take(in.results, kernel.DictRows(d))
		return udf.Arg{Array: out}, err
	}
	return udf.Arg{Array: in.lookup(a.Array), Const: a.Const}, nil
}

func (in *inNode) lookup(a arrow.Array) arrow.Array {
	n := a.Len()
	if cap(in.groups) < n {
		in.groups = make([]uint32, n)
	}
	groups := in.groups[:n]
	t := kernel.Truth{N: n, True: make(kernel.Words, (n+63)/64), False: make(kernel.Words, (n+63)/64)}
	in.set.Find([]arrow.Array{a}, n, groups)
	for i, g := range groups {
		switch {
		case g != rowkey.NoGroup:
			t.True.Set(i)
		case !in.hasNull:
			t.False.Set(i)
		}
	}
	if in.negated {
		t.True, t.False = t.False, t.True
	}
	return kernel.AndValid(t.Array(), kernel.Valid(a))
}
