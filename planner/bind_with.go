package planner

import (
	"math"
	"slices"

	"volley/parser/ast"
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/sqlerr"
)

// cte is a chain of the WITH items in force, innermost first.
type cte struct {
	next *cte
	name string
	rel  relation
	// working: rel is the working table of a recursive query being bound.
	working bool
	// unreturned: a statement that changes data and gives no rows.
	unreturned bool
	// added is how many of its last columns are not the recursive term's own.
	added int
}

// find gives the innermost item of that name, or nil.
func (c *cte) find(name string) *cte {
	for ; c != nil; c = c.next {
		if c.name == name {
			return c
		}
	}
	return nil
}

// bindWith binds the items of WITH. Those of WITH RECURSIVE may refer to one
// another, so they are bound after what they need.
func (b *binder) bindWith(q *ast.Query, outer *scope, ctes *cte) (*cte, error) {
	for i, item := range q.With {
		if slices.ContainsFunc(q.With[:i], func(o ast.CTE) bool { return o.Name == item.Name }) {
			return nil, sqlerr.At(item.Position(), sqlerr.DuplicateAlias, "WITH query name \"%s\" specified more than once", item.Name)
		}
	}
	if !q.Recursive {
		for i := range q.With {
			if item := &q.With[i]; item.Search != nil || item.Cycle != nil {
				return nil, notRecursive(item)
			}
			if made, err := b.madeItem(q, i, ctes); made != nil || err != nil {
				if ctes = made; err != nil {
					return nil, err
				}
				continue
			}
			rel, err := b.bindItem(&q.With[i], outer, ctes)
			if err != nil {
				return nil, err
			}
			ctes = &cte{next: ctes, name: q.With[i].Name, rel: rel}
		}
		return ctes, nil
	}
	needs := withNeeds(q.With)
	order, err := withOrder(q.With, needs)
	if err != nil {
		return nil, err
	}
	for _, i := range order {
		item := &q.With[i]
		if made, err := b.madeItem(q, i, ctes); made != nil || err != nil {
			if ctes = made; err != nil {
				return nil, err
			}
			continue
		}
		var rel relation
		recursive := slices.Contains(needs[i], i)
		if !recursive && (item.Search != nil || item.Cycle != nil) {
			return nil, notRecursive(item)
		}
		if recursive {
			rel, err = b.bindRecursive(item, outer, ctes)
		} else {
			rel, err = b.bindItem(item, outer, ctes)
		}
		if err != nil {
			return nil, err
		}
		ctes = &cte{next: ctes, name: item.Name, rel: rel}
	}
	return ctes, nil
}

func notRecursive(item *ast.CTE) error {
	return sqlerr.At(item.Position(), sqlerr.SyntaxError, "WITH query is not recursive")
}

// bindItem binds an item that does not refer to itself.
func (b *binder) bindItem(item *ast.CTE, outer *scope, ctes *cte) (relation, error) {
	rel, err := b.bindQuery(item.Query, outer, ctes, true)
	if err != nil {
		return relation{}, err
	}
	return b.shared(item, rel)
}

// shared makes an item of a bound query. One that refers to the query around
// is put in place at each reference unless it has to be computed once; all
// others are decided on when the whole query is bound (see resolveShared).
func (b *binder) shared(item *ast.CTE, rel relation) (relation, error) {
	var err error
	n := len(rel.names)
	if rel.names, err = renamed(item.Name, rel.names, item.Columns, item.Position()); err != nil {
		return relation{}, TooManyNames(item, n)
	}
	always := item.Materialized != nil && *item.Materialized
	outer := refersOut(rel.node)
	if !readsWorking(rel.node) && (!outer || always || b.volatilePlan(rel.node)) {
		mode := logical.SharedIfWorthwhile
		if item.Materialized != nil {
			mode = logical.NeverShared
			if always {
				mode = logical.AlwaysShared
			}
		}
		b.sharing = true
		rel.node = &logical.CTE{Shared: &logical.Shared{Name: item.Name, Plan: rel.node, Mode: mode, Outer: outer}}
	}
	return rel, nil
}

// readsWorking tells whether n reads the working table of a recursion around it.
func readsWorking(n logical.Node) bool { return len(workingTables(n)) > 0 }

// workingTables are the recursions around n whose working tables it reads.
func workingTables(n logical.Node) map[*logical.Recursion]bool {
	var out map[*logical.Recursion]bool
	for _, c := range n.Inputs() {
		for r := range workingTables(c) {
			if out == nil {
				out = map[*logical.Recursion]bool{}
			}
			out[r] = true
		}
	}
	switch n := n.(type) {
	case *logical.WorkingTable:
		out = map[*logical.Recursion]bool{n.Of: true}
	case *logical.Recursive:
		delete(out, n.Recursion)
	}
	return out
}

// withNeeds are, for each item, the numbers of those it refers to.
func withNeeds(items []ast.CTE) [][]int {
	out := make([][]int, len(items))
	for i := range items {
		w := &withNames{hidden: map[string]int{}}
		w.found = func(_ *ast.Table, name string, _ place) {
			at := slices.IndexFunc(items, func(o ast.CTE) bool { return o.Name == name })
			if at >= 0 && !slices.Contains(out[i], at) {
				out[i] = append(out[i], at)
			}
		}
		w.query(items[i].Query, inRecursiveTerm)
	}
	return out
}

// withOrder puts items behind those they need.
func withOrder(items []ast.CTE, needs [][]int) ([]int, error) {
	order := make([]int, 0, len(items))
	done := make([]bool, len(items))
	for len(order) < len(items) {
		next := -1
		for i := range items {
			if !done[i] && !slices.ContainsFunc(needs[i], func(n int) bool { return n != i && !done[n] }) {
				next = i
				break
			}
		}
		if next < 0 {
			at := slices.Index(done, false)
			return nil, sqlerr.At(items[at].Position(), sqlerr.FeatureNotSupported, "mutual recursion between WITH items is not implemented")
		}
		done[next] = true
		order = append(order, next)
	}
	return order, nil
}

// refersOut tells whether a plan has columns of a query around it.
func refersOut(n logical.Node) bool {
	found := false
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		found = found || uses(e, outerBase, math.MaxInt)
		return e
	})
	for _, c := range readFrom(n) {
		found = found || refersOut(c)
	}
	return found
}
