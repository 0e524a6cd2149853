package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
	"volley/udf"
)

// simplifyGroupings drops what a grouping does for nothing. A key that is computed
// from other keys, such as a + 1 beside a, is computed from them above. Where the
// keys are a key of the input, as a primary key is, each row is a group of its own
// and aggregates are expressions over it.
func simplifyGroupings(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		a, ok := n.(*logical.Aggregate)
		if !ok || len(a.Keys) == 0 || len(a.Always) > 0 {
			return n
		}
		if p := o.singleRowGroups(a); p != nil {
			return p
		}
		return o.withoutDependentKeys(a)
	})
}

// singleRowGroups is a projection for a grouping whose groups have one row each;
// nil when that is not known or not possible.
func (o *optimizer) singleRowGroups(a *logical.Aggregate) logical.Node {
	if !o.isUniqueOn(a.Input, a.Keys, nil) {
		return nil
	}
	exprs, names := append([]expr.Expr(nil), a.Keys...), make([]string, 0, len(a.Keys)+len(a.Aggs))
	for _, call := range a.Aggs {
		e := overOneRow(call)
		if e == nil {
			return nil
		}
		exprs = append(exprs, e)
	}
	for _, f := range a.Out.Fields() {
		names = append(names, f.Name)
	}
	return logical.NewProject(a.Input, exprs, names)
}

// overOneRow is an aggregate of a single row; nil for those that are more than the
// value.
func overOneRow(a logical.AggCall) expr.Expr {
	var e expr.Expr
	switch {
	case a.Func == "count" && len(a.Args) == 0:
		e = int64Literal(1)
	case a.Func == "count" && len(a.Args) == 1:
		e = &expr.Case{Whens: []expr.When{{Cond: test("is null", a.Args[0]), Then: int64Literal(0)}}, Else: int64Literal(1), Type: sqltype.Int64}
	case len(a.Args) != 1:
		return nil
	default:
		switch a.Func {
		case "min", "max", "any_value", "first", "bool_and", "bool_or", "every":
			e = a.Args[0]
		case "sum":
			if t := a.Args[0].DataType(); !sqltype.IsInteger(t) && !sqltype.IsFloat(t) && !sqltype.IsDecimal(t) {
				return nil
			}
			e = castTo(a.Args[0], a.Type)
		}
		if e == nil || !sqltype.Equal(e.DataType(), a.Type) {
			return nil
		}
	}
	if a.Filter == nil {
		return e
	}
	none := expr.Expr(nullOf(a.Type))
	if a.Func == "count" {
		none = int64Literal(0)
	}
	return &expr.Case{Whens: []expr.When{{Cond: a.Filter, Then: e}}, Else: none, Type: a.Type}
}

// withoutDependentKeys groups by those keys only that do not follow from others.
func (o *optimizer) withoutDependentKeys(a *logical.Aggregate) logical.Node {
	place := map[int]int{} // input column → key
	for i, k := range a.Keys {
		c, ok := k.(*expr.Column)
		if _, twice := place[columnIndex(c)]; ok && !twice && identified(c.Type) {
			place[c.Index] = i
		}
	}
	var keys []expr.Expr
	var names []string
	at := make([]int, len(a.Keys)) // −1: it follows from others
	for i, k := range a.Keys {
		at[i] = len(keys)
		if o.follows(k, i, place) {
			at[i] = -1
			continue
		}
		keys, names = append(keys, k), append(names, a.Out.Field(i).Name)
	}
	if len(keys) == len(a.Keys) {
		return a
	}
	out := logical.NewAggregate(a.Input, keys, names, a.Aggs)
	exprs, all := make([]expr.Expr, 0, a.Out.NumFields()), make([]string, 0, a.Out.NumFields())
	for i, f := range a.Out.Fields() {
		all = append(all, f.Name)
		switch {
		case i >= len(a.Keys):
			exprs = append(exprs, columnAt(out, len(keys)+i-len(a.Keys)))
		case at[i] >= 0:
			exprs = append(exprs, columnAt(out, at[i]))
		default:
			exprs = append(exprs, expr.MapColumns(a.Keys[i], func(c *expr.Column) expr.Expr { return columnAt(out, at[place[c.Index]]) }))
		}
	}
	return logical.NewProject(out, exprs, all)
}

func columnIndex(c *expr.Column) int {
	if c == nil {
		return -1
	}
	return c.Index
}

// follows tells whether a key, the i-th, is computed from others alone.
func (o *optimizer) follows(k expr.Expr, i int, place map[int]int) bool {
	if !expr.HasColumns(k) || o.volatility(k) == udf.Volatile {
		return false
	}
	all := true
	expr.EachColumn(k, func(c *expr.Column) {
		at, ok := place[c.Index]
		all = all && ok && at != i
	})
	return all
}
