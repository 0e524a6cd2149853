package planner

// joinGreedy joins the two trees that give the fewest rows, again and again;
// unconnected ones only when no others are left (Fegaras, "A New Heuristic for
// Optimizing Large Queries", 1998). Pairs wait in a heap; those of a tree that
// was joined since are passed over when they come up.
type joinGreedy struct {
	*joinSearch
	trees []*joinTree // nil where a tree was joined to one before it
	since []int32     // when the tree of this place was made
	pairs joinPairs
}

// joinPair is a possible join of the trees at places i < j, as of when it was
// looked at.
type joinPair struct {
	rows   float64
	i, j   int32
	si, sj int32
}

// joinPairs is a heap: the fewest rows first, then as they were written.
type joinPairs []joinPair

func (p joinPairs) less(a, b int) bool {
	x, y := &p[a], &p[b]
	if x.rows != y.rows {
		return x.rows < y.rows
	}
	return x.i < y.i || x.i == y.i && x.j < y.j
}

// add appends a pair where it belongs.
func (p *joinPairs) add(x joinPair) {
	h := append(*p, x)
	for i := len(h) - 1; i > 0 && h.less(i, (i-1)/2); i = (i - 1) / 2 {
		h[i], h[(i-1)/2] = h[(i-1)/2], h[i]
	}
	*p = h
}

// take removes the first pair.
func (p *joinPairs) take() joinPair {
	h := *p
	first, last := h[0], len(h)-1
	h[0] = h[last]
	*p = h[:last]
	p.sink(0)
	return first
}

// sink moves the pair at i down to where it belongs.
func (p joinPairs) sink(i int) {
	for {
		c := 2*i + 1
		if c >= len(p) {
			return
		}
		if c+1 < len(p) && p.less(c+1, c) {
			c++
		}
		if !p.less(c, i) {
			return
		}
		p[i], p[c] = p[c], p[i]
		i = c
	}
}

func (s *joinSearch) greedy(trees []*joinTree) *joinTree {
	g := &joinGreedy{joinSearch: s, trees: append([]*joinTree(nil), trees...), since: make([]int32, len(trees))}
	for i := range g.trees {
		if s.stopped() {
			break
		}
		for j := i + 1; j < len(g.trees); j++ {
			if p, ok := g.pair(i, j); ok {
				g.pairs = append(g.pairs, p)
			}
		}
	}
	for i := len(g.pairs)/2 - 1; i >= 0; i-- {
		g.pairs.sink(i)
	}
	for step := 1; step < len(trees); step++ {
		g.step(int32(step))
	}
	return g.trees[0]
}

// step makes one join, at the place of its first tree.
func (g *joinGreedy) step(now int32) {
	i, j := g.best()
	g.trees[i], g.trees[j] = g.join(g.trees[i], g.trees[j]), nil
	g.since[i], g.since[j] = now, now
	if g.stopped() {
		return
	}
	for k, t := range g.trees {
		if k == i || t == nil {
			continue
		}
		if p, ok := g.pair(min(k, i), max(k, i)); ok {
			g.pairs.add(p)
		}
	}
}

// best is the next join; any, once the statement has been cancelled.
func (g *joinGreedy) best() (i, j int) {
	for len(g.pairs) > 0 && !g.stopped() {
		p := g.pairs.take()
		if g.since[p.i] == p.si && g.since[p.j] == p.sj {
			return int(p.i), int(p.j)
		}
	}
	return twoSmallest(g.trees)
}

// pair is a join of two trees, if a condition joins them.
func (g *joinGreedy) pair(i, j int) (joinPair, bool) {
	if !g.connected(g.trees[i], g.trees[j]) {
		return joinPair{}, false
	}
	return joinPair{g.rows(g.trees[i], g.trees[j]), int32(i), int32(j), g.since[i], g.since[j]}, true
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
