package builtin

import (
	"slices"
	"strings"
	"unicode/utf8"

	"volley/udf"
)

// dissector finds matches as PostgreSQL defines them (section 9.7.3.5 of its
// manual): the match that begins first; of those, the longest or the shortest,
// as the whole expression prefers; and inside of it each part, from the left,
// as long or short as it prefers and as the rest allows. An engine of Perl's
// rules, where every quantifier chooses by itself, finds other ones.
type dissector struct {
	root     *regexpNode
	size     int // of a match with its groups
	forward  map[*regexpNode]*automaton
	backward map[*regexpNode]*automaton
	rests    map[restKey]*regexpNode
	search   regexpSearch
}

// regexpSearch is how far a search has come; it is stopped when its statement was
// cancelled, and what was found then counts for nothing.
type regexpSearch struct {
	ctx     *udf.Context
	read    int // characters
	stopped bool
}

// charactersPerLook is how many characters are read between two looks at whether the
// statement was cancelled.
const charactersPerLook = 4096

// goesOn counts a character, and tells whether the search is not stopped.
func (s *regexpSearch) goesOn() bool {
	if s.read++; s.read%charactersPerLook == 0 && s.ctx.Canceled() != nil {
		s.stopped = true
	}
	return !s.stopped
}

// goesOnBehind is goesOn for the characters between two places that are no further
// apart than charactersPerLook.
func (s *regexpSearch) goesOnBehind(from, to int) bool {
	before := s.read / charactersPerLook
	if s.read += max(from, to) - min(from, to); s.read/charactersPerLook != before && s.ctx.Canceled() != nil {
		s.stopped = true
	}
	return !s.stopped
}

// err is why the search is stopped.
func (s *regexpSearch) err() error {
	if s.stopped {
		return s.ctx.Canceled()
	}
	return nil
}

type restKey struct {
	of    *regexpNode
	count int
}

func newDissector(root *regexpNode, groups int) *dissector {
	return &dissector{
		root: root, size: 2 * (groups + 1), forward: map[*regexpNode]*automaton{}, backward: map[*regexpNode]*automaton{},
		rests: map[restKey]*regexpNode{},
	}
}

func (d *dissector) reads(n *regexpNode) *automaton {
	a := d.forward[n]
	if a == nil {
		a = newAutomaton(n, false, &d.search)
		d.forward[n] = a
	}
	return a
}

func (d *dissector) readsBack(n *regexpNode) *automaton {
	a := d.backward[n]
	if a == nil {
		a = newAutomaton(n, true, &d.search)
		d.backward[n] = a
	}
	return a
}

// match tells whether s has a match, all of which begin with prefix; whole: it is all
// of them.
func (d *dissector) match(s, prefix string, whole bool) (found bool, err error) {
	from := 0
	if prefix != "" {
		if from = strings.Index(s, prefix); from < 0 || whole {
			return from >= 0, nil
		}
	}
	d.reads(d.root).ends(s, from, len(s), true, func(int) bool {
		found = true
		return false
	})
	return found, d.search.err()
}

// find gives up to limit matches from byte from on, each as the begins and ends
// of the match and of its groups, −1 for a group that took no part.
func (d *dissector) find(s string, from, limit int) (out [][]int) {
	var starts []int // places where matches begin, descending
	d.readsBack(d.root).ends(s, len(s), from, true, func(pos int) bool {
		starts = append(starts, pos)
		return true
	})
	for _, start := range slices.Backward(starts) {
		if start < from {
			continue
		}
		if len(out) == limit || d.search.stopped {
			break
		}
		end := start
		d.reads(d.root).ends(s, start, len(s), false, func(pos int) bool {
			end = pos
			return d.root.prefer != preferShorter
		})
		at := make([]int, d.size)
		for i := range at {
			at[i] = -1
		}
		at[0], at[1] = start, end
		d.dissect(d.root, s, start, end, at)
		out = append(out, at)
		from = end
		if end == start { // the same would be found again
			_, n := utf8.DecodeRuneInString(s[end:])
			from += max(n, 1)
		}
	}
	return out
}

// dissect places the groups of n, which matches s from i to j.
func (d *dissector) dissect(n *regexpNode, s string, i, j int, at []int) {
	if !n.groups {
		return
	}
	switch n.op {
	case regexpGroup:
		at[2*n.group], at[2*n.group+1] = i, j
		d.dissect(n.kids[0], s, i, j, at)
	case regexpConcat:
		mid := d.cut(n.kids[0], d.readsBack(n.kids[1]).all(s, j, i), s, i, j)
		if mid < 0 {
			return
		}
		d.dissect(n.kids[0], s, i, mid, at)
		d.dissect(n.kids[1], s, mid, j, at)
	case regexpAlternate:
		for _, k := range n.kids {
			if d.reads(k).matches(s, i, j) {
				d.dissect(k, s, i, j, at)
				return
			}
		}
	case regexpRepeat:
		d.iterate(n, s, i, j, at)
	}
}

// cut gives the end of a match of n from i that it prefers of those in rests,
// the descending places from which what follows n matches up to j; −1 when
// there is none.
func (d *dissector) cut(n *regexpNode, rests []int, s string, i, j int) int {
	mid := -1
	next := len(rests) - 1
	d.reads(n).ends(s, i, j, false, func(pos int) bool {
		for next >= 0 && rests[next] < pos {
			next--
		}
		if next >= 0 && rests[next] == pos {
			mid = pos
		}
		return mid < 0 || n.prefer != preferShorter
	})
	return mid
}

// iterate places the groups of a repetition, which are those of its last round.
// With a least count, x{m,n} is x{m-1,n-1}x, whose first part prefers what the
// quantifier does. Otherwise each round is as long or short as x prefers, and
// none is empty unless all of it is.
func (d *dissector) iterate(n *regexpNode, s string, i, j int, at []int) {
	atom := n.kids[0]
	switch {
	case n.max == 0:
		return
	case n.min > 0:
		if mid := d.cut(d.rest(n, 1), d.readsBack(atom).all(s, j, i), s, i, j); mid >= 0 {
			d.dissect(atom, s, mid, j, at)
		}
		return
	case i == j && d.reads(atom).matches(s, i, i):
		d.dissect(atom, s, i, i, at)
	}
	var rests []int
	for count := 1; i < j; count++ {
		if n.max >= 0 || count == 1 {
			rests = d.readsBack(d.rest(n, count)).all(s, j, i)
		}
		from := rests
		if k := slices.Index(rests, i); k >= 0 {
			from = rests[:k] // nothing that ends where it begins
		}
		mid := d.cut(atom, from, s, i, j)
		if mid < 0 {
			return
		}
		clearGroups(atom, at)
		d.dissect(atom, s, i, mid, at)
		i = mid
	}
}

// rest is what remains of a repetition after count rounds.
func (d *dissector) rest(n *regexpNode, count int) *regexpNode {
	if n.max < 0 {
		count = min(count, n.min) // the same from there on
	}
	key := restKey{n, count}
	r := d.rests[key]
	if r == nil {
		copied := *n
		r = &copied
		r.min = max(0, n.min-count)
		if n.max >= 0 {
			r.max = max(0, n.max-count)
		}
		d.rests[key] = r
	}
	return r
}

func clearGroups(n *regexpNode, at []int) {
	if !n.groups {
		return
	}
	if n.op == regexpGroup {
		at[2*n.group], at[2*n.group+1] = -1, -1
	}
	for _, k := range n.kids {
		clearGroups(k, at)
	}
}
