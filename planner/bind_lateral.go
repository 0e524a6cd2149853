package planner

import (
	"slices"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// bindBeside binds an item of FROM that stands to the right of left, to whose
// columns it may refer if it is LATERAL. f is what it refers to.
func (s *block) bindBeside(left source, ref ast.TableRef, outer *scope) (right source, f *frame, err error) {
	around := s.besides(left, outer)
	defer func(was *scope) { s.lateral = was }(s.lateral)
	s.lateral = around
	if right, err = s.bindRef(ref, outer); err != nil {
		return right, nil, err
	}
	around.frame.compact(right.node)
	return right, around.frame, nil
}

// besides is the scope of left for what stands to its right.
func (s *block) besides(left source, outer *scope) *scope {
	around := *left.scope
	around.frame = &frame{binder: s.binder, beside: left.scope}
	around.parent, around.beside = outer, false
	if s.lateral != nil {
		around.parent, around.beside = s.lateral, true
	}
	return &around
}

// bindDerived binds a subquery in FROM.
func (s *block) bindDerived(r *ast.Derived, outer *scope) (source, error) {
	around := outer
	if r.Lateral && s.lateral != nil {
		around = s.lateral
	}
	rel, err := s.bindQuery(r.Query, around, s.ctes, true)
	if err != nil {
		return source{}, err
	}
	return aliasedSource(rel, "", "", r.Alias, outer, r.Position())
}

// dependentJoin joins the right side of a join to its left one, whose columns it
// refers to: the right side is computed for each row of the left one.
func (s *block) dependentJoin(j *logical.Join, f *frame, pos int) (logical.Node, error) {
	if len(f.ids) == 0 {
		return j, nil
	}
	if j.Kind != logical.Inner && j.Kind != logical.LeftOuter {
		return nil, sqlerr.At(f.first, sqlerr.InvalidColumnReference, "invalid reference to FROM-clause entry for table \"%s\"", f.tableOf(f.exprs[0])).
			WithDetail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
	}
	if p, ok := f.peel(j.Right); ok && (!p.volatile || len(joinConditions(j)) == 0) {
		return f.joinPeeled(j, p), nil
	}
	if node := f.calledBeside(j); node != nil {
		return node, nil
	}
	if f.volatilePlan(j.Right) {
		return f.joinNumbered(j, pos)
	}
	if f.volatilePlan(j.Left) {
		left, err := f.computedOnce(j.Left, pos)
		if err != nil {
			return nil, err
		}
		j = j.WithInputs([]logical.Node{left, j.Right}).(*logical.Join)
	}
	return f.joinDomain(j, f.exprs, j.Out.NumFields(), pos)
}

// joinDomain joins the right side, for the domain of what the exprs are on the
// left side, to it. Of the columns of the left side it gives the first ones, so
// that there are width in all.
func (f *frame) joinDomain(j *logical.Join, exprs []expr.Expr, width, pos int) (logical.Node, error) {
	u := &unnesting{frame: f, outer: f.withForms(j.Right, exprs), pos: pos}
	u.over(j.Left)
	right, err := u.push(j.Right)
	if err != nil {
		return nil, err
	}
	out := logical.NewJoin(j.Kind, j.Left, right)
	columns := columnsOf(out)
	both := j.Out.NumFields()
	out.On = expr.And(append(joinConditions(j), expr.Conjuncts(u.agree(u.outer, columns[both:]))...))
	added := both - width
	left := j.Left.Schema().NumFields()
	results := slices.Concat(columns[:left-added], columns[left:both])
	list := names(j)
	return logical.NewProject(out, results, slices.Concat(list[:left-added], list[left:])), nil
}

// joinPeeled joins the base of a right side that only selects and computes:
// both can be done on the pairs of rows.
func (f *frame) joinPeeled(j *logical.Join, p peeled) logical.Node {
	width := j.Left.Schema().NumFields()
	base, added := p.base, 0
	if j.Kind == logical.LeftOuter && !onlyColumns(p.exprs) { // which rows are matched, not padded with NULL
		base = logical.NewProject(base, append(columnsOf(base), boolLiteral(true)), append(names(base), "matched"))
		added = 1
	}
	out := logical.NewJoin(j.Kind, j.Left, base)
	columns := columnsOf(out)
	right := f.replaceAll(p.exprs, f.exprs, width)
	if added > 0 {
		for i, e := range right {
			if c, ok := e.(*expr.Column); !ok || c.Index < width {
				right[i] = &expr.Case{Whens: []expr.When{{Cond: columns[len(columns)-1], Then: e}}, Else: nullOf(e.DataType()), Type: e.DataType()}
			}
		}
	}
	conds := f.replaceAll(p.preds, f.exprs, width)
	values := append(columns[:width:width], f.replaceAll(p.exprs, f.exprs, width)...)
	for _, c := range joinConditions(j) {
		conds = append(conds, overExprs(c, values))
	}
	out.On = expr.And(conds)
	return logical.NewProject(out, append(columns[:width:width], right...), names(j))
}

func onlyColumns(es []expr.Expr) bool {
	for _, e := range es {
		if c, ok := e.(*expr.Column); !ok || c.Index >= outerBase {
			return false
		}
	}
	return true
}

// calledBeside calls table functions for each row of the left side; nil where
// the right side is not just that.
func (f *frame) calledBeside(j *logical.Join) logical.Node {
	set, ok := j.Right.(*logical.ProjectSet)
	if !ok || len(set.Keep) > 0 {
		return nil
	}
	if v, ok := set.Input.(*logical.Values); !ok || len(v.Rows) != 1 || len(v.Rows[0]) > 0 {
		return nil
	}
	on := joinConditions(j)
	if len(on) == 1 {
		if v, known := truth(on[0]); known && v {
			on = nil
		}
	}
	if j.Kind == logical.LeftOuter && len(on) > 0 {
		return nil
	}
	out := logical.NewProjectSet(j.Left, set.Calls, set.Ordinality)
	out.Calls = append([]logical.SetCall(nil), set.Calls...)
	for i, c := range out.Calls {
		out.Calls[i].Args = f.replaceAll(c.Args, f.exprs, 0)
	}
	out.Outer = j.Kind == logical.LeftOuter
	if len(on) == 0 {
		return out
	}
	return &logical.Filter{Input: out, Predicate: expr.And(on)}
}
