package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqltype"
)

// pushLimit counts rows for each row of the domain.
func (u *unnesting) pushLimit(n *logical.Limit) (logical.Node, error) {
	defer func(was logical.Node) { u.domain = was }(u.domain)
	u.checkCount(n.Count, false)
	u.checkCount(n.Offset, true)
	in, err := u.inOrder(n.Input, true)
	if err != nil {
		return nil, err
	}
	if len(n.Ties) > 0 {
		return u.pushTies(n, in)
	}
	domain, _ := u.columns(in)
	return &logical.LimitBy{
		Input: in, Keys: domain,
		Count: u.frame.replace(n.Count, domain, 0), Offset: u.frame.replace(n.Offset, domain, 0),
	}, nil
}

// rowLimitFunc gives its first argument, and error 2201W or, for OFFSET, 2201X
// where that is negative.
const rowLimitFunc = "row_limit"

// checkCount looks at LIMIT or OFFSET for each row of the domain, since it must
// not be negative even if there is nothing to count.
func (u *unnesting) checkCount(count expr.Expr, offset bool) {
	if count == nil || !fallibleCount((&optimizer{ctx: u.frame.ctx, p: u.frame.p}).fold(count)) {
		return
	}
	domain := columnsOf(u.domain)
	check := &expr.Call{Func: rowLimitFunc, Args: []expr.Expr{u.frame.replace(count, domain, 0), boolLiteral(offset)}, Type: sqltype.Int64, Pos: -1}
	pass := same("is distinct from", check, int64Literal(-1))
	if u.guarded {
		pass = guardedBy(domain[u.width-1], pass)
	}
	u.domain = &logical.Filter{Input: u.domain, Predicate: pass}
}

func (u *unnesting) pushLimitBy(n *logical.LimitBy) (logical.Node, error) {
	in, err := u.inOrder(n.Input, true)
	if err != nil {
		return nil, err
	}
	domain, _ := u.columns(in)
	return &logical.LimitBy{
		Input: in, Keys: append(u.innerAll(n.Keys, in), domain...),
		Count: u.frame.replace(n.Count, domain, 0), Offset: u.frame.replace(n.Offset, domain, 0),
	}, nil
}

// pushTies keeps, for each row of the domain, the rows up to the last one that is
// counted, and those that are equal to it in the order.
func (u *unnesting) pushTies(n *logical.Limit, in logical.Node) (logical.Node, error) {
	domain, _ := u.columns(in)
	return tiesByRank(in, domain, u.innerKeys(n.Ties, in), u.inner(n.Count, in), u.inner(n.Offset, in), u.pos), nil
}

// tiesByRank keeps, of each partition, the rows behind the first offset ones up
// to count rows, and those that are equal to the last of them in the order. The
// counts are columns; nil or NULL is no limit.
func tiesByRank(in logical.Node, partition []expr.Expr, order []logical.SortKey, count, skip expr.Expr, pos int) logical.Node {
	width := in.Schema().NumFields()
	calls := []logical.WindowCall{
		{Func: "row_number", Type: sqltype.Int64, Pos: pos},
		{Func: "rank", Type: sqltype.Int64, Pos: pos},
	}
	w := logical.NewWindow(in, partition, order, calls)
	number, rank := columnsOf(w)[width], columnsOf(w)[width+1]
	var conds []expr.Expr
	last := count
	if skip != nil {
		offset := &expr.Coalesce{Args: []expr.Expr{skip, int64Literal(0)}, Type: sqltype.Int64}
		conds = append(conds, same(">", number, offset))
		if last != nil {
			last = &expr.Call{Func: "+", Args: []expr.Expr{last, offset}, Type: sqltype.Int64, Pos: -1}
		}
	}
	if last != nil {
		conds = append(conds, connect(true, []expr.Expr{test("is null", last), same("<=", rank, last)}))
	}
	if len(conds) == 0 {
		return in
	}
	return firstColumns(&logical.Filter{Input: w, Predicate: expr.And(conds)}, width)
}
