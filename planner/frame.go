package planner

import (
	"slices"

	"volley/planner/expr"
	"volley/planner/logical"
)

// outerBase is the first ordinal of outer columns: inside a subquery's plan they
// stand for expressions over the block around it, of whatever level. Each has a
// number of its own in the whole query.
const outerBase = 1 << 26

// frame collects what a subquery refers to of the block (or of the items of
// FROM before it) around it. A subquery of a subquery may refer to a block
// further out: its column is in that block's frame, and free in the plans
// between.
type frame struct {
	*binder
	exprs []expr.Expr // over the block's input, as the block's clauses are bound
	ids   []int       // of the outer columns that stand for exprs
	// working are the working tables, with the domain's columns, of recursions
	// into which a domain is being pushed.
	working map[*logical.Recursion]*logical.WorkingTable
	// around binds the clause that the subquery stands in; nil for LATERAL.
	around *exprBinder
	// beside is the scope of the items that a LATERAL one refers to, first the
	// place of the first reference.
	beside *scope
	first  int

	searched searchedPlans
}

// refer gives the outer column that stands for e, which is over the block.
func (f *frame) refer(e expr.Expr, name string) *expr.Column {
	at := -1
	for i, k := range f.exprs {
		if expr.Equal(k, e) {
			at = i
			break
		}
	}
	if at < 0 {
		at = len(f.exprs)
		f.exprs, f.ids = append(f.exprs, e), append(f.ids, outerBase+f.outers)
		f.outers++
	}
	return &expr.Column{Index: f.ids[at], Name: name, Type: f.settled(e)}
}

// column is refer for a column of the block, written at pos.
func (f *frame) column(c *expr.Column, pos int) *expr.Column {
	if f.around != nil && f.around.block != nil {
		f.around.block.seen[c] = pos
	}
	if len(f.ids) == 0 {
		f.first = pos
	}
	return f.refer(c, c.Name)
}

// tableOf is the name of the item of FROM that a LATERAL one refers to by e.
func (f *frame) tableOf(e expr.Expr) string {
	if c, ok := e.(*expr.Column); ok && f.beside != nil {
		for _, k := range f.beside.columns {
			if k.index == c.Index && k.table != "" {
				return k.table
			}
		}
	}
	return e.String()
}

// at is the place of an outer column in the frame, −1 if it is of another one.
func (f *frame) at(c *expr.Column) int {
	if f == nil || c.Index < outerBase {
		return -1
	}
	for i, id := range f.ids {
		if id == c.Index {
			return i
		}
	}
	return -1
}

// outerExprs is what the outer columns stand for.
func (f *frame) outerExprs() []expr.Expr {
	if f == nil {
		return nil
	}
	return f.exprs
}

// in tells whether an expression has outer columns of the frame.
func (f *frame) in(e expr.Expr) bool {
	found := false
	expr.EachColumn(e, func(c *expr.Column) { found = found || f.at(c) >= 0 })
	return found
}

// inPlan tells whether a plan has outer columns of the frame.
func (f *frame) inPlan(n logical.Node) bool {
	if f == nil || len(f.ids) == 0 {
		return false
	}
	if len(f.working) > 0 || !slices.Equal(f.searched.ids, f.ids) {
		f.searched = searchedPlans{ids: slices.Clone(f.ids), found: map[logical.Node]bool{}}
	}
	found, _ := f.search(n)
	return found
}

// searchedPlans remembers which plans have outer columns of some numbers: a domain
// that is pushed down asks at each node.
type searchedPlans struct {
	ids   []int
	found map[logical.Node]bool
}

// search is inPlan; lasting: the answer stays the same, as it does for nodes, but
// not for what they read that is shared.
func (f *frame) search(n logical.Node) (found, lasting bool) {
	if w, ok := n.(*logical.WorkingTable); ok {
		return f.working[w.Of] != nil, false
	}
	if found, ok := f.searched.found[n]; ok {
		return found, true
	}
	logical.MapExprs(n, func(e expr.Expr) expr.Expr {
		found = found || f.in(e)
		return e
	})
	_, shared := n.(*logical.CTE)
	lasting = !shared
	for _, c := range readFrom(n) {
		if found {
			break
		}
		var same bool
		found, same = f.search(c)
		lasting = lasting && same
	}
	if lasting {
		f.searched.found[n] = found
	}
	return found, lasting
}

// readFrom is what of a node's input may have outer columns: its inputs, or the
// shared plan of a CTE.
func readFrom(n logical.Node) []logical.Node {
	if c, ok := n.(*logical.CTE); ok && c.Shared.Outer {
		return []logical.Node{c.Shared.Plan}
	}
	return n.Inputs()
}

// replace puts values[i] in the place of outer column i and moves the columns
// of the input by shift.
func (f *frame) replace(e expr.Expr, values []expr.Expr, shift int) expr.Expr {
	if e == nil {
		return nil
	}
	return expr.MapColumns(e, func(c *expr.Column) expr.Expr {
		if i := f.at(c); i >= 0 {
			return values[i]
		}
		if c.Index >= outerBase || shift == 0 {
			return c
		}
		return &expr.Column{Index: c.Index + shift, Name: c.Name, Type: c.Type}
	})
}

// replaceAll is replace for each expression.
func (f *frame) replaceAll(es []expr.Expr, values []expr.Expr, shift int) []expr.Expr {
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = f.replace(e, values, shift)
	}
	return out
}

// compact drops what the plan of the subquery has no use for.
func (f *frame) compact(n logical.Node) {
	used := map[int]bool{}
	var walk func(logical.Node)
	walk = func(n logical.Node) {
		logical.MapExprs(n, func(e expr.Expr) expr.Expr {
			expr.EachColumn(e, func(c *expr.Column) { used[c.Index] = true })
			return e
		})
		for _, c := range readFrom(n) {
			walk(c)
		}
	}
	if len(f.ids) > 0 {
		walk(n)
	}
	kept := 0
	for i, id := range f.ids {
		if used[id] {
			f.ids[kept], f.exprs[kept] = id, f.exprs[i]
			kept++
		}
	}
	f.ids, f.exprs = f.ids[:kept], f.exprs[:kept]
}
