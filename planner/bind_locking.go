package planner

import (
	"volley/parser/ast"
	"volley/sqlerr"
)

// checkLocks refuses FOR UPDATE and its kin where PostgreSQL could not tell which
// rows to lock. Otherwise they have no effect: readers see a snapshot.
func (b *binder) checkLocks(q *ast.Query) error {
	for _, l := range q.Locks {
		if what := b.unlockable(q); what != "" {
			return sqlerr.New(sqlerr.FeatureNotSupported, "FOR %s %s", l.Strength, what)
		}
		sel, _ := q.Body.(*ast.Select)
		nullable := false
		names := map[string]bool{}
		if sel != nil {
			for _, ref := range sel.From {
				lockable(ref, false, names, &nullable)
			}
		}
		if len(l.Of) == 0 && nullable {
			return sqlerr.New(sqlerr.FeatureNotSupported, "FOR %s cannot be applied to the nullable side of an outer join", l.Strength)
		}
		for _, of := range l.Of {
			if len(of.Parts) > 1 {
				return sqlerr.At(of.Position(), sqlerr.SyntaxError, "FOR %s must specify unqualified relation names", l.Strength)
			}
			outer, found := names[of.Parts[0]]
			switch {
			case !found:
				return sqlerr.At(of.Position(), sqlerr.UndefinedTable, "relation \"%s\" in FOR %s clause not found in FROM clause", of.Parts[0], l.Strength)
			case outer:
				return sqlerr.New(sqlerr.FeatureNotSupported, "FOR %s cannot be applied to the nullable side of an outer join", l.Strength)
			}
		}
	}
	return nil
}

// lockable collects the names of FROM's items, and which of them an outer join
// may have no row of.
func lockable(ref ast.TableRef, outer bool, names map[string]bool, nullable *bool) {
	add := func(alias, name string) {
		if alias != "" {
			name = alias
		}
		names[name] = outer
		*nullable = *nullable || outer
	}
	switch r := ref.(type) {
	case *ast.Table:
		name := ""
		if len(r.Name.Parts) > 0 {
			name = r.Name.Parts[len(r.Name.Parts)-1]
		}
		add(r.Alias.Name, name)
	case *ast.Derived:
		add(r.Alias.Name, "")
	case *ast.Join:
		lockable(r.Left, outer || r.Kind == ast.Right || r.Kind == ast.Full, names, nullable)
		lockable(r.Right, outer || r.Kind == ast.Left || r.Kind == ast.Full, names, nullable)
	}
}

// unlockable is why the rows of a query cannot be locked, "" when they can.
func (b *binder) unlockable(q *ast.Query) string {
	sel, ok := q.Body.(*ast.Select)
	if !ok {
		switch q.Body.(type) {
		case *ast.SetOp:
			return "is not allowed with UNION/INTERSECT/EXCEPT"
		case *ast.Values:
			return "cannot be applied to VALUES"
		}
		return ""
	}
	switch {
	case sel.Distinct || len(sel.DistinctOn) > 0:
		return "is not allowed with DISTINCT clause"
	case len(sel.GroupBy) > 0 || sel.GroupAll:
		return "is not allowed with GROUP BY clause"
	case sel.Having != nil:
		return "is not allowed with HAVING clause"
	}
	what := ""
	var visit func(ast.Expr)
	visit = func(e ast.Expr) {
		if call, ok := e.(*ast.Call); ok && what == "" {
			name := call.Name.Parts[len(call.Name.Parts)-1]
			switch {
			case call.Over != nil:
				what = "is not allowed with window functions"
			case b.p.Registry.IsAggregate(name):
				what = "is not allowed with aggregate functions"
			case b.p.Registry.IsTable(name):
				what = "is not allowed with set-returning functions in the target list"
			}
		}
		ast.EachOperand(e, visit, func(*ast.Query) {})
	}
	for _, item := range sel.Items {
		if item.Expr != nil {
			visit(item.Expr)
		}
	}
	return what
}
