package planner

import "math/bits"

// joinDynamic finds the cheapest tree without cross products of a few relations
// that conditions connect. It looks at each pair of connected sets of relations
// that a condition joins once, smaller sets first (DPccp: Moerkotte and Neumann,
// "Analysis of Two Existing and One New Dynamic Programming Algorithm for the
// Generation of Optimal Bushy Join Trees without Cross Products", 2006). Sets are
// bits by the number of the relation among these, in breadth-first order, which
// makes the pairs come in an order that suits.
type joinDynamic struct {
	*joinSearch
	next []uint32    // relations that are connected with a relation
	best []*joinTree // by set
}

func (s *joinSearch) dynamic(rels []int) *joinTree {
	if len(rels) == 1 {
		return s.leaf[rels[0]]
	}
	d := &joinDynamic{joinSearch: s, best: make([]*joinTree, 1<<len(rels))}
	rels = d.breadthFirst(rels)
	for i, rel := range rels {
		d.best[1<<i] = s.leaf[rel]
	}
	for i := len(rels) - 1; i >= 0 && !s.stopped(); i-- {
		d.partners(1 << i)
		d.grow(1<<i, below(i), d.partners)
	}
	if t := d.best[len(d.best)-1]; t != nil {
		return t
	}
	var leaves []*joinTree // planning was stopped
	for _, rel := range rels {
		leaves = append(leaves, s.leaf[rel])
	}
	return s.greedy(leaves)
}

// below is the relations up to i.
func below(i int) uint32 { return 1<<(i+1) - 1 }

// breadthFirst orders relations and notes which are connected.
func (d *joinDynamic) breadthFirst(rels []int) []int {
	out := []int{rels[0]}
	seen := map[int]bool{rels[0]: true}
	for i := 0; i < len(out); i++ {
		for _, rel := range rels {
			if !seen[rel] && d.connected(d.leaf[out[i]], d.leaf[rel]) {
				seen[rel] = true
				out = append(out, rel)
			}
		}
	}
	d.next = make([]uint32, len(out))
	for i := range out {
		for j := range out {
			if i != j && d.connected(d.leaf[out[i]], d.leaf[out[j]]) {
				d.next[i] |= 1 << j
			}
		}
	}
	return out
}

// neighbours are the relations outside of a set that are connected with it.
func (d *joinDynamic) neighbours(set uint32) (out uint32) {
	for w := set; w != 0; w &= w - 1 {
		out |= d.next[bits.TrailingZeros32(w)]
	}
	return out &^ set
}

// grow calls emit with the connected sets that set and neighbours outside of
// without make, smaller ones first.
func (d *joinDynamic) grow(set, without uint32, emit func(uint32)) {
	n := d.neighbours(set) &^ without
	for sub := n & -n; sub != 0; sub = (sub - n) & n {
		emit(set | sub)
	}
	for sub := n & -n; sub != 0; sub = (sub - n) & n {
		d.grow(set|sub, without|n, emit)
	}
}

// partners joins a set with the connected ones that are connected with it and have
// only later relations.
func (d *joinDynamic) partners(set uint32) {
	without := below(bits.TrailingZeros32(set)) | set
	n := d.neighbours(set) &^ without
	join := func(other uint32) { d.join2(set, other) }
	for w := n; w != 0; {
		i := 31 - bits.LeadingZeros32(w)
		w &^= 1 << i
		join(1 << i)
		d.grow(1<<i, without|below(i)&n, join)
	}
}

// join2 keeps the join of two sets if it is the cheapest one of their union.
func (d *joinDynamic) join2(x, y uint32) {
	a, b := d.best[x], d.best[y]
	t := d.best[x|y]
	if t == nil {
		d.best[x|y] = d.join(a, b)
		return
	}
	d.looked++
	if c := t.costOf(a, b); c < t.cost {
		t.cost = c
		t.of(a, b)
	}
}
