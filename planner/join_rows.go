package planner

import (
	"math/bits"
	"slices"
)

// severalKeys is how often too few rows are expected of the join of two relations
// that are equal in several columns, if these are taken to be independent of one
// another.
type severalKeys struct {
	a, b   int // relations
	factor float64
}

// findSeveralKeys looks for pairs of relations with several columns in common. If
// the columns of a relation have more combinations than it has rows, they are taken
// to be a key of it, which the other relation refers to.
func (s *joinSearch) findSeveralKeys() {
	var several []int
	for i, t := range s.leaf {
		if len(t.values) > 1 {
			several = append(several, i)
		}
	}
	for x, i := range several {
		for _, j := range several[x+1:] {
			if f := s.severalKeys(s.leaf[i], s.leaf[j]); f > 1 {
				s.several = append(s.several, severalKeys{i, j, f})
			}
		}
	}
}

func (s *joinSearch) severalKeys(a, b *joinTree) float64 {
	left, right, both, keys := 1.0, 1.0, 1.0, 0
	s.eachShared(a, b, func(_ int, x, y float64) {
		left, right, both = left*x, right*y, both*max(x, y)
		keys++
	})
	if keys < 2 {
		return 1
	}
	return both / combinedValues(left, right, both, s.base[a.rel], s.base[b.rel])
}

// eachShared calls f, for each class with columns in both trees, with its number and
// the number of values in each.
func (s *joinSearch) eachShared(a, b *joinTree, f func(k int, x, y float64)) {
	for i := range min(len(a.class), len(b.class)) {
		for w := a.class[i] & b.class[i]; w != 0; w &= w - 1 {
			k := i*64 + bits.TrailingZeros64(w)
			f(k, a.values[a.class.rank(k)], b.values[b.class.rank(k)])
		}
	}
}

// rows estimates the join of two trees: of a class, the values of the side with
// fewer are among those of the other (containment). What is joined first does not
// change how many rows are expected of all in the end: a tree has as many values of
// a class as the column with the fewest (Swami and Schiefer, "On the Estimation of
// Join Result Sizes", 1994). Where common values are known, they are compared
// (classSkew), with the same independence of the order.
func (s *joinSearch) rows(a, b *joinTree) float64 {
	rows := a.rows * b.rows
	s.looked++
	s.eachShared(a, b, func(k int, x, y float64) {
		if s.class[k].skew != nil {
			rows *= s.meeting(k, a, b)
			return
		}
		rows /= max(x, y, 1)
	})
	most := 1.0
	for _, k := range s.several {
		if a.rels.has(k.a) && b.rels.has(k.b) || a.rels.has(k.b) && b.rels.has(k.a) {
			most = max(most, k.factor)
		}
	}
	rows *= most
	s.eachCond(a, b, func(c *joinCond) bool {
		if isEquality(c.pred) && c.share == defaultEqual {
			rows /= max(1, min(a.rows, b.rows))
		} else {
			rows *= c.share
		}
		return true
	})
	return max(rows, 1)
}

// skew compares the distributions of the columns of a class.
func (r *joinRegion) skew(c *joinClass) *classSkew {
	if c.constant {
		return nil
	}
	members := make([]keyShares, len(c.columns))
	for i, col := range c.columns {
		rel := r.owner[col]
		members[i] = r.estimate.keyShares(col-r.starts[rel], r.leaves[rel])
	}
	return skewOf(members, c.values)
}

// among are the members of a class in some relations, by their places in it.
func (r *joinRegion) among(c *joinClass, rels relSet) (out []int) {
	for i, col := range c.columns {
		if rels.has(r.owner[col]) {
			out = append(out, i)
		}
	}
	return out
}

// meeting is the share of the pairs of rows of two trees that have equal values of a
// class whose distribution is known.
func (s *joinSearch) meeting(k int, a, b *joinTree) float64 {
	c := &s.class[k]
	x, y := s.among(c, a.rels), s.among(c, b.rels)
	return c.skew.meet(append(slices.Clone(x), y...)) / max(c.skew.meet(x)*c.skew.meet(y), smallest)
}
