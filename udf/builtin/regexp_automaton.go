package builtin

import (
	"regexp/syntax"
	"unicode/utf8"
)

// automaton is a nondeterministic automaton of a part of an expression, after
// Thompson: it reads a text forward from a place or, made of the mirrored
// expression, backward, and tells all places where a match ends. Its time is
// linear in the text.
type automaton struct {
	states  []regexpState
	start   int
	reverse bool
	search  *regexpSearch
	// of a run
	now, then []int // states, each once
	marks     []int // by state: the step in which it was added
	step      int
	stack     []int
	// tables by whether matches begin anywhere; made when first asked for
	tables [2]*regexpTable
	tabled [2]bool
}

// finalState is the state in which a match ends.
const finalState = 0

// regexpState reads a character of set, or, with set nil, goes on without one:
// to out and also (−1: none), where look holds.
type regexpState struct {
	set       *runeSet
	look      syntax.EmptyOp
	out, also int
	final     bool
}

func newAutomaton(n *regexpNode, reverse bool, search *regexpSearch) *automaton {
	a := &automaton{reverse: reverse, search: search, states: []regexpState{{final: true, out: -1, also: -1}}}
	a.start = a.build(n, 0)
	a.marks = make([]int, len(a.states))
	return a
}

func (a *automaton) add(s regexpState) int {
	a.states = append(a.states, s)
	return len(a.states) - 1
}

// build gives the state from which a match of n leads to state to.
func (a *automaton) build(n *regexpNode, to int) int {
	switch n.op {
	case regexpChar:
		return a.add(regexpState{set: &n.set, out: to, also: -1})
	case regexpLook:
		return a.add(regexpState{look: n.look, out: to, also: -1})
	case regexpGroup:
		return a.build(n.kids[0], to)
	case regexpConcat:
		if a.reverse {
			return a.build(n.kids[1], a.build(n.kids[0], to))
		}
		return a.build(n.kids[0], a.build(n.kids[1], to))
	case regexpAlternate:
		out := -1
		for _, k := range n.kids {
			out = a.add(regexpState{out: a.build(k, to), also: out})
		}
		return out
	case regexpRepeat:
		return a.buildRepeat(n, to)
	}
	return to
}

func (a *automaton) buildRepeat(n *regexpNode, to int) int {
	out := to
	if n.max < 0 {
		out = a.add(regexpState{also: to})
		a.states[out].out = a.build(n.kids[0], out)
	}
	for range n.max - n.min {
		out = a.add(regexpState{out: a.build(n.kids[0], out), also: to})
	}
	for range n.min {
		out = a.build(n.kids[0], out)
	}
	return out
}

// table is the automaton's table; nil where it has none or that is full.
func (a *automaton) table(anywhere bool) *regexpTable {
	i := 0
	if anywhere {
		i = 1
	}
	if !a.tabled[i] {
		a.tabled[i], a.tables[i] = true, newRegexpTable(a, anywhere)
	}
	if t := a.tables[i]; t != nil && !t.full {
		return t
	}
	return nil
}

// begin enters the first state at a place, and no other.
func (a *automaton) begin(at syntax.EmptyOp) {
	a.then = a.then[:0]
	a.step++
	a.enter(a.start, at)
}

// enters tells whether a match may begin at a place.
func (a *automaton) enters(at syntax.EmptyOp) bool {
	a.begin(at)
	return len(a.then) > 0
}

// enter adds a state that is reached at a place where some assertions hold, and those
// reached from it there.
func (a *automaton) enter(state int, at syntax.EmptyOp) {
	a.stack = append(a.stack[:0], state)
	for len(a.stack) > 0 {
		i := a.stack[len(a.stack)-1]
		a.stack = a.stack[:len(a.stack)-1]
		if i < 0 || a.marks[i] == a.step {
			continue
		}
		st := &a.states[i]
		a.marks[i] = a.step
		switch {
		case st.set != nil || st.final:
			a.then = append(a.then, i)
		case st.look&^at == 0:
			a.stack = append(a.stack, st.also, st.out)
		}
	}
}

// placeOf is what assertions hold between the characters around byte pos.
func placeOf(s string, pos int) syntax.EmptyOp {
	before, after := rune(-1), rune(-1)
	if pos > 0 {
		before, _ = utf8.DecodeLastRuneInString(s[:pos])
	}
	if pos < len(s) {
		after, _ = utf8.DecodeRuneInString(s[pos:])
	}
	return syntax.EmptyOpContext(before, after)
}

// ends calls found with every place between from and to, in the direction of
// reading, where a match that begins at from ends, until found gives false.
// With anywhere, matches begin at every place on the way.
func (a *automaton) ends(s string, from, to int, anywhere bool, found func(pos int) bool) {
	if t := a.table(anywhere); t != nil {
		pos, done := t.ends(s, from, to, found)
		if !done {
			a.goOn(s, pos, to, anywhere, found)
		}
		return
	}
	a.begin(placeOf(s, from))
	a.goOn(s, from, to, anywhere, found)
}

// goOn is ends with the states that have been entered at from.
func (a *automaton) goOn(s string, from, to int, anywhere bool, found func(pos int) bool) {
	for pos := from; ; {
		a.now, a.then = a.then, a.now[:0]
		for _, i := range a.now {
			if a.states[i].final && !found(pos) {
				return
			}
		}
		if pos == to || len(a.now) == 0 && !anywhere || !a.search.goesOn() {
			return
		}
		var r rune
		n := 0
		if a.reverse {
			r, n = utf8.DecodeLastRuneInString(s[:pos])
			pos -= n
		} else {
			r, n = utf8.DecodeRuneInString(s[pos:])
			pos += n
		}
		a.step++
		at := placeOf(s, pos)
		for _, i := range a.now {
			if st := &a.states[i]; st.set != nil && st.set.has(r) {
				a.enter(st.out, at)
			}
		}
		if anywhere {
			a.enter(a.start, at)
		}
	}
}

// all are the places that ends finds, in their order.
func (a *automaton) all(s string, from, to int) (out []int) {
	a.ends(s, from, to, false, func(pos int) bool {
		out = append(out, pos)
		return true
	})
	return out
}

// matches tells whether all of s from from to to is a match.
func (a *automaton) matches(s string, from, to int) bool {
	found := false
	a.ends(s, from, to, false, func(pos int) bool {
		found = pos == to
		return !found
	})
	return found
}
