package planner

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/planner/expr"
	"volley/planner/logical"
)

// pushAggregate groups by the domain too. Without keys there is a group for
// every row of the domain, even if it has no rows.
func (u *unnesting) pushAggregate(n *logical.Aggregate) (logical.Node, error) {
	in, err := u.inOrder(n.Input, dependsOnOrder(n.Aggs))
	if err != nil {
		return nil, err
	}
	domain, dnames := u.columns(in)
	keys := append(u.innerAll(n.Keys, in), domain...)
	aggs := u.frame.counted(mapAggs(n.Aggs, func(e expr.Expr) expr.Expr { return u.inner(e, in) }), len(n.Keys) == 0)
	keyNames := append(append([]string(nil), names(n)[:len(n.Keys)]...), dnames...)
	grouped := logical.NewAggregate(in, keys, keyNames, aggs)
	if len(n.Keys) > 0 {
		columns := columnsOf(grouped)
		out := append(append([]expr.Expr(nil), columns[:len(n.Keys)]...), columns[len(keys):]...)
		return logical.NewProject(grouped, append(out, columns[len(n.Keys):len(keys)]...), append(names(n), dnames...)), nil
	}
	j := logical.NewJoin(logical.LeftOuter, u.domain, grouped)
	j.On = u.agree(columnsOf(u.domain), columnsOf(j)[u.width:2*u.width])
	node, values := u.frame.withEmptyGroups(j, n, columnsOf(j)[2*u.width:])
	return logical.NewProject(node, append(values, columnsOf(u.domain)...), append(names(n), dnames...)), nil
}

// dependsOnOrder tells whether a result depends on the order of rows.
func dependsOnOrder(aggs []logical.AggCall) bool {
	for _, a := range aggs {
		if a.Ordered && len(a.OrderBy) == 0 {
			return true
		}
	}
	return false
}

// mapAggs applies f to the expressions of aggregates.
func mapAggs(aggs []logical.AggCall, f func(expr.Expr) expr.Expr) []logical.AggCall {
	out := append([]logical.AggCall(nil), aggs...)
	for i, a := range out {
		out[i].Args = append([]expr.Expr(nil), a.Args...)
		for k, e := range a.Args {
			out[i].Args[k] = f(e)
		}
		if a.Filter != nil {
			out[i].Filter = f(a.Filter)
		}
		out[i].OrderBy = append([]logical.SortKey(nil), a.OrderBy...)
		for k, key := range a.OrderBy {
			out[i].OrderBy[k].Expr = f(key.Expr)
		}
	}
	return out
}

// zeroOnEmpty are aggregates that are 0 without rows.
var zeroOnEmpty = map[string]bool{"count": true, "regr_count": true, "approx_count_distinct": true}

// computedOnEmpty tells whether an aggregate may be something else than NULL or
// 0 without rows.
func (b *binder) computedOnEmpty(a logical.AggCall) bool {
	switch a.Func {
	case "rank", "dense_rank", "percent_rank", "cume_dist":
		return true
	}
	types := make([]arrow.DataType, len(a.Args))
	for i, e := range a.Args {
		types[i] = e.DataType()
	}
	f, err := b.p.Registry.FindAggregate(a.Func, types)
	return err == nil && f.User
}

// counted adds count(*), which tells groups from their absence, to aggregates
// that withEmptyGroups needs to compute.
func (b *binder) counted(aggs []logical.AggCall, whole bool) []logical.AggCall {
	if !whole || !slices.ContainsFunc(aggs, b.computedOnEmpty) {
		return aggs
	}
	count, err := b.aggregateCall("count", -1, nil, nil)
	if err != nil {
		return aggs
	}
	return append(aggs, count)
}

// withEmptyGroups gives the values of aggregates, columns of node, which has
// NULLs instead of a group where there are no rows: there they are what the
// aggregates are without rows. (Forgetting that is known as the COUNT bug.)
func (b *binder) withEmptyGroups(node logical.Node, n *logical.Aggregate, columns []expr.Expr) (logical.Node, []expr.Expr) {
	values := append([]expr.Expr(nil), columns[:len(n.Aggs)]...)
	var empty []expr.Expr
	if len(columns) > len(n.Aggs) {
		none := logical.NewAggregate(&logical.Values{Out: n.Input.Schema()}, nil, nil, mapAggs(n.Aggs, withoutOuter))
		width := node.Schema().NumFields()
		node = logical.NewJoin(logical.Inner, node, none)
		empty = columnsOf(node)[width:]
	}
	for i, a := range n.Aggs {
		switch {
		case zeroOnEmpty[a.Func]:
			values[i] = &expr.Coalesce{Args: []expr.Expr{values[i], int64Literal(0)}, Type: a.Type}
		case empty != nil && b.computedOnEmpty(a):
			values[i] = &expr.Case{Whens: []expr.When{{Cond: test("is null", columns[len(n.Aggs)]), Then: empty[i]}}, Else: values[i], Type: a.Type}
		}
	}
	return node, values
}

// withoutOuter has NULL for columns of outer queries, in an expression that no row
// reaches.
func withoutOuter(e expr.Expr) expr.Expr {
	return expr.MapColumns(e, func(c *expr.Column) expr.Expr {
		if c.Index < outerBase {
			return c
		}
		return nullOf(c.Type)
	})
}

// scalarAggregate is a subquery that aggregates all its rows: cond says whether
// its one row remains, exprs are its columns, over the aggregates.
type scalarAggregate struct {
	agg   *logical.Aggregate
	exprs []expr.Expr
	conds []expr.Expr
}

// asScalarAggregate recognises projections and selections of an aggregation
// without keys.
func asScalarAggregate(n logical.Node) (s scalarAggregate, ok bool) {
	switch n := n.(type) {
	case *logical.Aggregate:
		return scalarAggregate{agg: n, exprs: columnsOf(n)}, len(n.Keys) == 0
	case *logical.Sort:
		return asScalarAggregate(n.Input)
	case *logical.Limit:
		if count, known := constantCount(n.Count); known && count > 0 && n.Offset == nil {
			return asScalarAggregate(n.Input)
		}
	case *logical.Filter:
		if s, ok = asScalarAggregate(n.Input); ok {
			for _, c := range expr.Conjuncts(n.Predicate) {
				s.conds = append(s.conds, overExprs(c, s.exprs))
			}
		}
		return s, ok
	case *logical.Project:
		if s, ok = asScalarAggregate(n.Input); ok {
			exprs := make([]expr.Expr, len(n.Exprs))
			for i, e := range n.Exprs {
				exprs[i] = overExprs(e, s.exprs)
			}
			s.exprs = exprs
		}
		return s, ok
	}
	return s, false
}

// attachAggregate joins a subquery that aggregates all its rows: the groups of
// the values that its correlation is about, or of its domain, are joined to the
// block, and what stands above the aggregates is computed there.
func (j *attaching) attachAggregate() ([]expr.Expr, bool, error) {
	s, ok := asScalarAggregate(j.attachment.node)
	if !ok || len(j.outer) == 0 && len(j.guards) == 0 {
		return nil, false, nil
	}
	width := j.block.node.Schema().NumFields()
	var grouped logical.Node
	var on []expr.Expr // over the block and the groups
	keys := 0
	if group, tests, ok := j.equalityGroups(s.agg); ok {
		grouped, on, keys = group, tests, len(group.Keys)
	} else {
		u, err := j.unnesting()
		if err != nil {
			return nil, false, err
		}
		in, err := u.inOrder(s.agg.Input, dependsOnOrder(s.agg.Aggs))
		if err != nil {
			return nil, false, err
		}
		width = j.block.node.Schema().NumFields() // with what the domain needs
		domain, names := u.columns(in)
		aggs := j.counted(mapAggs(s.agg.Aggs, func(e expr.Expr) expr.Expr { return u.inner(e, in) }), true)
		grouped, keys = logical.NewAggregate(in, domain, names, aggs), len(domain)
		on = []expr.Expr{u.agree(u.outer, shifted(columnsOf(grouped)[:keys], width))}
	}
	join := logical.NewJoin(logical.LeftOuter, j.block.node, grouped)
	join.On = expr.And(on)
	columns := columnsOf(join)
	node, values := j.withEmptyGroups(join, s.agg, columns[width+keys:])
	j.block.node = node
	out := make([]expr.Expr, len(s.exprs))
	for i, e := range s.exprs {
		out[i] = j.frame.replace(overExprs(e, values), j.outer, 0)
		if len(s.conds) > 0 {
			cond := j.frame.replace(overExprs(expr.And(s.conds), values), j.outer, 0)
			out[i] = &expr.Case{Whens: []expr.When{{Cond: cond, Then: out[i]}}, Else: nullOf(out[i].DataType()), Type: out[i].DataType()}
		}
	}
	return out, true, nil
}

// equalityGroups groups an aggregation's input, without a domain, by those
// expressions that are equal to outer ones. It does so only where rows of other
// groups, which no row of the block may ask for, cannot fail.
func (j *attaching) equalityGroups(n *logical.Aggregate) (*logical.Aggregate, []expr.Expr, bool) {
	p, ok := j.frame.peel(n.Input)
	if !ok || p.volatile || j.volatilePlan(n) || len(j.guards) > 0 || dependsOnOrder(n.Aggs) && j.frame.inPlan(n.Input) {
		return nil, nil, false
	}
	width := j.block.node.Schema().NumFields()
	var keys, on, rest []expr.Expr
	var keyNames []string
	for _, c := range p.preds {
		call, ok := c.(*expr.Call)
		switch {
		case !j.frame.in(c):
			rest = append(rest, c)
			continue
		case !ok || call.Func != "=" || len(call.Args) != 2:
			return nil, nil, false
		}
		inner := 0
		if j.frame.in(call.Args[0]) {
			inner = 1
		}
		if j.frame.in(call.Args[inner]) || !j.onlyOuter(call.Args[1-inner]) || j.p.mayFail(call.Args[inner]) {
			return nil, nil, false
		}
		key := call.Args[inner]
		test := *call
		test.Args = append([]expr.Expr(nil), call.Args...)
		test.Args[inner] = &expr.Column{Index: width + len(keys), Name: key.String(), Type: key.DataType()}
		test.Args[1-inner] = j.frame.replace(call.Args[1-inner], j.outer, 0)
		keys, keyNames, on = append(keys, key), append(keyNames, key.String()), append(on, &test)
	}
	aggs := mapAggs(n.Aggs, func(e expr.Expr) expr.Expr { return overExprs(e, p.exprs) })
	for _, a := range aggs {
		if !steady[a.Func] || !j.harmlessArgs(a) {
			return nil, nil, false
		}
	}
	base := p.base
	if len(rest) > 0 {
		base = &logical.Filter{Input: base, Predicate: expr.And(rest)}
	}
	return logical.NewAggregate(base, keys, keyNames, aggs), on, true
}

// onlyOuter tells whether an expression has no columns but the frame's.
func (j *attaching) onlyOuter(e expr.Expr) bool {
	only := true
	expr.EachColumn(e, func(c *expr.Column) { only = only && (j.frame.at(c) >= 0 || c.Index >= outerBase) })
	return only
}

// harmlessArgs tells whether an aggregate's arguments do not depend on the
// block and cannot fail.
func (j *attaching) harmlessArgs(a logical.AggCall) bool {
	ok := true
	mapAggs([]logical.AggCall{a}, func(e expr.Expr) expr.Expr {
		ok = ok && !j.frame.in(e) && !j.p.mayFail(e)
		return e
	})
	return ok
}
