package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// A correlated subquery has outer columns (see frame). Where it has no normal
// form that can be joined to the block directly (see peel), decorrelation
// (after Neumann and Kemper, "Unnesting Arbitrary Queries", 2015) replaces them
// by columns of a domain: the distinct values that the outer expressions have in
// the block. The subquery is computed once for the whole domain, and joined to
// the block by equality with it, where NULL equals NULL:
//
//	block ⟕ (subquery over domain)   where domain = DISTINCT outer exprs of block

// unnesting pushes a domain into a subquery.
type unnesting struct {
	frame  *frame
	domain logical.Node
	outer  []expr.Expr // what the domain's columns are, over the block
	width  int         // columns of domain
	pos    int         // of the subquery, for errors
	// guarded: nothing of the subquery may be evaluated when the domain is empty;
	// its last column is true.
	guarded bool
	// ordered: the order of rows matters to what is above.
	ordered bool
	// shared are plans that are computed once, with the domain.
	shared map[*logical.Shared]*logical.CTE
}

// maxCopies is how many subqueries of a block have domains over a copy of the block
// as it is with the ones before. Later ones have it over the block without any or,
// where they depend on the ones before, share the block, so that the plan does not
// double with each.
const maxCopies = 2

// unnesting makes the domain of a subquery of the block.
func (j *attaching) unnesting() (*unnesting, error) {
	u := &unnesting{frame: j.frame, outer: j.frame.withForms(j.attachment.node, j.outer), pos: j.pos, guarded: len(j.guards) > 0}
	volatile := j.volatilePlan(j.block.node)
	if len(j.outer) > 0 && j.volatilePlan(j.attachment.node) {
		var number expr.Expr
		j.block.node, number = numbered(j.block.node, j.pos)
		volatile, u.outer = true, append(u.outer[:len(u.outer):len(u.outer)], number)
	}
	if volatile {
		var err error
		if j.block.node, err = j.computedOnce(j.block.node, j.pos); err != nil {
			return nil, err
		}
	}
	if u.guarded {
		u.outer = append(u.outer[:len(u.outer):len(u.outer)], boolLiteral(true))
	}
	from, err := j.domainSource(u.outer, volatile)
	if err != nil {
		return nil, err
	}
	if u.guarded {
		from = &logical.Filter{Input: from, Predicate: expr.And(j.guards)}
	}
	u.over(from)
	return u, nil
}

// domainSource is the plan over which a subquery's domain is made. computed says that
// the block is a shared plan already.
func (j *attaching) domainSource(outer []expr.Expr, computed bool) (logical.Node, error) {
	if j.copies++; j.copies <= maxCopies || computed {
		return j.block.node, nil
	}
	if j.base != nil && !j.volatilePlan(j.base) {
		width := j.base.Schema().NumFields()
		within := true
		for _, e := range append(outer[:len(outer):len(outer)], j.guards...) {
			expr.EachColumn(e, func(c *expr.Column) { within = within && (c.Index < width || c.Index >= outerBase) })
		}
		if within {
			return j.base, nil
		}
	}
	if !readsWorking(j.block.node) {
		var err error
		if j.block.node, err = j.computedOnce(j.block.node, j.pos); err != nil {
			return nil, err
		}
	}
	return j.block.node, nil
}

// over makes the domain of the values that u.outer has in a plan.
func (u *unnesting) over(from logical.Node) {
	names := make([]string, len(u.outer))
	for i, e := range u.outer {
		names[i] = e.String()
	}
	u.domain, u.width = logical.NewDistinct(logical.NewProject(from, u.outer, names)), len(names)
}

// push gives n with the domain's columns after its own, and with every row for
// each row of the domain that it belongs to.
func (u *unnesting) push(n logical.Node) (logical.Node, error) {
	switch n := n.(type) {
	case *logical.WorkingTable:
		if w := u.frame.working[n.Of]; w != nil {
			return w, nil
		}
	case *logical.CTE:
		if u.guarded && !u.frame.volatilePlan(n.Shared.Plan) {
			return u.pushShared(n)
		}
	}
	if len(n.Inputs()) == 0 && !u.frame.inPlan(n) || !u.guarded && !u.frame.inPlan(n) {
		return logical.NewJoin(logical.Inner, n, u.domain), nil
	}
	switch n := n.(type) {
	case *logical.Values:
		return u.pushValues(n), nil
	case *logical.Filter:
		in, err := u.push(n.Input)
		if err != nil {
			return nil, err
		}
		return &logical.Filter{Input: in, Predicate: u.predicate(n, in)}, nil
	case *logical.Project:
		in, err := u.push(n.Input)
		if err != nil {
			return nil, err
		}
		exprs, names := u.innerAll(n.Exprs, in), names(n)
		domain, dnames := u.columns(in)
		return logical.NewProject(in, append(exprs, domain...), append(names, dnames...)), nil
	case *logical.ProjectSet:
		return u.pushProjectSet(n)
	case *logical.Sort:
		return u.pushSort(n)
	case *logical.Aggregate:
		if len(n.Always) > 0 {
			return u.pushAlways(n)
		}
		return u.pushAggregate(n)
	case *logical.Join:
		return u.pushJoin(n)
	case *logical.Window:
		return u.pushWindow(n)
	case *logical.Limit:
		return u.pushLimit(n)
	case *logical.LimitBy:
		return u.pushLimitBy(n)
	case *logical.Expand:
		return u.pushExpand(n)
	case *logical.Repeat:
		return u.pushRepeat(n)
	case *logical.DistinctOn:
		return u.pushDistinctOn(n)
	case *logical.Recursive:
		return u.pushRecursive(n)
	case *logical.CTE:
		return u.pushShared(n)
	case *logical.Sample:
		return u.pushSample(n)
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
	return nil, unsupported(u.pos, "this form of a subquery that refers to the query around it is")
}

// columns refers to the domain's columns, the last ones of n.
func (u *unnesting) columns(n logical.Node) ([]expr.Expr, []string) {
	all, first := columnsOf(n), n.Schema().NumFields()-u.width
	return all[first:], names(n)[first:]
}

// inner replaces outer columns of e by the domain's in what e's input has
// become.
func (u *unnesting) inner(e expr.Expr, in logical.Node) expr.Expr {
	domain, _ := u.columns(in)
	return u.frame.replace(e, domain, 0)
}

func (u *unnesting) innerAll(es []expr.Expr, in logical.Node) []expr.Expr {
	domain, _ := u.columns(in)
	return u.frame.replaceAll(es, domain, 0)
}

func (u *unnesting) innerKeys(keys []logical.SortKey, in logical.Node) []logical.SortKey {
	domain, _ := u.columns(in)
	out := append([]logical.SortKey(nil), keys...)
	for i, k := range out {
		out[i].Expr = u.frame.replace(k.Expr, domain, 0)
	}
	return out
}

// predicate is inner for the conditions of a filter. Those that may fail, or are
// about values whose computing may, are tied to the domain, so that they stay
// above it.
func (u *unnesting) predicate(n *logical.Filter, in logical.Node) expr.Expr {
	if !u.guarded {
		return u.inner(n.Predicate, in)
	}
	domain, _ := u.columns(in)
	conds := expr.Conjuncts(n.Predicate)
	for i, c := range conds {
		conds[i] = u.inner(c, in)
		if u.frame.p.mayFailOver(c, n.Input) {
			conds[i] = guardedBy(domain[u.width-1], conds[i])
		}
	}
	return expr.And(conds)
}

// guardedBy is a condition that is evaluated only where the guard is true.
func guardedBy(guard, cond expr.Expr) expr.Expr {
	return &expr.Case{Whens: []expr.When{{Cond: guard, Then: cond}}, Else: boolLiteral(false), Type: cond.DataType()}
}

// agree is the equality, NULLs included, of two lists of expressions.
func (u *unnesting) agree(a, b []expr.Expr) expr.Expr {
	conds := make([]expr.Expr, len(a))
	for i := range a {
		conds[i] = same("is not distinct from", a[i], b[i])
	}
	return expr.And(conds)
}

func names(n logical.Node) []string {
	out := make([]string, n.Schema().NumFields())
	for i, f := range n.Schema().Fields() {
		out[i] = f.Name
	}
	return out
}

// pushValues makes a projection of the domain for each row.
func (u *unnesting) pushValues(n *logical.Values) logical.Node {
	parts := make([]logical.Node, len(n.Rows))
	domain, dnames := columnsOf(u.domain), names(u.domain)
	for r, row := range n.Rows {
		exprs := u.frame.replaceAll(row, domain, 0)
		parts[r] = logical.NewProject(u.domain, append(exprs, domain...), append(names(n), dnames...))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return &logical.Union{Parts: parts, Out: nullableSchema(parts[0].Schema())}
}

// pushSort keeps an order only where something above depends on it.
func (u *unnesting) pushSort(n *logical.Sort) (logical.Node, error) {
	if !u.ordered {
		return u.push(n.Input)
	}
	in, err := u.push(n.Input)
	if err != nil {
		return nil, err
	}
	return &logical.Sort{Input: in, Keys: u.innerKeys(n.Keys, in)}, nil
}

// inOrder pushes into a part of the plan on whose order something depends.
func (u *unnesting) inOrder(n logical.Node, ordered bool) (logical.Node, error) {
	defer func(was bool) { u.ordered = was }(u.ordered)
	u.ordered = ordered
	return u.push(n)
}
