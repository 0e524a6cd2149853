package coordinator

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner"
	"volley/sqlerr"
)

// withPlan is the WITH list of a statement that changes data. Items that change
// data, and queries that several parts of the statement read, are made once:
// their rows are put into tables of the statement's view. All other queries stay
// in place of their readers.
type withPlan struct {
	items []*withItem // by item of the list; nil for those in place
	main  []int       // items that the query of the main statement needs
	later []int       // those that its other parts need
}

// withItem is an item that is made.
type withItem struct {
	needs  []int
	change *mutation       // or
	query  *planner.Bound  // a query
	rows   *memtable.Table // where its rows go; nil without RETURNING
}

// withBinder binds a WITH list.
type withBinder struct {
	*changeBinder
	list  *ast.Query
	reads []planner.Reads // by item and last for the main statement
	parts [][]int         // by item: the parts of the statement that it is in place in
	plan  *withPlan
	defs  map[string]*catalog.TableDef // of the items made so far
}

// bindWith binds the items of a list that are made. Afterwards b.with is what
// the main statement reads from.
func (b *changeBinder) bindWith(list *ast.Query, main ast.Statement) (*withPlan, error) {
	for i, item := range list.With {
		if slices.ContainsFunc(list.With[:i], func(o ast.CTE) bool { return o.Name == item.Name }) {
			return nil, sqlerr.At(item.Position(), sqlerr.DuplicateAlias, "WITH query name \"%s\" specified more than once", item.Name)
		}
	}
	reads, err := planner.WithReads(list, main)
	if err != nil {
		return nil, err
	}
	n := len(list.With)
	w := &withBinder{
		changeBinder: b, list: list, reads: reads, parts: make([][]int, n),
		plan: &withPlan{items: make([]*withItem, n)}, defs: map[string]*catalog.TableDef{},
	}
	order := w.readersLast()
	w.decide(order)
	for _, i := range order {
		if w.plan.items[i] != nil {
			if err := w.bindMade(i); err != nil {
				return nil, err
			}
		}
	}
	last := reads[n].All()
	for i := range n {
		if w.plan.items[i] == nil && len(w.parts[i]) == 0 { // to find its errors
			last = append(last, i)
		}
	}
	_, w.plan.main = w.reached(reads[n].Query)
	_, w.plan.later = w.reached(reads[n].Rest)
	b.with, _ = w.reached(last)
	return w.plan, nil
}

// readersLast are the items in an order in which each comes after those it reads.
func (w *withBinder) readersLast() []int {
	var order []int
	seen := make([]bool, len(w.parts))
	var visit func(int)
	visit = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		for _, j := range w.reads[i].All() {
			visit(j)
		}
		order = append(order, i)
	}
	for i := range seen {
		visit(i)
	}
	return order
}

// decide tells which items are made.
func (w *withBinder) decide(order []int) {
	main := len(w.parts)
	for _, j := range w.reads[main].All() {
		w.parts[j] = append(w.parts[j], main)
	}
	for _, i := range slices.Backward(order) {
		_, changes := w.list.With[i].Query.Body.(*ast.Change)
		if changes || len(w.parts[i]) > 1 {
			w.plan.items[i] = &withItem{}
			w.parts[i] = []int{i}
		}
		for _, j := range w.reads[i].All() {
			if j == i {
				continue
			}
			if changes {
				w.parts[j] = append(w.parts[j], i) // its query and its other parts count
				continue
			}
			for _, p := range w.parts[i] {
				if !slices.Contains(w.parts[j], p) {
					w.parts[j] = append(w.parts[j], p)
				}
			}
		}
	}
}

// reached is the part of the list that a query with those reads needs, and the
// items of it that are made.
func (w *withBinder) reached(reads []int) (*planner.With, []int) {
	in := make([]bool, len(w.parts))
	var needs []int
	var visit func([]int)
	visit = func(list []int) {
		for _, i := range list {
			if in[i] {
				continue
			}
			in[i] = true
			if w.plan.items[i] != nil {
				needs = append(needs, i)
				continue
			}
			visit(w.reads[i].Query)
		}
	}
	visit(reads)
	slices.Sort(needs)
	q := &ast.Query{Pos: w.list.Pos, Recursive: w.list.Recursive}
	for i, item := range w.list.With {
		if in[i] {
			q.With = append(q.With, item)
		}
	}
	if len(q.With) == 0 {
		return nil, nil
	}
	return &planner.With{List: q, Made: w.defs}, needs
}

// bindMade binds an item that is made.
func (w *withBinder) bindMade(i int) (err error) {
	item, out := &w.list.With[i], w.plan.items[i]
	b := *w.changeBinder
	b.inWith = true
	defer func() { w.params = b.params }()
	var columns *arrow.Schema
	var def *catalog.TableDef
	if change, ok := item.Query.Body.(*ast.Change); ok {
		if item.Search != nil || item.Cycle != nil {
			return sqlerr.At(item.Position(), sqlerr.SyntaxError, "WITH query is not recursive")
		}
		b.with, _ = w.reached(w.reads[i].All())
		if out.change, err = b.bindMutation(change.Stmt); err != nil {
			return err
		}
		_, out.needs = w.reached(w.reads[i].Query)
		_, out.change.later = w.reached(w.reads[i].Rest)
		n := 0
		if r := out.change.returning; r != nil {
			columns, n = r.schema, r.schema.NumFields()
		}
		if len(item.Columns) > n {
			return planner.TooManyNames(item, n)
		}
	} else {
		_, out.needs = w.reached(w.reads[i].Query)
		out.needs = slices.DeleteFunc(out.needs, func(n int) bool { return n == i })
		w.plan.items[i] = nil // in place in a query of its own
		b.with, _ = w.reached([]int{i})
		w.plan.items[i] = out
		from := &ast.Table{Pos: item.Pos, Name: ast.QName{Pos: item.Pos, Parts: []string{item.Name}}}
		sel := &ast.Select{Pos: item.Pos, Items: []ast.SelectItem{{Expr: &ast.Star{Pos: item.Pos}}}, From: []ast.TableRef{from}}
		opts := b.options()
		opts.Unpadded = true
		if out.query, err = b.bind(&ast.Query{Pos: item.Pos, Body: sel}, &names{s: b.s}, opts); err != nil {
			return err
		}
		columns = out.query.Schema
	}
	if columns != nil {
		out.rows = b.s.c.tables.NewRows(columns)
		def = out.rows.RowsDef(false)
	}
	w.defs[item.Name] = def
	return nil
}

// make makes items and what they need.
func (r *changeRun) make(ctx context.Context, items []int) error {
	for _, i := range items {
		if r.made[i] {
			continue
		}
		item := r.p.with.items[i]
		if err := r.make(ctx, item.needs); err != nil {
			return err
		}
		r.made[i] = true
		rows, _, err := r.main(ctx, item.change, item.query)
		if err != nil {
			return err
		}
		if item.rows != nil {
			r.st.View().Put(item.rows, rows)
		}
	}
	return nil
}

// finish makes the items that change data and that nobody has read, the last
// first, as PostgreSQL does.
func (r *changeRun) finish(ctx context.Context) error {
	for i, item := range slices.Backward(r.p.with.items) {
		if item != nil && item.change != nil {
			if err := r.make(ctx, []int{i}); err != nil {
				return err
			}
		}
	}
	return nil
}
