package builtin

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// regexpTable runs an automaton as a deterministic one. A state of it is a set of
// the automaton's states; where a character leads from there is computed when a text
// first asks for it, and is a look into a table from then on. Characters that no set
// of the expression tells apart are one class. Of assertions it knows the text's
// begin and end, between which all places are alike.
//
// A table that has grown too large is full: the automaton itself goes on where a text
// left it.
type regexpTable struct {
	of       *automaton
	anywhere bool // matches begin at every place on the way
	once     bool // but only at the first one, whatever the text
	classes  regexpClasses
	sets     [][]int32         // by state: the automaton's
	known    map[string]uint32 // states by set
	size     int               // numbers in sets
	full     bool
	// next has where a class leads from a state, by state × classes.most + class; last
	// has it for the character behind which the text ends, in the direction of reading.
	next, last []regexpStep
	starts     [4]regexpStep // by place
	key        []byte        // scratch
}

// regexpStep is where reading leads: the row of a state in a table, and what is true
// of it. The zero value has not been computed yet.
type regexpStep uint32

const (
	stepKnown   regexpStep = 1 << iota
	stepAccepts            // a match ends here
	stepEnds               // nothing more can be found
)

// stepBits is how many bits say what is true of a step's state.
const stepBits = 3

const (
	// maxTable bounds the numbers in each of next and last: 128 KiB.
	maxTable = 1 << 15
	// maxTableSets bounds the numbers in sets.
	maxTableSets = 1 << 16
)

// newRegexpTable makes the table of an automaton; nil where it cannot have one.
func newRegexpTable(a *automaton, anywhere bool) *regexpTable {
	t := &regexpTable{of: a, anywhere: anywhere, known: map[string]uint32{}}
	for i := range a.states {
		st := &a.states[i]
		if st.look&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 || st.set != nil && !t.classes.add(st.set) {
			return nil
		}
	}
	t.classes.number()
	edge := syntax.EmptyEndText
	if a.reverse {
		edge = syntax.EmptyBeginText
	}
	t.once = !a.enters(0) && !a.enters(edge)
	return t
}

// textEdges tells which of the text's ends byte pos is.
func textEdges(s string, pos int) (at syntax.EmptyOp) {
	if pos == 0 {
		at = syntax.EmptyBeginText
	}
	if pos == len(s) {
		at |= syntax.EmptyEndText
	}
	return at
}

// ends is automaton.ends. Where the table is full before that is done, the automaton
// is to go on at byte pos with the states that it has entered.
func (t *regexpTable) ends(s string, from, to int, found func(pos int) bool) (pos int, done bool) {
	pos, step := from, t.start(textEdges(s, from))
	for step != 0 {
		if step&stepAccepts != 0 && !found(pos) || step&stepEnds != 0 || pos == to {
			return pos, true
		}
		before := pos
		if pos, step = t.read(s, pos, to, step); !t.of.search.goesOnBehind(before, pos) {
			return pos, true
		}
	}
	return pos, false
}

// read goes on from a state to one that accepts or ends, or to byte to, or for a while.
// It gives step 0 where the table is full.
func (t *regexpTable) read(s string, pos, to int, step regexpStep) (int, regexpStep) {
	edge, reverse := len(s), t.of.reverse
	least, most := 0, min(to, pos+charactersPerLook) // where to stop, or a character further on
	if reverse {
		edge, least, most = 0, max(to, pos-charactersPerLook), len(s)+1
	}
	for pos > least && reverse || pos < most && !reverse {
		var r rune
		if reverse {
			r = rune(s[pos-1])
		} else {
			r = rune(s[pos])
		}
		n := 1
		class, ok := t.classes.ascii[r&(utf8.RuneSelf-1)], true
		switch {
		case r < utf8.RuneSelf:
		case reverse:
			r, n = utf8.DecodeLastRuneInString(s[:pos])
			class, ok = t.classes.of(r)
		default:
			r, n = utf8.DecodeRuneInString(s[pos:])
			class, ok = t.classes.of(r)
		}
		if reverse {
			n = -n
		}
		pos += n
		rows := t.next
		if pos == edge {
			rows = t.last
		}
		at := int(step>>stepBits) + int(class)
		next := regexpStep(0)
		if ok {
			next = rows[at]
		}
		if next == 0 {
			next = t.follow(step, r, textEdges(s, pos))
			switch {
			case next == 0:
				return pos, 0
			case !ok: // of no class
			case pos == edge:
				t.last[at] = next
			default:
				t.next[at] = next
			}
		}
		if step = next; step&(stepAccepts|stepEnds) != 0 {
			break
		}
	}
	return pos, step
}

// start is the step to the first state at a place.
func (t *regexpTable) start(at syntax.EmptyOp) regexpStep {
	i := 0
	if at&syntax.EmptyBeginText != 0 {
		i = 1
	}
	if at&syntax.EmptyEndText != 0 {
		i += 2
	}
	if t.starts[i] == 0 {
		t.of.begin(at)
		t.starts[i] = t.state()
	}
	return t.starts[i]
}

// follow is the step from a state by a character, to the place at.
func (t *regexpTable) follow(from regexpStep, r rune, at syntax.EmptyOp) regexpStep {
	a := t.of
	a.then = a.then[:0]
	a.step++
	for _, i := range t.sets[int(from>>stepBits)/t.classes.most] {
		if st := &a.states[i]; st.set != nil && st.set.has(r) {
			a.enter(st.out, at)
		}
	}
	if t.anywhere {
		a.enter(a.start, at)
	}
	return t.state()
}

// state is the step to the set that the automaton has entered.
func (t *regexpTable) state() regexpStep {
	set := t.of.then
	slices.Sort(set) // however it was entered
	t.key = t.key[:0]
	for _, i := range set {
		t.key = append(t.key, byte(i), byte(i>>8), byte(i>>16))
	}
	number, ok := t.known[string(t.key)]
	if !ok {
		if t.full = t.full || t.classes.full || len(t.next)+t.classes.most > maxTable || t.size+len(set) > maxTableSets; t.full {
			return 0
		}
		number = uint32(len(t.sets))
		t.known[string(t.key)] = number
		kept := make([]int32, len(set))
		for i, s := range set {
			kept[i] = int32(s)
		}
		t.sets, t.size = append(t.sets, kept), t.size+len(set)
		t.next = append(t.next, make([]regexpStep, t.classes.most)...)
		t.last = append(t.last, make([]regexpStep, t.classes.most)...)
	}
	step := regexpStep(int(number)*t.classes.most)<<stepBits | stepKnown
	switch {
	case len(set) > 0 && set[0] == finalState:
		step |= stepAccepts
	case len(set) == 0 && (!t.anywhere || t.once):
		step |= stepEnds
	}
	return step
}
