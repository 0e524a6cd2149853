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
	rows, cost  float64
}

// joinSearch looks for a cheap order of a region's joins: by dynamic
// programming over its connected subsets (Moerkotte and Neumann, "Analysis of
// Two Existing and One New Dynamic Programming Algorithm", 2006) while they are
// few, and greedily by the fewest resulting rows otherwise. Its cost is the rows
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
		t := &joinTree{rel: i, rows: max(1, estimate(n).rows)}
		t.rels.add(i)
		s.leaf = append(s.leaf, t)
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
		for sub := (set - 1) & set; sub > 0; sub = (sub - 1) & set {
			a, b := best[sub], best[set&^sub]
			if sub&lowest == 0 || a == nil || b == nil || !s.connected(a, b) {
				continue
			}
			if t := s.join(a, b); best[set] == nil || t.cost < best[set].cost {
				best[set] = t
			}
		}
	}
	return best[len(best)-1]
}

// greedy joins the two trees that give the fewest rows, again and again;
// unconnected ones only when no others are left (Fegaras, "A New Heuristic for
// Optimizing Large Queries", 1998).
func (s *joinSearch) greedy() *joinTree {
	trees := append([]*joinTree(nil), s.leaf...)
	// pair[i][j], i < j, is the join of trees i and j, nil when not connected.
	pair := make([][]*joinTree, len(trees))
	try := func(i, j int) {
		pair[i][j] = nil
		if s.connected(trees[i], trees[j]) {
			pair[i][j] = s.join(trees[i], trees[j])
		}
	}
	for i := range trees {
		pair[i] = make([]*joinTree, len(trees))
		for j := i + 1; j < len(trees); j++ {
			try(i, j)
		}
	}
	for left := len(trees); left > 1; left-- {
		bi, bj := -1, -1
		var best *joinTree
		for i := range trees {
			for j := i + 1; j < len(trees); j++ {
				if t := pair[i][j]; t != nil && (best == nil || t.rows < best.rows) {
					best, bi, bj = t, i, j
				}
			}
		}
		if best == nil {
			bi, bj = twoSmallest(trees)
			best = s.join(trees[bi], trees[bj])
		}
		trees[bi], trees[bj] = best, nil
		for k := range trees {
			pair[min(k, bj)][max(k, bj)] = nil
			if k != bi && trees[k] != nil {
				try(min(k, bi), max(k, bi))
			}
		}
	}
	for _, t := range trees {
		if t != nil {
			return t
		}
	}
	return nil
}

func twoSmallest(trees []*joinTree) (first, second int) {
	a, b := -1, -1
	for i, t := range trees {
		switch {
		case t == nil:
		case a < 0 || t.rows < trees[a].rows:
			a, b = i, a
		case b < 0 || t.rows < trees[b].rows:
			b = i
		}
	}
	return min(a, b), max(a, b)
}

// connected tells whether a condition joins two trees.
func (s *joinSearch) connected(a, b *joinTree) bool {
	for k := range s.class {
		if m := s.class[k].members; m.intersects(a.rels) && m.intersects(b.rels) {
			return true
		}
	}
	for i := range s.conds {
		if s.conds[i].joins(a.rels, b.rels) {
			return true
		}
	}
	return false
}

// join estimates the join of two trees. Of several equalities the first counts
// in full and the others less: keys of several columns are rarely independent.
func (s *joinSearch) join(a, b *joinTree) *joinTree {
	rows := a.rows * b.rows
	keys := 0
	equal := func(distinct float64) {
		if keys++; keys > 1 {
			distinct = math.Sqrt(distinct)
		}
		rows /= max(1, distinct)
	}
	for k := range s.class {
		if c := &s.class[k]; c.members.intersects(a.rels) && c.members.intersects(b.rels) {
			equal(c.distinct)
		}
	}
	for i := range s.conds {
		if !s.conds[i].joins(a.rels, b.rels) {
			continue
		}
		if isEquality(s.conds[i].pred) {
			equal(min(a.rows, b.rows))
		} else {
			rows *= selectivity
		}
	}
	if a.rows < b.rows {
		a, b = b, a
	}
	rows = max(rows, 1)
	return &joinTree{left: a, right: b, rels: a.rels.union(b.rels), rows: rows, cost: a.cost + b.cost + rows + b.rows}
}

func isEquality(e expr.Expr) bool {
	c, ok := e.(*expr.Call)
	return ok && c.Func == "="
}
