package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// factorAlternatives takes what all alternatives of an OR demand out of it:
// (a AND b) OR (a AND c) is a AND (b OR c). A join finds its keys that way.
func factorAlternatives(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		switch n := n.(type) {
		case *logical.Filter:
			if p := o.factored(n.Predicate); p != n.Predicate {
				return &logical.Filter{Input: n.Input, Predicate: p}
			}
		case *logical.Join:
			if n.On == nil {
				return n
			}
			if on := o.factored(n.On); on != n.On {
				c := *n
				c.On = on
				return &c
			}
		}
		return n
	})
}

// factored is pred with the ORs among its conjuncts factored; pred itself when
// there is nothing to do.
func (o *optimizer) factored(pred expr.Expr) expr.Expr {
	var out []expr.Expr
	changed := false
	for _, c := range expr.Conjuncts(pred) {
		parts := o.commonConjuncts(c)
		changed = changed || parts != nil
		if parts == nil {
			parts = []expr.Expr{c}
		}
		out = append(out, parts...)
	}
	if !changed {
		return pred
	}
	return expr.And(out)
}

// commonConjuncts is an OR as its common conjuncts and, unless one alternative
// demands nothing else, an OR of the rest; nil when it has no common ones.
func (o *optimizer) commonConjuncts(e expr.Expr) []expr.Expr {
	or, ok := e.(*expr.Logic)
	if !ok || !or.Or || len(or.Args) > maxAlternatives {
		return nil
	}
	if o.volatility(e) == udf.Volatile {
		return nil
	}
	common := expr.Conjuncts(or.Args[0])
	lists := make([][]expr.Expr, len(or.Args))
	for i, a := range or.Args {
		lists[i] = expr.Conjuncts(a)
		common = slices.DeleteFunc(slices.Clone(common), func(c expr.Expr) bool { return !among(lists[i], c) })
	}
	if len(common) == 0 {
		return nil
	}
	rest := make([]expr.Expr, len(lists))
	for i, list := range lists {
		left := slices.DeleteFunc(list, func(c expr.Expr) bool { return among(common, c) })
		if len(left) == 0 {
			return common
		}
		rest[i] = expr.And(left)
	}
	return append(common, &expr.Logic{Or: true, Args: rest})
}

// maxAlternatives bounds what is compared pair by pair.
const maxAlternatives = 1000

func among(list []expr.Expr, e expr.Expr) bool {
	return slices.ContainsFunc(list, func(c expr.Expr) bool { return expr.Equal(c, e) })
}
