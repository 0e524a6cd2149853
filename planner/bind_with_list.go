package planner

import (
	"slices"

	"volley/catalog"
	"volley/parser/ast"
	"volley/sqlerr"
)

// With is the WITH list of a statement that changes data, for one of the queries
// that the statement is made of.
type With struct {
	List *ast.Query // its With and Recursive count
	// Made are the items, by name, whose rows are in a table when the query runs;
	// nil for a statement without RETURNING.
	Made map[string]*catalog.TableDef
	// Outer is the list around it; nil for none.
	Outer *With
}

// bindWithList binds the items of a list that stands outside of the query.
func (b *binder) bindWithList(w *With) (*cte, error) {
	if w == nil {
		return nil, nil
	}
	outer, err := b.bindWithList(w.Outer)
	if err != nil {
		return nil, err
	}
	return b.bindWith(w.List, nil, outer)
}

// madeItem adds item i of q to those in force if its rows are in a table.
func (b *binder) madeItem(q *ast.Query, i int, ctes *cte) (*cte, error) {
	w := b.opts.With
	for w != nil && w.List != q {
		w = w.Outer
	}
	if w == nil {
		return nil, nil
	}
	item := &q.With[i]
	def, ok := w.Made[item.Name]
	if !ok {
		return nil, nil
	}
	if item.Search != nil || item.Cycle != nil {
		if _, changes := item.Query.Body.(*ast.Change); changes {
			return nil, notRecursive(item)
		}
	}
	c := &cte{next: ctes, name: item.Name, unreturned: def == nil}
	if def == nil {
		return c, nil
	}
	c.rel = scanned(def, item.Name, nil)
	names, err := renamed(item.Name, c.rel.names, item.Columns, item.Position())
	if err != nil {
		return nil, TooManyNames(item, len(c.rel.names))
	}
	c.rel.names = names
	return c, nil
}

// TooManyNames is the error of an item whose query has fewer columns than names.
func TooManyNames(item *ast.CTE, n int) error {
	return sqlerr.At(item.Position(), sqlerr.InvalidColumnReference, "WITH query \"%s\" has %d columns available but %d columns specified",
		item.Name, n, len(item.Columns))
}

// Reads are the numbers of the items that a statement reads: by its query, and by
// what of it comes after the query, DO UPDATE and RETURNING.
type Reads struct{ Query, Rest []int }

// All are the numbers of both, some of them twice.
func (r Reads) All() []int { return append(slices.Clone(r.Query), r.Rest...) }

// WithReads are, for each item of a WITH list and last for main, which follows
// the list and is without it, what it reads.
func WithReads(list *ast.Query, main ast.Statement) ([]Reads, error) {
	var reads []Reads
	var all [][]int
	for i := range list.With {
		item := &list.With[i]
		visible := list.With
		if !list.Recursive {
			visible = visible[:i]
		}
		var main ast.Statement = item.Query
		if c, ok := item.Query.Body.(*ast.Change); ok {
			main = c.Stmt
		}
		r := itemsRead(visible, main)
		reads, all = append(reads, r), append(all, r.All())
	}
	if _, err := withOrder(list.With, all); err != nil {
		return nil, err
	}
	for i := range list.With {
		item := &list.With[i]
		if ChangesData(item.Query) && slices.Contains(all[i], i) {
			return nil, sqlerr.At(item.Position(), sqlerr.InvalidRecursion, "recursive query \"%s\" must not contain data-modifying statements", item.Name)
		}
	}
	return append(reads, itemsRead(list.With, main)), nil
}

// ChangesData tells whether a query is INSERT, UPDATE or DELETE, or has one in
// its WITH list.
func ChangesData(q *ast.Query) bool {
	if _, ok := q.Body.(*ast.Change); ok {
		return true
	}
	return slices.ContainsFunc(q.With, func(item ast.CTE) bool {
		_, ok := item.Query.Body.(*ast.Change)
		return ok
	})
}

// itemsRead are the items that a statement reads.
func itemsRead(items []ast.CTE, stmt ast.Statement) (out Reads) {
	part := &out.Query
	w := &withNames{hidden: map[string]int{}, found: func(_ *ast.Table, name string, _ place) {
		at := slices.IndexFunc(items, func(o ast.CTE) bool { return o.Name == name })
		if at >= 0 && !slices.Contains(*part, at) {
			*part = append(*part, at)
		}
	}}
	w.statement(stmt, func() { part = &out.Rest })
	return out
}

// statement finds references in a query or a statement that changes data; next
// is called between the query of the latter and its other parts.
func (w *withNames) statement(stmt ast.Statement, next func()) {
	const p = inRecursiveTerm
	switch st := stmt.(type) {
	case *ast.Query:
		w.query(st, p)
	case *ast.Insert:
		w.changed(st.With, p, func() {
			if st.Query != nil {
				w.query(st.Query, p)
			}
			next()
			w.targets(st.Columns, p)
			w.assignments(st.Set, p)
			w.expr(st.Where, p)
			w.items(st.Returning, p)
		})
	case *ast.Update:
		w.changed(st.With, p, func() {
			w.assignments(st.Set, p)
			w.refs(st.From, p)
			w.expr(st.Where, p)
			next()
			w.items(st.Returning, p)
		})
	case *ast.Merge:
		w.changed(st.With, p, func() {
			w.ref(st.Using, p)
			w.expr(st.On, p)
			next()
			for i := range st.Whens {
				w.when(&st.Whens[i], p)
			}
		})
	case *ast.Delete:
		w.changed(st.With, p, func() {
			w.refs(st.Using, p)
			w.expr(st.Where, p)
			next()
			w.items(st.Returning, p)
		})
	}
}

func (w *withNames) when(m *ast.MergeWhen, p place) {
	w.expr(m.Cond, p)
	w.assignments(m.Set, p)
	w.targets(m.Columns, p)
	for _, e := range m.Values {
		w.expr(e, p)
	}
}

// changed visits what follows a WITH list, if there is one, which hides names.
func (w *withNames) changed(with *ast.Query, p place, rest func()) {
	if with != nil {
		defer w.with(with, p)()
	}
	rest()
}

func (w *withNames) assignments(set []ast.Assignment, p place) {
	for _, a := range set {
		w.targets(a.Columns, p)
		w.expr(a.Value, p)
	}
}

func (w *withNames) targets(list []ast.Target, p place) {
	for _, t := range list {
		w.expr(t.Part, p)
	}
}

func (w *withNames) refs(refs []ast.TableRef, p place) {
	for _, r := range refs {
		w.ref(r, p)
	}
}

func (w *withNames) items(items []ast.SelectItem, p place) {
	for _, item := range items {
		w.expr(item.Expr, p)
	}
}
