package planner

import (
	"volley/planner/expr"
	"volley/planner/logical"
	"volley/udf"
)

// orderJoins chooses the order of inner joins. A region is a tree of inner
// joins; what is below it, its relations, stays as it is. The region's
// conditions are taken apart:
//
//	columns that must be equal   classes of columns (joinClass), from which
//	                             follow a = c of a = b and b = c, and a constant
//	                             for all when there is one for one of them
//	other conditions             are applied as soon as their columns are there
//
// Then the relations are joined in a cheaper order (joinSearch), never by a
// cross product where a condition connects them. Right sides, which are built
// into hash tables, are the smaller ones.
func orderJoins(o *optimizer, n logical.Node) logical.Node {
	if r := o.collectRegion(n); r != nil {
		for i, leaf := range r.leaves {
			r.leaves[i] = orderBelow(o, leaf)
		}
		return r.rebuild()
	}
	return orderBelow(o, n)
}

func orderBelow(o *optimizer, n logical.Node) logical.Node {
	in := n.Inputs()
	var out []logical.Node
	for i, c := range in {
		x := orderJoins(o, c)
		if x != c && out == nil {
			out = append([]logical.Node(nil), in...)
		}
		if out != nil {
			out[i] = x
		}
	}
	if out == nil {
		return n
	}
	return n.WithInputs(out)
}

// joinRegion is the relations and conditions of a tree of inner joins. Columns
// are numbered over all relations, in the order in which they were written.
type joinRegion struct {
	*optimizer
	leaves []logical.Node
	starts []int // first column of each relation
	owner  []int // relation of each column
	output []expr.Expr
	names  []string
	conds  []joinCond
	class  []joinClass
	base   []float64 // rows of each relation without its filter
}

// joinCond is a condition and the relations it needs, at least two.
type joinCond struct {
	pred  expr.Expr
	needs relSet
	share float64 // of rows for which it is true
}

// connects tells whether the condition is one between relations that are better
// joined by it than by a cross product.
func (c *joinCond) connects() bool { return expr.HasColumns(c.pred) }

// joins tells whether the condition can be applied to a join of these relations,
// and not before.
func (c *joinCond) joins(left, right relSet) bool {
	return c.needs.intersects(left) && c.needs.intersects(right) && c.needs.within(left, right)
}

// collectRegion takes the region at n apart; nil if there is nothing to order.
func (o *optimizer) collectRegion(n logical.Node) *joinRegion {
	j, ok := n.(*logical.Join)
	if !ok || !o.orderable(j) {
		return nil
	}
	r := &joinRegion{optimizer: o}
	var pairs [][2]int
	r.output = r.collect(n, &pairs)
	if known := r.classify(pairs); len(r.leaves) < 3 && !known {
		return nil
	}
	for _, f := range n.Schema().Fields() {
		r.names = append(r.names, f.Name)
	}
	return r
}

// orderable tells whether a join may be taken apart: what it computes does not
// depend on how often or in which order that happens.
func (o *optimizer) orderable(j *logical.Join) bool {
	if j.Kind != logical.Inner || j.On != nil && o.volatility(j.On) == udf.Volatile {
		return false
	}
	for i := range j.LeftKeys {
		if o.volatility(j.LeftKeys[i]) == udf.Volatile || o.volatility(j.RightKeys[i]) == udf.Volatile {
			return false
		}
	}
	return true
}

// collect adds the relations and conditions below n and gives n's columns;
// pairs are columns that are equal.
func (r *joinRegion) collect(n logical.Node, pairs *[][2]int) []expr.Expr {
	switch n := n.(type) {
	case *logical.Project:
		if j, ok := n.Input.(*logical.Join); ok && r.orderable(j) && onlyColumns(n.Exprs) {
			below := r.collect(j, pairs)
			out := make([]expr.Expr, len(n.Exprs))
			for i, e := range n.Exprs {
				out[i] = below[e.(*expr.Column).Index]
			}
			return out
		}
	case *logical.Join:
		if !r.orderable(n) {
			break
		}
		left := r.collect(n.Left, pairs)
		right := r.collect(n.Right, pairs)
		for i := range n.LeftKeys {
			l, rk := substitute(n.LeftKeys[i], left), substitute(n.RightKeys[i], right)
			lc, ok1 := l.(*expr.Column)
			rc, ok2 := rk.(*expr.Column)
			switch {
			case n.NullEqual != nil && n.NullEqual[i]:
				r.addCond(same("is not distinct from", l, rk))
			case ok1 && ok2:
				*pairs = append(*pairs, [2]int{lc.Index, rc.Index})
			default:
				r.addCond(same("=", l, rk))
			}
		}
		all := append(left, right...)
		for _, c := range expr.Conjuncts(n.On) {
			r.addCond(substitute(c, all))
		}
		return all
	}
	start, leaf := len(r.owner), len(r.leaves)
	r.leaves, r.starts = append(r.leaves, n), append(r.starts, start)
	out := make([]expr.Expr, n.Schema().NumFields())
	for i, f := range n.Schema().Fields() {
		out[i] = &expr.Column{Index: start + i, Name: f.Name, Type: f.Type}
		r.owner = append(r.owner, leaf)
	}
	return out
}

// addCond adds a condition. One that needs fewer than two relations, which is
// rare after filters were pushed, holds back the first two.
func (r *joinRegion) addCond(e expr.Expr) {
	var needs relSet
	expr.EachColumn(e, func(c *expr.Column) { needs.add(r.owner[c.Index]) })
	for rel := 0; needs.len() < 2; rel++ {
		needs.add(rel)
	}
	r.conds = append(r.conds, joinCond{pred: e, needs: needs})
}

// rebuild joins the relations in the order found and gives the columns as they
// were.
func (r *joinRegion) rebuild() logical.Node {
	n, cols := r.build(newJoinSearch(r).order())
	place := make([]int, len(r.owner))
	for i, c := range cols {
		place[c] = i
	}
	exprs := make([]expr.Expr, len(r.output))
	for i, e := range r.output {
		exprs[i] = columnAt(n, place[e.(*expr.Column).Index])
	}
	return logical.NewProject(n, exprs, r.names)
}

func columnAt(n logical.Node, i int) *expr.Column {
	f := n.Schema().Field(i)
	return &expr.Column{Index: i, Name: f.Name, Type: f.Type}
}

// build makes the joins of a tree and gives the region's columns in the order of
// the result.
func (r *joinRegion) build(t *joinTree) (logical.Node, []int) {
	if t.left == nil {
		n := r.leaves[t.rel]
		cols := make([]int, n.Schema().NumFields())
		for i := range cols {
			cols[i] = r.starts[t.rel] + i
		}
		return n, cols
	}
	left, leftCols := r.build(t.left)
	right, rightCols := r.build(t.right)
	j := keyed{*logical.NewJoin(logical.Inner, left, right)}
	j.Rows = t.rows
	width := len(leftCols)
	cols := append(leftCols, rightCols...)
	place := make([]int, len(r.owner))
	for i, c := range cols {
		place[c] = i
	}
	for k := range r.class {
		c := &r.class[k]
		if !c.members.intersects(t.left.rels) || !c.members.intersects(t.right.rels) {
			continue
		}
		j.LeftKeys = append(j.LeftKeys, columnAt(left, place[c.anyIn(r, t.left.rels)]))
		j.RightKeys = append(j.RightKeys, columnAt(right, place[c.anyIn(r, t.right.rels)]-width))
	}
	var rest []expr.Expr
	for _, c := range r.conds {
		if !c.joins(t.left.rels, t.right.rels) {
			continue
		}
		pred := expr.MapColumns(c.pred, func(c *expr.Column) expr.Expr {
			return &expr.Column{Index: place[c.Index], Name: c.Name, Type: c.Type}
		})
		rest = append(rest, pred)
	}
	j.On = expr.And(rest)
	j.keysFromCondition(width)
	return &j.Join, cols
}
