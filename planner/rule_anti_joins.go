package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
)

// outerToAnti makes an anti join of a left join of which only the rows without a
// match are wanted: WHERE right.key IS NULL, of a key that is not NULL in any
// match. The right side's columns are NULL.
func outerToAnti(o *optimizer, n logical.Node) logical.Node {
	return o.transform(n, func(n logical.Node) logical.Node {
		f, ok := n.(*logical.Filter)
		if !ok {
			return n
		}
		j, ok := f.Input.(*logical.Join)
		if !ok || j.Kind != logical.LeftOuter {
			return n
		}
		width := j.Left.Schema().NumFields()
		matched := make(columnSet, j.Schema().NumFields())
		for _, c := range joinConditions(j) {
			(&nullRejection{o}).addRejected(matched, c)
		}
		preds := expr.Conjuncts(f.Predicate)
		at := slices.IndexFunc(preds, func(p expr.Expr) bool {
			c, ok := p.(*expr.Call)
			if !ok || c.Func != "is null" {
				return false
			}
			col, ok := c.Args[0].(*expr.Column)
			return ok && col.Index >= width && matched[col.Index]
		})
		if at < 0 {
			return n
		}
		anti := j.WithKind(logical.Anti)
		exprs, names := make([]expr.Expr, len(matched)), make([]string, len(matched))
		for i, field := range j.Out.Fields() {
			names[i] = field.Name
			if exprs[i] = nullOf(field.Type); i < width {
				exprs[i] = &expr.Column{Index: i, Name: field.Name, Type: field.Type}
			}
		}
		out := logical.NewProject(anti, exprs, names)
		if rest := slices.Delete(slices.Clone(preds), at, at+1); len(rest) > 0 {
			return &logical.Filter{Input: out, Predicate: expr.And(rest)}
		}
		return out
	})
}
