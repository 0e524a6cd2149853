package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
)

// pushExpand keeps the domain's columns in every set.
func (u *unnesting) pushExpand(n *logical.Expand) (logical.Node, error) {
	in, err := u.push(n.Input)
	if err != nil {
		return nil, err
	}
	domain, dnames := u.columns(in)
	sets := make([][]expr.Expr, len(n.Sets))
	for i, set := range n.Sets {
		sets[i] = append(u.innerAll(set, in), domain...)
	}
	return logical.NewExpand(in, sets, append(names(n), dnames...)), nil
}

// pushRepeat counts with the outer columns at hand.
func (u *unnesting) pushRepeat(n *logical.Repeat) (logical.Node, error) {
	in, err := u.push(n.Input)
	if err != nil {
		return nil, err
	}
	return &logical.Repeat{Input: in, Count: u.inner(n.Count, in)}, nil
}

// pushDistinctOn chooses the first row of each group for each row of the
// domain.
func (u *unnesting) pushDistinctOn(n *logical.DistinctOn) (logical.Node, error) {
	in, err := u.inOrder(n.Input, true)
	if err != nil {
		return nil, err
	}
	domain, _ := u.columns(in)
	keys := make([]logical.SortKey, 0, len(n.Keys)+len(domain))
	for _, d := range domain {
		keys = append(keys, logical.SortKey{Expr: d})
	}
	return &logical.DistinctOn{Input: in, Keys: append(keys, u.innerKeys(n.Keys, in)...), Groups: n.Groups + len(domain)}, nil
}

// pushAlways adds, for an aggregation with groups that exist even without rows,
// these groups for every row of the domain: a row of their own that no aggregate
// counts. It gives the aggregation's new input, whose last column is true for
// real rows.
//
//	Union of input with true, domain with the group's keys and NULL
func (u *unnesting) pushAlways(n *logical.Aggregate) (logical.Node, error) {
	in, err := u.push(n.Input)
	if err != nil {
		return nil, err
	}
	width := n.Input.Schema().NumFields()
	domain, _ := u.columns(in)
	keys := u.innerAll(n.Keys, in)
	all := append(append(append([]expr.Expr(nil), columnsOf(in)...), keys...), boolLiteral(true))
	list := append(append(names(in), keyNames(keys)...), "real")
	parts := []logical.Node{logical.NewProject(in, all, list)}
	for _, always := range n.Always {
		row := make([]expr.Expr, 0, len(all))
		for _, c := range columnsOf(in)[:width] {
			row = append(row, nullOf(c.DataType()))
		}
		row = append(append(append(row, columnsOf(u.domain)...), always...), boolLiteral(false))
		parts = append(parts, logical.NewProject(u.domain, row, list))
	}
	both := &logical.Union{Parts: parts, Out: nullableSchema(parts[0].Schema())}
	columns := columnsOf(both)
	aggs := slices.Clone(n.Aggs)
	for i, a := range aggs {
		a.Args, a.OrderBy = u.frame.replaceAll(a.Args, domain, 0), u.innerKeys(a.OrderBy, in)
		a.Filter = expr.And(append(expr.Conjuncts(u.inner(a.Filter, in)), columns[len(columns)-1]))
		aggs[i] = a
	}
	keyColumns := columns[len(columns)-1-len(keys) : len(columns)-1]
	grouped := logical.NewAggregate(both, append(slices.Clone(keyColumns), columns[width:width+u.width]...), append(keyNames(keys), names(u.domain)...), aggs)
	// keys, domain, aggregates → keys, aggregates, domain
	out := columnsOf(grouped)
	out = append(append(append([]expr.Expr(nil), out[:len(keys)]...), out[len(keys)+u.width:]...), out[len(keys):len(keys)+u.width]...)
	return logical.NewProject(grouped, out, append(names(n), names(u.domain)...)), nil
}

// pushRecursive gives the domain's columns to the rows of the recursion: its
// working table has them too.
func (u *unnesting) pushRecursive(n *logical.Recursive) (logical.Node, error) {
	initial, err := u.push(n.Initial)
	if err != nil {
		return nil, err
	}
	r := &logical.Recursion{Name: n.Name}
	out := nullableSchema(initial.Schema())
	if u.frame.working == nil {
		u.frame.working = map[*logical.Recursion]*logical.WorkingTable{}
	}
	u.frame.working[n.Recursion] = &logical.WorkingTable{Of: r, Out: out}
	step, err := u.push(n.Step)
	delete(u.frame.working, n.Recursion)
	if err != nil {
		return nil, err
	}
	return &logical.Recursive{Recursion: r, Initial: initial, Step: step, All: n.All, Out: out}, nil
}
