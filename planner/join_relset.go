package planner

import "math/bits"

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

// rank is how many smaller ones than i there are.
func (s relSet) rank(i int) int {
	n := 0
	for _, w := range s[:i/64] {
		n += bits.OnesCount64(w)
	}
	return n + bits.OnesCount64(s[i/64]&(1<<(i%64)-1))
}
