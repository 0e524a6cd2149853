package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// peeled is a plan of selections, projections and joins in a normal form: its
// rows are exprs over those rows of base for which all preds are true. Only
// exprs and preds have outer columns.
type peeled struct {
	base  logical.Node
	preds []expr.Expr
	exprs []expr.Expr
	// volatile: so are exprs, which nothing may evaluate twice.
	volatile bool
}

// peel gives the normal form, which forgets the order of rows. ok is false for
// plans that have none.
func (f *frame) peel(n logical.Node) (p peeled, ok bool) {
	if !f.inPlan(n) {
		return peeled{base: n, exprs: columnsOf(n)}, true
	}
	switch n := n.(type) {
	case *logical.Sort:
		return f.peel(n.Input)
	case *logical.Filter:
		if p, ok = f.peel(n.Input); ok {
			for _, c := range expr.Conjuncts(n.Predicate) {
				p.preds = append(p.preds, overExprs(c, p.exprs))
			}
		}
		return p, ok && !p.volatile
	case *logical.Project:
		if p, ok = f.peel(n.Input); ok {
			ok = !p.volatile
			exprs := make([]expr.Expr, len(n.Exprs))
			for i, e := range n.Exprs {
				exprs[i] = overExprs(e, p.exprs)
				p.volatile = p.volatile || f.volatile(e)
			}
			p.exprs = exprs
		}
		return p, ok
	case *logical.Join:
		switch {
		case n.Kind == logical.Inner && !n.NullAware:
			return f.peelJoin(n)
		case n.Kind == logical.Mark || n.Kind == logical.LeftOuter:
			return f.peelAttached(n)
		}
	}
	return p, false
}

// peelAttached is for a subquery joined to a block that alone has outer columns: each
// row of the block has its result, whichever rows the block's conditions leave. So
// EXISTS in EXISTS is a chain of joins, as long as it is deep. A result whose
// computing may fail is left to the rows that need it.
func (f *frame) peelAttached(n *logical.Join) (p peeled, ok bool) {
	conds := joinConditions(n)
	if f.inPlan(n.Right) || f.volatilePlan(n.Right) {
		return p, false
	}
	for _, c := range conds {
		if f.in(c) || f.volatile(c) || f.p.mayFailOver(c, n.Left, n.Right) {
			return p, false
		}
	}
	if p, ok = f.peel(n.Left); !ok || p.volatile {
		return p, false
	}
	own, width, left := len(p.exprs), p.base.Schema().NumFields(), n.Left.Schema().NumFields()
	join := *n
	join.LeftKeys = make([]expr.Expr, len(n.LeftKeys))
	for i, k := range n.LeftKeys {
		if join.LeftKeys[i] = overExprs(k, p.exprs); f.in(join.LeftKeys[i]) {
			return p, false
		}
	}
	both := append(p.exprs[:own:own], shifted(columnsOf(n.Right), width)...)
	if n.On != nil {
		if join.On = overExprs(n.On, both); f.in(join.On) {
			return p, false
		}
	}
	join.Left = p.base
	out := logical.NewJoin(n.Kind, p.base, n.Right)
	join.Out = out.Out
	p.exprs = append(p.exprs[:own:own], columnsOf(out)[width:]...)
	p.base = &join
	return p, own == left
}

func (f *frame) peelJoin(n *logical.Join) (p peeled, ok bool) {
	l, ok := f.peel(n.Left)
	if !ok {
		return p, false
	}
	r, ok := f.peel(n.Right)
	if !ok || l.volatile || r.volatile {
		return p, false
	}
	width := l.base.Schema().NumFields()
	base := logical.NewJoin(logical.Inner, l.base, r.base)
	p.preds = append(l.preds, shifted(r.preds, width)...)
	p.exprs = append(l.exprs, shifted(r.exprs, width)...)
	for _, c := range joinConditions(n) {
		p.preds = append(p.preds, overExprs(c, p.exprs))
	}
	// What does not depend on the outer columns belongs to the base.
	var own []expr.Expr
	rest := p.preds[:0:0]
	for _, c := range p.preds {
		if f.in(c) {
			rest = append(rest, c)
		} else {
			own = append(own, c)
		}
	}
	base.On, p.base, p.preds = expr.And(own), base, rest
	return p, true
}

// joinConditions is a join's keys and condition as conjuncts over both sides.
func joinConditions(n *logical.Join) []expr.Expr {
	width := n.Left.Schema().NumFields()
	out := make([]expr.Expr, 0, len(n.LeftKeys)+1)
	for i, l := range n.LeftKeys {
		op := "="
		if n.NullEqual != nil && n.NullEqual[i] {
			op = "is not distinct from"
		}
		out = append(out, same(op, l, shift(n.RightKeys[i], width)))
	}
	return append(out, expr.Conjuncts(n.On)...)
}

// same compares two expressions of one type.
func same(op string, a, b expr.Expr) expr.Expr {
	return &expr.Call{Func: op, Args: []expr.Expr{a, b}, Type: boolLiteral(true).DataType(), Pos: -1}
}

// overExprs is an expression over a node's columns as one over what computes
// them. Outer columns stay.
func overExprs(e expr.Expr, exprs []expr.Expr) expr.Expr {
	return expr.MapColumns(e, func(c *expr.Column) expr.Expr {
		if c.Index >= outerBase {
			return c
		}
		return exprs[c.Index]
	})
}

// shift moves the columns of an expression but its outer ones.
func shift(e expr.Expr, n int) expr.Expr {
	return expr.MapColumns(e, func(c *expr.Column) expr.Expr {
		if c.Index >= outerBase || n == 0 {
			return c
		}
		return &expr.Column{Index: c.Index + n, Name: c.Name, Type: c.Type}
	})
}

func shifted(es []expr.Expr, n int) []expr.Expr {
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = shift(e, n)
	}
	return out
}
