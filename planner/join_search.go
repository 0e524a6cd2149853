package planner

import (
	"math/bits"

	"volley/planner/expr"
	"volley/planner/logical"
)

// joinTree is a relation, or a join of two trees; the right one is built into a
// hash table.
type joinTree struct {
	left, right *joinTree // nil: a relation
	rel         int
	rels        relSet
	class       relSet    // numbers of the classes with a column of it
	values      []float64 // of each of those, how many values the smallest column has
	conds       relSet    // numbers of the conditions that need some relation of it
	rows, cost  float64
	width       float64 // of a row, in bytes
}

// joinSearch looks for a cheap order of a region's joins. What conditions between
// two relations connect is ordered by dynamic programming (joinDynamic) while the
// relations are few, and greedily by the fewest resulting rows otherwise
// (joinGreedy), which also joins what they do not connect, last. The cost of a
// tree is the rows of all its joins and of what is built into hash tables.
type joinSearch struct {
	*joinRegion
	leaf    []*joinTree
	several []severalKeys
	// looked is how many joins were looked at.
	looked int
}

// maxDynamic is up to how many relations all connected subsets are looked at.
const maxDynamic = 12

func newJoinSearch(r *joinRegion) *joinSearch {
	s := &joinSearch{joinRegion: r}
	for i, n := range r.leaves {
		size := r.estimate.size(n)
		t := &joinTree{rel: i, rows: max(1, size.rows), width: r.estimate.width(n)}
		t.rels.add(i)
		s.leaf = append(s.leaf, t)
	}
	for k := range r.class {
		c := &r.class[k]
		for i, col := range c.columns {
			t := s.leaf[r.owner[col]]
			t.class.add(k)
			t.values = append(t.values, c.values[i]) // in the order of the classes
		}
	}
	for i := range r.conds {
		c := &r.conds[i]
		c.needs.each(func(rel int) { s.leaf[rel].conds.add(i) })
		c.share = s.condShare(c)
	}
	s.findSeveralKeys()
	return s
}

func (s *joinSearch) order() *joinTree {
	parts := s.connectedParts()
	trees := make([]*joinTree, len(parts))
	for i, rels := range parts {
		if len(rels) <= maxDynamic {
			trees[i] = s.dynamic(rels)
			continue
		}
		var leaves []*joinTree
		for _, rel := range rels {
			leaves = append(leaves, s.leaf[rel])
		}
		trees[i] = s.greedy(leaves)
	}
	return s.greedy(trees)
}

// connectedParts are the relations by what equalities and conditions between two
// of them connect, in the order of the first of each part.
func (s *joinSearch) connectedParts() [][]int {
	part := make([]int, len(s.leaf))
	for i := range part {
		part[i] = i
	}
	find := func(i int) int {
		for part[i] != i {
			part[i] = part[part[i]]
			i = part[i]
		}
		return i
	}
	connect := func(set relSet) {
		first := -1
		set.each(func(rel int) {
			if first < 0 {
				first = find(rel)
				return
			}
			a, b := find(first), find(rel)
			part[max(a, b)] = min(a, b)
		})
	}
	for k := range s.class {
		connect(s.class[k].members)
	}
	for i := range s.conds {
		if s.conds[i].needs.len() == 2 && s.conds[i].connects() {
			connect(s.conds[i].needs)
		}
	}
	var out [][]int
	at := map[int]int{}
	for i := range part {
		root := find(i)
		k, ok := at[root]
		if !ok {
			k = len(out)
			at[root], out = k, append(out, nil)
		}
		out[k] = append(out[k], i)
	}
	return out
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

// join is the join of two trees; the lighter one is built into the hash table.
func (s *joinSearch) join(a, b *joinTree) *joinTree {
	t := &joinTree{
		rows: s.rows(a, b), width: a.width + b.width,
		rels: a.rels.union(b.rels), class: a.class.union(b.class), conds: a.conds.union(b.conds),
	}
	t.class.each(func(k int) {
		least := 0.0
		for _, side := range []*joinTree{a, b} {
			if side.class.has(k) {
				if v := side.values[side.class.rank(k)]; least == 0 || v < least {
					least = v
				}
			}
		}
		t.values = append(t.values, least)
	})
	t.cost = t.costOf(a, b)
	t.of(a, b)
	return t
}

// of puts the sides in.
func (t *joinTree) of(a, b *joinTree) {
	if a.rows*a.width < b.rows*b.width {
		a, b = b, a
	}
	t.left, t.right = a, b
}

func (t *joinTree) costOf(a, b *joinTree) float64 {
	return a.cost + b.cost + t.rows + min(a.rows, b.rows)
}

// joinCondRows is the rows of a region side by side, to ask for selectivities.
type joinCondRows struct {
	logical.Node
	region *joinRegion
}

// condShare is the share of pairs, triples, … of rows for which a condition is
// true.
func (s *joinSearch) condShare(c *joinCond) float64 {
	return s.estimate.selectivity(c.pred, joinCondRows{s.leaves[0], s.joinRegion})
}

func isEquality(e expr.Expr) bool {
	c, ok := e.(*expr.Call)
	return ok && c.Func == "="
}
