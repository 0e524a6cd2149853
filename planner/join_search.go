package planner

import (
	"math"
	"math/bits"

	"volley/planner/expr"
)

// relSet is a set of a region's relations by number. The zero value is empty.
type relSet []uint64

func (s *relSet) add(rel int) {
	for len(*s) <= rel/64 {
		*s = append(*s, 0)
	}
	(*s)[rel/64] |= 1 << (rel % 64)
}

// each calls f with each relation.
func (s relSet) each(f func(rel int)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			f(i*64 + bits.TrailingZeros64(w))
		}
	}
}

func (s relSet) has(rel int) bool { return rel/64 < len(s) && s[rel/64]>>(rel%64)&1 != 0 }

func (s relSet) len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s relSet) intersects(o relSet) bool {
	for i := range min(len(s), len(o)) {
		if s[i]&o[i] != 0 {
			return true
		}
	}
	return false
}

// within tells whether every relation is in a or in b.
func (s relSet) within(a, b relSet) bool {
	for i, w := range s {
		if i < len(a) {
			w &^= a[i]
		}
		if i < len(b) {
			w &^= b[i]
		}
		if w != 0 {
			return false
		}
	}
	return true
}

func (s relSet) union(o relSet) relSet {
	if len(s) < len(o) {
		s, o = o, s
	}
	out := append(relSet(nil), s...)
	for i, w := range o {
		out[i] |= w
	}
	return out
}

// joinTree is a relation, or a join of two trees; the right one is built into a
// hash table.
type joinTree struct {
	left, right *joinTree // nil: a relation
	rel         int
	rels        relSet
	class       relSet // numbers of the classes with a column of it
	conds       relSet // numbers of the conditions that need some relation of it
	rows, cost  float64
	width       float64 // of a row, in bytes
}

// joinSearch looks for a cheap order of a region's joins: by dynamic
// programming over its connected subsets (Moerkotte and Neumann, "Analysis of
// Two Existing and One New Dynamic Programming Algorithm", 2006) while they are
// few, and greedily by the fewest resulting rows otherwise (joinGreedy). Its cost is the rows
// of all intermediate results and of what is built into hash tables.
type joinSearch struct {
	*joinRegion
	leaf []*joinTree
}

// maxDynamic is up to how many relations all connected subsets are looked at.
const maxDynamic = 10

func newJoinSearch(r *joinRegion) *joinSearch {
	s := &joinSearch{joinRegion: r}
	for i, n := range r.leaves {
		t := &joinTree{rel: i, rows: max(1, r.estimate.rows(n)), width: rowWidth(n.Schema())}
		t.rels.add(i)
		s.leaf = append(s.leaf, t)
	}
	for k := range r.class {
		r.class[k].members.each(func(rel int) { s.leaf[rel].class.add(k) })
	}
	for i := range r.conds {
		r.conds[i].needs.each(func(rel int) { s.leaf[rel].conds.add(i) })
	}
	return s
}

func (s *joinSearch) order() *joinTree {
	if len(s.leaf) <= maxDynamic {
		if t := s.dynamic(); t != nil {
			return t
		}
	}
	return s.greedy()
}

// dynamic is the cheapest tree without cross products, or nil if there is none.
func (s *joinSearch) dynamic() *joinTree {
	best := make([]*joinTree, 1<<len(s.leaf))
	for i, t := range s.leaf {
		best[1<<i] = t
	}
	for set := 3; set < len(best); set++ {
		lowest := set & -set
		if set == lowest {
			continue
		}
		var left, right *joinTree
		var rows, cost float64
		for sub := (set - 1) & set; sub > 0; sub = (sub - 1) & set {
			a, b := best[sub], best[set&^sub]
			if sub&lowest == 0 || a == nil || b == nil || !s.connected(a, b) {
				continue
			}
			r := s.rows(a, b)
			if c := a.cost + b.cost + r + min(a.rows, b.rows); left == nil || c < cost {
				left, right, rows, cost = a, b, r, c
			}
		}
		if left != nil {
			best[set] = joinOf(left, right, rows)
		}
	}
	return best[len(best)-1]
}

// connected tells whether a condition joins two trees.
func (s *joinSearch) connected(a, b *joinTree) bool {
	return a.class.intersects(b.class) || s.eachCond(a, b, func(*joinCond) bool { return false })
}

// eachCond calls f with the conditions that join two trees until it gives false,
// and tells whether there was one.
func (s *joinSearch) eachCond(a, b *joinTree, f func(*joinCond) bool) (found bool) {
	for i := range min(len(a.conds), len(b.conds)) {
		for w := a.conds[i] & b.conds[i]; w != 0; w &= w - 1 {
			if c := &s.conds[i*64+bits.TrailingZeros64(w)]; c.needs.within(a.rels, b.rels) {
				found = true
				if !f(c) {
					return true
				}
			}
		}
	}
	return found
}

// rows estimates the join of two trees. Of several equalities the first counts
// in full and the others less: keys of several columns are rarely independent.
func (s *joinSearch) rows(a, b *joinTree) float64 {
	rows := a.rows * b.rows
	keys := 0
	equal := func(distinct float64) {
		if keys++; keys > 1 {
			distinct = math.Sqrt(distinct)
		}
		rows /= max(1, distinct)
	}
	for i := range min(len(a.class), len(b.class)) {
		for w := a.class[i] & b.class[i]; w != 0; w &= w - 1 {
			equal(s.class[i*64+bits.TrailingZeros64(w)].distinct)
		}
	}
	s.eachCond(a, b, func(c *joinCond) bool {
		if isEquality(c.pred) {
			equal(min(a.rows, b.rows))
		} else {
			rows *= selectivity
		}
		return true
	})
	return max(rows, 1)
}

// joinOf is the join of two trees that gives so many rows; the lighter one is
// built into the hash table.
func joinOf(a, b *joinTree, rows float64) *joinTree {
	if a.rows*a.width < b.rows*b.width {
		a, b = b, a
	}
	return &joinTree{
		left: a, right: b, rows: rows, cost: a.cost + b.cost + rows + min(a.rows, b.rows), width: a.width + b.width,
		rels: a.rels.union(b.rels), class: a.class.union(b.class), conds: a.conds.union(b.conds),
	}
}

func isEquality(e expr.Expr) bool {
	c, ok := e.(*expr.Call)
	return ok && c.Func == "="
}
