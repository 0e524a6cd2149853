package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// narrowRanges makes one range or set of a filter's comparisons of a column with
// constants:
//
//	x > 5 AND x > 7             x > 7
//	x IN (1, 2, 3) AND x > 1    x IN (2, 3)
//	x >= 3 AND x <= 3           x = 3
//	x > 5 AND x < 3             false
//
// None of these can fail, so the result may stand where the first of them stood.
// Only what is true counts in a filter: a NULL is in no range.
func narrowRanges(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		switch n := n.(type) {
		case *logical.Filter:
			if pred := narrowedFilter(n.Predicate); pred != nil {
				return &logical.Filter{Input: n.Input, Predicate: pred}
			}
		case *logical.Scan:
			if pred := narrowedFilter(n.Filter); pred != nil {
				c := *n
				c.Filter = pred
				return &c
			}
		}
		return n
	})
}

// narrowedFilter is a predicate whose conjuncts say nothing twice; nil when they do not.
func narrowedFilter(pred expr.Expr) expr.Expr {
	preds := expr.Conjuncts(pred)
	if len(preds) < 2 {
		return nil
	}
	ranges := map[int]*valueRange{}
	var order []*valueRange
	for i, p := range preds {
		c, op, values := valueTest(p)
		if c == nil {
			continue
		}
		r := ranges[c.Index]
		if r == nil {
			r = &valueRange{column: c}
			ranges[c.Index] = r
			order = append(order, r)
		}
		r.at = append(r.at, i)
		r.restrict(p, op, values)
	}
	changed := false
	for _, r := range order {
		if len(r.at) == 1 {
			continue
		}
		tests := r.tests()
		if len(tests) == len(r.at) {
			continue
		}
		changed = true
		for k, i := range r.at {
			if preds[i] = nil; k < len(tests) {
				preds[i] = tests[k]
			}
		}
	}
	if !changed {
		return nil
	}
	rest := preds[:0]
	for _, p := range preds {
		if p != nil {
			rest = append(rest, p)
		}
	}
	return expr.And(rest)
}

// valueTest recognises column op constant, IN (…) as "=" of its values, NOT IN (…)
// as "<>" of them, and IS NOT NULL. The constants are of the column's type.
func valueTest(e expr.Expr) (c *expr.Column, op string, values []*expr.Literal) {
	switch e := e.(type) {
	case *expr.In:
		c, ok := e.Arg.(*expr.Column)
		if !ok || !hasOrder(c.Type) {
			return nil, "", nil
		}
		for _, item := range e.List {
			l, ok := item.(*expr.Literal)
			switch {
			case !ok || l.Value.Len() != 1:
				return nil, "", nil
			case !l.Value.IsNull(0):
				values = append(values, l)
			case e.Negated:
				return nil, "", nil // it is never true, which is seen elsewhere
			}
		}
		if e.Negated {
			return c, "<>", values
		}
		return c, "=", values
	case *expr.Call:
		if e.Func == "is not null" {
			if c, ok := e.Args[0].(*expr.Column); ok && hasOrder(c.Type) {
				return c, e.Func, nil
			}
			return nil, "", nil
		}
		if flipped[e.Func] == "" || len(e.Args) != 2 {
			return nil, "", nil
		}
		op, arg, other := e.Func, e.Args[0], e.Args[1]
		if !notLiteral(arg) {
			op, arg, other = flipped[op], other, arg
		}
		c, ok := arg.(*expr.Column)
		l, constant := other.(*expr.Literal)
		if ok && constant && hasOrder(c.Type) && ofType(l, c.Type) {
			return c, op, []*expr.Literal{l}
		}
	}
	return nil, "", nil
}
