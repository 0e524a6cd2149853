package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
)

// pushJoin gives the domain to the sides that need it:
//
//	inner                    to those that have outer columns
//	left, semi, anti, mark   left always, since it decides which rows there are
//	right                    right always
//	full                     both
//
// Where both sides have it they must agree on it.
func (u *unnesting) pushJoin(n *logical.Join) (logical.Node, error) {
	onLeft, onRight := u.guarded || u.frame.inPlan(n.Left), u.guarded || u.frame.inPlan(n.Right)
	if n.NullAware && slices.ContainsFunc(n.RightKeys, u.frame.in) {
		onRight = true
	}
	switch n.Kind {
	case logical.Inner:
		onLeft = onLeft || !onRight
	case logical.RightOuter:
		onRight = true
	case logical.FullOuter:
		onLeft, onRight = true, true
	default:
		onLeft = true
	}
	left, right := n.Left, n.Right
	var err error
	if onLeft {
		if left, err = u.push(n.Left); err != nil {
			return nil, err
		}
	}
	if onRight {
		if right, err = u.inOrder(n.Right, false); err != nil {
			return nil, err
		}
	}
	l, r := n.Left.Schema().NumFields(), n.Right.Schema().NumFields()
	width := left.Schema().NumFields() // l columns, then maybe the domain
	j := logical.NewJoin(n.Kind, left, right)
	leftDomain, rightDomain := u.sideColumns(left, 0, onLeft), u.sideColumns(right, width, onRight)
	domain := leftDomain
	if !onLeft || n.Kind == logical.RightOuter {
		domain = rightDomain
	}
	over := func(e expr.Expr) expr.Expr {
		return u.frame.replace(expr.MapColumns(e, func(c *expr.Column) expr.Expr {
			if c.Index < l || c.Index >= outerBase {
				return c
			}
			return &expr.Column{Index: width + c.Index - l, Name: c.Name, Type: c.Type}
		}), domain, 0)
	}
	var conds []expr.Expr
	if n.NullAware { // the keys are what IN compares, and nothing else
		j.NullAware = true
		j.LeftKeys, j.RightKeys = u.frame.replaceAll(n.LeftKeys, domain, 0), n.RightKeys
		if onRight {
			j.RightKeys = u.frame.replaceAll(n.RightKeys, u.sideColumns(right, 0, true), 0)
		}
		for _, c := range expr.Conjuncts(n.On) {
			conds = append(conds, over(c))
		}
	} else {
		for _, c := range joinConditions(n) {
			cond := over(c)
			if u.guarded && u.frame.p.mayFailOver(c, n.Left, n.Right) {
				cond = guardedBy(domain[u.width-1], cond)
			}
			conds = append(conds, cond)
		}
	}
	if onLeft && onRight {
		conds = append(conds, expr.Conjuncts(u.agree(leftDomain, rightDomain))...)
	}
	j.On = expr.And(conds)
	return u.joined(n, j, l, r, width, domain, leftDomain, rightDomain), nil
}

// joined puts a join's columns, and then the domain's, in their order.
func (u *unnesting) joined(n, j *logical.Join, l, r, width int, domain, leftDomain, rightDomain []expr.Expr) logical.Node {
	columns := columnsOf(j)
	out := append([]expr.Expr(nil), columns[:l]...)
	if n.Out.NumFields() > l {
		out = append(out, columns[width:width+n.Out.NumFields()-l]...)
	}
	if n.Kind == logical.FullOuter { // unmatched rows have it on their own side
		domain = make([]expr.Expr, u.width)
		for i := range domain {
			domain[i] = &expr.Coalesce{Args: []expr.Expr{leftDomain[i], rightDomain[i]}, Type: leftDomain[i].DataType()}
		}
	}
	return logical.NewProject(j, append(out, domain...), append(names(n), names(u.domain)...))
}

// sideColumns are the domain's columns of a side of a join whose columns begin
// at first; nil when the side has none.
func (u *unnesting) sideColumns(side logical.Node, first int, has bool) []expr.Expr {
	if !has {
		return nil
	}
	columns, _ := u.columns(side)
	return shifted(columns, first)
}
