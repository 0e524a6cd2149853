package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
)

// marksToSemiJoins turns a filter on the mark of a mark join into a semi join,
// and one on its negation into an anti join that keeps NOT IN's treatment of
// NULL. The mark is a constant for the rows that remain.
func marksToSemiJoins(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		filter, ok := n.(*logical.Filter)
		if !ok {
			return n
		}
		j, ok := filter.Input.(*logical.Join)
		if !ok || j.Kind != logical.Mark {
			return n
		}
		mark := j.Left.Schema().NumFields()
		preds := expr.Conjuncts(filter.Predicate)
		for i, p := range preds {
			kind, ok := markTest(p, mark)
			if !ok {
				continue
			}
			semi := keyed{*j.WithKind(kind)}
			semi.NullAware = kind == logical.Anti && j.NullAware
			semi.ownKeys()
			semi.keysFromCondition(mark)
			exprs, names := columnsOf(&semi.Join), make([]string, 0, mark+1)
			for _, f := range j.Out.Fields() {
				names = append(names, f.Name)
			}
			out := logical.NewProject(&semi.Join, append(exprs, boolLiteral(kind == logical.Semi)), names)
			rest := append(append([]expr.Expr(nil), preds[:i]...), preds[i+1:]...)
			if len(rest) == 0 {
				return out
			}
			return &logical.Filter{Input: out, Predicate: expr.And(rest)}
		}
		return n
	})
}

// markTest recognises the mark itself and NOT of it.
func markTest(p expr.Expr, mark int) (logical.JoinKind, bool) {
	switch p := p.(type) {
	case *expr.Column:
		return logical.Semi, p.Index == mark
	case *expr.Call:
		if c, ok := p.Args[0].(*expr.Column); ok && p.Func == "not" {
			return logical.Anti, c.Index == mark
		}
	}
	return 0, false
}
