package planner

import (
	"volley/parser/ast"
	"volley/sqlerr"
)

// withNames finds references to the items of a WITH clause in queries, as far
// as they are not hidden by items of inner WITH clauses.
type withNames struct {
	// found is told of each reference and of the most restrictive construct
	// around it.
	found func(t *ast.Table, name string, in place)
	// wanted are the names that count; a positive number hides one.
	hidden map[string]int
}

// place is where in a recursive query a reference stands.
type place uint8

const (
	inRecursiveTerm place = iota
	inInitialTerm
	inSubquery
	inOuterJoin
	inIntersect
	inExcept
)

// restrict is the place for a part of what is at p.
func (p place) restrict(to place) place {
	if p == inRecursiveTerm {
		return to
	}
	return p
}

func (w *withNames) query(q *ast.Query, p place) {
	defer w.with(q, p)()
	w.body(q.Body, p)
	for _, item := range q.OrderBy {
		w.expr(item.Expr, p)
	}
	w.expr(q.Limit, p)
	w.expr(q.Offset, p)
}

// with visits WITH and hides its names until the function it gives is called.
func (w *withNames) with(q *ast.Query, p place) func() {
	if q.Recursive {
		for _, item := range q.With {
			w.hidden[item.Name]++
		}
	}
	for _, item := range q.With {
		w.query(item.Query, p)
		if !q.Recursive {
			w.hidden[item.Name]++
		}
	}
	return func() {
		for _, item := range q.With {
			w.hidden[item.Name]--
		}
	}
}

func (w *withNames) body(b ast.Body, p place) {
	switch b := b.(type) {
	case *ast.Query:
		w.query(b, p)
	case *ast.Change:
		w.statement(b.Stmt, func() {})
	case *ast.Values:
		for _, row := range b.Rows {
			for _, e := range row {
				w.expr(e, p)
			}
		}
	case *ast.SetOp:
		left, right := p, p
		switch {
		case b.Op == "intersect" && b.All:
			left, right = p.restrict(inIntersect), p.restrict(inIntersect)
		case b.Op == "except":
			right = p.restrict(inExcept)
			if b.All {
				left = right
			}
		}
		w.body(b.Left, left)
		w.body(b.Right, right)
	case *ast.Select:
		for _, r := range b.From {
			w.ref(r, p)
		}
		ast.EachClause(b, func(e ast.Expr) { w.expr(e, p) })
	}
}

func (w *withNames) ref(r ast.TableRef, p place) {
	switch r := r.(type) {
	case *ast.Table:
		if len(r.Name.Parts) == 1 && r.File == "" && w.hidden[r.Name.Parts[0]] == 0 {
			w.found(r, r.Name.Parts[0], p)
		}
	case *ast.TableFunc:
		for _, c := range r.Calls {
			w.expr(c, p)
		}
	case *ast.Derived:
		w.query(r.Query, p)
	case *ast.Join:
		left, right := p, p
		if r.Kind == ast.Right || r.Kind == ast.Full {
			left = p.restrict(inOuterJoin)
		}
		if r.Kind == ast.Left || r.Kind == ast.Full {
			right = p.restrict(inOuterJoin)
		}
		w.ref(r.Left, left)
		w.ref(r.Right, right)
		w.expr(r.On, p)
	}
}

func (w *withNames) expr(e ast.Expr, p place) {
	if e == nil {
		return
	}
	ast.EachOperand(e, func(e ast.Expr) { w.expr(e, p) }, func(q *ast.Query) { w.query(q, p.restrict(inSubquery)) })
}

// recursiveTerms gives the operands of a query that refers to itself: name's
// query must be initial term UNION [ALL] recursive term, with one reference in
// the latter.
func recursiveTerms(item *ast.CTE) (*ast.SetOp, error) {
	op, ok := item.Query.Body.(*ast.SetOp)
	if !ok || op.Op != "union" {
		return nil, sqlerr.At(item.Position(), sqlerr.InvalidRecursion,
			"recursive query \"%s\" does not have the form non-recursive-term UNION [ALL] recursive-term", item.Name)
	}
	var err error
	count := 0
	w := &withNames{hidden: map[string]int{}}
	w.found = func(t *ast.Table, name string, p place) {
		if name != item.Name || err != nil {
			return
		}
		if p != inRecursiveTerm {
			err = sqlerr.At(t.Position(), sqlerr.InvalidRecursion, "recursive reference to query \"%s\" must not appear within %s", name, placeNames[p])
			return
		}
		if count++; count > 1 {
			err = sqlerr.At(t.Position(), sqlerr.InvalidRecursion, "recursive reference to query \"%s\" must not appear more than once", name)
		}
	}
	q := item.Query
	restore := w.with(q, inSubquery)
	w.body(op.Left, inInitialTerm)
	w.body(op.Right, inRecursiveTerm)
	restore()
	if err != nil {
		return nil, err
	}
	for _, clause := range []struct {
		name  string
		there bool
		pos   func() int
	}{
		{"ORDER BY", len(q.OrderBy) > 0 || q.OrderAll, func() int {
			if len(q.OrderBy) > 0 {
				return q.OrderBy[0].Expr.Position()
			}
			return q.Position()
		}},
		{"OFFSET", q.Offset != nil, func() int { return q.Offset.Position() }},
		{"LIMIT", q.Limit != nil, func() int { return q.Limit.Position() }},
		{"FOR UPDATE/SHARE", len(q.Locks) > 0, q.Position},
	} {
		if clause.there {
			return nil, sqlerr.At(clause.pos(), sqlerr.FeatureNotSupported, "%s in a recursive query is not implemented", clause.name)
		}
	}
	return op, nil
}

var placeNames = map[place]string{
	inInitialTerm: "its non-recursive term",
	inSubquery:    "a subquery",
	inOuterJoin:   "an outer join",
	inIntersect:   "INTERSECT",
	inExcept:      "EXCEPT",
}
