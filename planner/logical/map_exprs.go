package logical

import "volley/planner/expr"

// MapExprs is a copy of n with f applied to each of its own expressions.
func MapExprs(n Node, f func(expr.Expr) expr.Expr) Node {
	m := exprMapper(f)
	switch n := n.(type) {
	case *Scan:
		if n.Filter == nil {
			return n
		}
		c := *n
		c.Filter = f(n.Filter)
		return &c
	case *Values:
		c := *n
		c.Rows = make([][]expr.Expr, len(n.Rows))
		for i, r := range n.Rows {
			c.Rows[i] = m.list(r)
		}
		return &c
	case *Filter:
		return &Filter{n.Input, f(n.Predicate)}
	case *ProjectSet:
		return n.mapped(m.list)
	case *Project:
		c := *n
		c.Exprs = m.list(n.Exprs)
		return &c
	case *Aggregate:
		c := *n
		c.Keys, c.Aggs = m.list(n.Keys), m.calls(n.Aggs)
		return &c
	case *PartialAggregate:
		c := *n
		c.Keys, c.Aggs = m.list(n.Keys), m.calls(n.Aggs)
		return &c
	case *Join:
		c := *n
		c.LeftKeys, c.RightKeys, c.On = m.list(n.LeftKeys), m.list(n.RightKeys), m.opt(n.On)
		return &c
	case *Sort:
		return &Sort{n.Input, m.keys(n.Keys)}
	case *Window:
		return n.mapExprs(f)
	case *Limit:
		return &Limit{n.Input, m.opt(n.Count), m.opt(n.Offset), m.keys(n.Ties)}
	case *Expand:
		return n.mapExprs(m.list)
	case *Repeat:
		return &Repeat{n.Input, f(n.Count)}
	case *DistinctOn:
		return &DistinctOn{n.Input, m.keys(n.Keys), n.Groups}
	case *Sample:
		return n.mapExprs(f, m.opt)
	case *LimitBy:
		return &LimitBy{n.Input, m.list(n.Keys), m.opt(n.Count), m.opt(n.Offset)}
	}
	return n
}

// exprMapper gives copies of what nodes have with each expression replaced; what is
// missing stays so.
type exprMapper func(expr.Expr) expr.Expr

func (m exprMapper) opt(e expr.Expr) expr.Expr {
	if e == nil {
		return nil
	}
	return m(e)
}

func (m exprMapper) list(es []expr.Expr) []expr.Expr {
	if es == nil {
		return nil
	}
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = m(e)
	}
	return out
}

func (m exprMapper) keys(ks []SortKey) []SortKey {
	if ks == nil {
		return nil
	}
	out := make([]SortKey, len(ks))
	for i, k := range ks {
		out[i] = SortKey{m(k.Expr), k.Desc, k.NullsFirst}
	}
	return out
}

func (m exprMapper) calls(as []AggCall) []AggCall {
	out := append([]AggCall(nil), as...)
	for i, a := range out {
		out[i].Args, out[i].Filter, out[i].OrderBy = m.list(a.Args), m.opt(a.Filter), m.keys(a.OrderBy)
	}
	return out
}
