package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// A correlated subquery refers to columns of the block around it. While it is
// bound, those are columns numbered from outerBase on, listed in the frame of
// the scope around it. Decorrelation (after Neumann and Kemper, "Unnesting
// Arbitrary Queries", 2015) replaces them by columns of a domain: the distinct
// values the outer columns have. The subquery is computed once for the whole
// domain, and joined to the block by equality with it:
//
//	block ⟕ (subquery over domain)   where domain = DISTINCT outer columns of block

// outerBase numbers outer columns inside a subquery.
const outerBase = 1 << 26

// frame collects the columns of a block that a subquery refers to.
type frame struct{ columns []*expr.Column }

// refer gives the column that stands for c inside the subquery.
func (f *frame) refer(c column) *expr.Column {
	for i, k := range f.columns {
		if k.Index == c.index {
			return &expr.Column{Index: outerBase + i, Name: c.name, Type: c.typ}
		}
	}
	f.columns = append(f.columns, &expr.Column{Index: c.index, Name: c.name, Type: c.typ})
	return &expr.Column{Index: outerBase + len(f.columns) - 1, Name: c.name, Type: c.typ}
}

// unnesting pushes a domain into a subquery.
type unnesting struct {
	domain logical.Node
	width  int // columns of domain
	pos    int // of the subquery, for errors
}

// push gives n with the domain's columns after its own, and with every row for
// each row of the domain that it belongs to.
func (u *unnesting) push(n logical.Node) (logical.Node, error) {
	if !refersOut(n) {
		return logical.NewJoin(logical.Inner, n, u.domain), nil
	}
	switch n := n.(type) {
	case *logical.Values:
		return u.pushValues(n)
	case *logical.Filter:
		in, err := u.push(n.Input)
		if err != nil {
			return nil, err
		}
		return &logical.Filter{Input: in, Predicate: u.inner(n.Predicate, n.Input)}, nil
	case *logical.Project:
		in, err := u.push(n.Input)
		if err != nil {
			return nil, err
		}
		exprs, names := u.innerAll(n.Exprs, n.Input), names(n)
		domain, dnames := u.columns(in)
		return logical.NewProject(in, append(exprs, domain...), append(names, dnames...)), nil
	case *logical.Sort:
		// The order of a subquery without LIMIT does not matter.
		return u.push(n.Input)
	case *logical.Aggregate:
		return u.pushAggregate(n)
	case *logical.Join:
		return u.pushJoin(n)
	case *logical.Window:
		return u.pushWindow(n)
	case *logical.Union:
		parts := make([]logical.Node, len(n.Parts))
		for i, p := range n.Parts {
			var err error
			if parts[i], err = u.push(p); err != nil {
				return nil, err
			}
		}
		return &logical.Union{Parts: parts, Out: nullableSchema(parts[0].Schema())}, nil
	}
	return nil, unsupported(u.pos, "LIMIT in a subquery that refers to the query around it is")
}

// refersOut tells whether a plan has outer columns.
func refersOut(n logical.Node) bool {
	found := false
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		found = found || usesColumnsFrom(e, outerBase)
		return e
	})
	for _, c := range n.Inputs() {
		found = found || refersOut(c)
	}
	return found
}

// inner replaces outer columns by the domain's, which stand after the columns
// of the original input.
func (u *unnesting) inner(e expr.Expr, input logical.Node) expr.Expr {
	if e == nil {
		return nil
	}
	width := input.Schema().NumFields()
	return expr.MapColumns(e, func(c *expr.Column) expr.Expr {
		if c.Index < outerBase {
			return c
		}
		return &expr.Column{Index: width + c.Index - outerBase, Name: c.Name, Type: c.Type}
	})
}

func (u *unnesting) innerAll(es []expr.Expr, input logical.Node) []expr.Expr {
	out := make([]expr.Expr, len(es), len(es)+u.width)
	for i, e := range es {
		out[i] = u.inner(e, input)
	}
	return out
}

// columns refers to the domain's columns, the last ones of n.
func (u *unnesting) columns(n logical.Node) ([]expr.Expr, []string) {
	all, first := columnsOf(n), n.Schema().NumFields()-u.width
	return all[first:], names(n)[first:]
}

func names(n logical.Node) []string {
	out := make([]string, n.Schema().NumFields())
	for i, f := range n.Schema().Fields() {
		out[i] = f.Name
	}
	return out
}

// pushValues makes a projection of the domain for a single row.
func (u *unnesting) pushValues(n *logical.Values) (logical.Node, error) {
	parts := make([]logical.Node, len(n.Rows))
	domain, dnames := columnsOf(u.domain), names(u.domain)
	for r, row := range n.Rows {
		exprs := make([]expr.Expr, len(row), len(row)+u.width)
		for i, e := range row {
			exprs[i] = expr.MapColumns(e, func(c *expr.Column) expr.Expr { return domain[c.Index-outerBase] })
		}
		parts[r] = logical.NewProject(u.domain, append(exprs, domain...), append(names(n), dnames...))
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return &logical.Union{Parts: parts, Out: nullableSchema(parts[0].Schema())}, nil
}

// pushAggregate groups by the domain too. Without keys there is a group for
// every row of the domain, even if it has no rows.
func (u *unnesting) pushAggregate(n *logical.Aggregate) (logical.Node, error) {
	in, err := u.push(n.Input)
	if err != nil {
		return nil, err
	}
	domain, dnames := u.columns(in)
	keys := append(u.innerAll(n.Keys, n.Input), domain...)
	aggs := append([]logical.AggCall(nil), n.Aggs...)
	for i, a := range aggs {
		aggs[i].Args, aggs[i].Filter = u.innerAll(a.Args, n.Input), u.inner(a.Filter, n.Input)
		aggs[i].OrderBy = append([]logical.SortKey(nil), a.OrderBy...)
		for k, key := range a.OrderBy {
			aggs[i].OrderBy[k].Expr = u.inner(key.Expr, n.Input)
		}
	}
	keyNames := append(append([]string(nil), names(n)[:len(n.Keys)]...), dnames...)
	var grouped logical.Node = logical.NewAggregate(in, keys, keyNames, aggs)
	first := len(n.Keys) // of the domain's columns; the aggregates follow them
	if len(n.Keys) == 0 {
		j := logical.NewJoin(logical.LeftOuter, u.domain, grouped)
		j.LeftKeys, j.RightKeys, j.NullEqual = columnsOf(u.domain), columnsOf(grouped)[:u.width], true
		grouped, first = j, u.width
	}
	columns := columnsOf(grouped)
	out := append([]expr.Expr(nil), columns[:len(n.Keys)]...)
	for i, a := range n.Aggs {
		value := columns[first+u.width+i]
		if len(n.Keys) == 0 && a.Func == "count" {
			value = &expr.Coalesce{Args: []expr.Expr{value, int64Literal(0)}, Type: value.DataType()}
		}
		out = append(out, value)
	}
	at := len(n.Keys)
	if len(n.Keys) == 0 {
		at = 0 // the domain itself, left of the join
	}
	return logical.NewProject(grouped, append(out, columns[at:at+u.width]...), append(names(n), dnames...)), nil
}

// pushJoin gives the domain to the sides that need it; two copies must agree.
func (u *unnesting) pushJoin(n *logical.Join) (logical.Node, error) {
	l, r := n.Left.Schema().NumFields(), n.Right.Schema().NumFields()
	onLeft := n.Kind != logical.RightOuter
	onRight := refersOut(n.Right) || !onLeft
	if n.Kind == logical.FullOuter || onRight && n.Kind != logical.Inner && n.Kind != logical.LeftOuter && n.Kind != logical.RightOuter {
		return nil, unsupported(u.pos, "this join in a subquery that refers to the query around it is")
	}
	if !onLeft && refersOut(n.Left) {
		return nil, unsupported(u.pos, "this join in a subquery that refers to the query around it is")
	}
	left, right := n.Left, n.Right
	var err error
	if onLeft {
		if left, err = u.push(n.Left); err != nil {
			return nil, err
		}
	}
	if onRight {
		if right, err = u.push(n.Right); err != nil {
			return nil, err
		}
	}
	width := left.Schema().NumFields() // l columns, then maybe the domain
	domainAt := l
	if !onLeft {
		domainAt = width + r
	}
	j := logical.NewJoin(n.Kind, left, right)
	j.LeftKeys, j.RightKeys = u.innerAll(n.LeftKeys, n.Left), u.innerAll(n.RightKeys, n.Right)
	j.NullEqual, j.NullAware = n.NullEqual, n.NullAware
	conds := make([]expr.Expr, 0, 2)
	for _, c := range expr.Conjuncts(n.On) {
		conds = append(conds, expr.MapColumns(c, func(c *expr.Column) expr.Expr {
			moved := *c
			switch {
			case c.Index >= outerBase:
				moved.Index = domainAt + c.Index - outerBase
			case c.Index >= l:
				moved.Index = width + c.Index - l
			}
			return &moved
		}))
	}
	if onLeft && onRight {
		conds = append(conds, u.agree(j, l, width+r)...)
	}
	j.On = expr.And(conds)
	columns := columnsOf(j)
	out := append([]expr.Expr(nil), columns[:l]...)
	if n.Out.NumFields() > l {
		out = append(out, columns[width:width+n.Out.NumFields()-l]...)
	}
	domain := columns[domainAt : domainAt+u.width]
	return logical.NewProject(j, append(out, domain...), append(names(n), names(u.domain)...)), nil
}

// agree is the equality, NULLs included, of the two copies of the domain.
func (u *unnesting) agree(j *logical.Join, left, right int) []expr.Expr {
	columns := columnsOf(j)
	out := make([]expr.Expr, u.width)
	for i := range out {
		out[i] = &expr.Call{Func: "is not distinct from", Args: []expr.Expr{columns[left+i], columns[right+i]}, Type: boolLiteral(true).DataType(), Pos: -1}
	}
	return out
}

// attachCorrelated joins a subquery that refers to the block. outer are the
// columns it refers to, over the block as it is now.
func (s *block) attachCorrelated(a attachment, outer []expr.Expr) (*expr.Column, error) {
	outerNames := make([]string, len(outer))
	for i, e := range outer {
		outerNames[i] = e.String()
	}
	domain := logical.NewDistinct(logical.NewProject(s.node, outer, outerNames))
	u := &unnesting{domain: domain, width: len(outer), pos: a.pos}
	node, err := u.push(a.node)
	if err != nil {
		return nil, err
	}
	width := s.node.Schema().NumFields()
	result := a.node.Schema().NumFields()
	columns := columnsOf(node)
	if a.exists {
		// Whether the domain's row has any row in the subquery.
		j := logical.NewJoin(logical.Mark, s.node, logical.NewProject(node, columns[result:], outerNames))
		j.LeftKeys, j.RightKeys, j.NullEqual = outer, columnsOf(j.Right), true
		s.node = j
		f := j.Out.Field(width)
		return &expr.Column{Index: width, Name: "exists", Type: f.Type}, nil
	}
	if rowBound(a.node) == anyNumber {
		return nil, sqlerr.At(a.pos, sqlerr.FeatureNotSupported, "a scalar subquery that is not sure to have one row is not supported")
	}
	j := logical.NewJoin(logical.LeftOuter, s.node, node)
	j.LeftKeys, j.RightKeys, j.NullEqual = outer, columns[result:], true
	s.node = j
	f := j.Out.Field(width)
	return &expr.Column{Index: width, Name: f.Name, Type: f.Type}, nil
}
