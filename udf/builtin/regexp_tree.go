package builtin

import (
	"regexp/syntax"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// regexpNode is a part of a regular expression without back references and
// lookaround.
type regexpNode struct {
	op   regexpOp
	kids []*regexpNode // concat has two: an atom and the rest
	set  runeSet       // regexpChar
	look syntax.EmptyOp
	// min and max count repetitions; max −1 is no limit.
	min, max int
	group    int // regexpGroup, from 1
	// prefer is which of several possible ends is the right one.
	prefer preference
	groups bool // it has some
}

type regexpOp uint8

const (
	regexpEmpty regexpOp = iota
	regexpChar
	regexpLook // an assertion about a place
	regexpConcat
	regexpAlternate
	regexpRepeat
	regexpGroup
)

// preference is greediness: PostgreSQL has it for each part of an expression,
// and for the whole, not for quantifiers alone.
type preference uint8

const (
	preferNone preference = iota // as preferLonger, but what follows may decide
	preferLonger
	preferShorter
)

// maxRepetition is the largest number in {m,n}.
const maxRepetition = 255

// regexpParser reads what regexpTranslator wrote and the linear engine took.
type regexpParser struct {
	text  string
	i     int
	flags string
	next  int // number of groups so far
	wrong bool
}

// parseRegexp gives the tree of a translated expression, nil where it has
// something that a tree cannot have.
func parseRegexp(text, flags string) *regexpNode {
	p := &regexpParser{text: text, flags: "(?" + flags + ")"}
	n := p.alternatives()
	if p.wrong || p.i < len(text) {
		return nil
	}
	return n
}

func (p *regexpParser) eat(prefix string) bool {
	if !strings.HasPrefix(p.text[p.i:], prefix) {
		return false
	}
	p.i += len(prefix)
	return true
}

// alternatives reads branches; two or more prefer the longer match.
func (p *regexpParser) alternatives() *regexpNode {
	n := p.branch()
	if !strings.HasPrefix(p.text[p.i:], "|") {
		return n
	}
	out := &regexpNode{op: regexpAlternate, kids: []*regexpNode{n}, prefer: preferLonger, groups: n.groups}
	for p.eat("|") {
		n = p.branch()
		out.kids = append(out.kids, n)
		out.groups = out.groups || n.groups
	}
	return out
}

// branch reads quantified atoms; it prefers what the first of them does that
// prefers anything.
func (p *regexpParser) branch() *regexpNode {
	var atoms []*regexpNode
	for p.i < len(p.text) && p.text[p.i] != '|' && p.text[p.i] != ')' && !p.wrong {
		atoms = append(atoms, p.quantified(p.atom()))
	}
	if len(atoms) == 0 {
		return &regexpNode{op: regexpEmpty}
	}
	out := atoms[len(atoms)-1]
	for _, a := range slices.Backward(atoms[:len(atoms)-1]) {
		pair := &regexpNode{op: regexpConcat, kids: []*regexpNode{a, out}, prefer: a.prefer, groups: a.groups || out.groups}
		if pair.prefer == preferNone {
			pair.prefer = out.prefer
		}
		out = pair
	}
	return out
}

func (p *regexpParser) atom() *regexpNode {
	switch {
	case p.eat("(?:"):
		return p.closed(p.alternatives())
	case p.eat("("):
		p.next++
		number := p.next
		kid := p.closed(p.alternatives())
		return &regexpNode{op: regexpGroup, kids: []*regexpNode{kid}, group: number, prefer: kid.prefer, groups: true}
	}
	from := p.i
	switch p.text[p.i] {
	case '[':
		for p.i++; p.i < len(p.text) && p.text[p.i] != ']'; p.i++ {
			if p.text[p.i] == '\\' {
				p.i++
			}
		}
		p.i++
	case '\\':
		p.i++
		if p.eat("x{") || p.eat("p{") || p.eat("P{") {
			p.i += strings.IndexByte(p.text[p.i:]+"}", '}')
		} else if p.eat("x") {
			p.i++
		}
		p.i++
	default:
		_, n := utf8.DecodeRuneInString(p.text[p.i:])
		p.i += n
	}
	if p.i > len(p.text) {
		p.wrong = true
		return &regexpNode{}
	}
	return p.leaf(p.text[from:p.i])
}

func (p *regexpParser) closed(n *regexpNode) *regexpNode {
	if !p.eat(")") {
		p.wrong = true
	}
	return n
}

// quantified reads what may follow an atom. A fixed count, {m}, leaves the
// preference to the atom; {m,m} does not.
func (p *regexpParser) quantified(atom *regexpNode) *regexpNode {
	n := &regexpNode{op: regexpRepeat, kids: []*regexpNode{atom}, max: -1, prefer: preferLonger, groups: atom.groups}
	fixed := false
	switch {
	case p.eat("*"):
	case p.eat("+"):
		n.min = 1
	case p.eat("?"):
		n.max = 1
	default:
		end := strings.IndexByte(p.text[p.i:], '}')
		if end < 0 || !strings.HasPrefix(p.text[p.i:], "{") {
			return atom
		}
		lo, hi, ranged := strings.Cut(p.text[p.i+1:p.i+end], ",")
		m, err := strconv.Atoi(lo)
		if err != nil {
			return atom // the characters of {…}
		}
		n.min, n.max, fixed = m, m, !ranged
		if ranged {
			if n.max, err = strconv.Atoi(hi); hi == "" {
				n.max = -1
			} else if err != nil {
				return atom
			}
		}
		p.i += end + 1
	}
	if p.eat("?") {
		n.prefer = preferShorter
	}
	if fixed {
		n.prefer = atom.prefer
	}
	return n
}

// leaf is an atom of one character, or an assertion.
func (p *regexpParser) leaf(text string) *regexpNode {
	re, err := syntax.Parse(p.flags+text, syntax.Perl)
	if err != nil {
		p.wrong = true
		return &regexpNode{}
	}
	looks := map[syntax.Op]syntax.EmptyOp{
		syntax.OpBeginLine: syntax.EmptyBeginLine, syntax.OpEndLine: syntax.EmptyEndLine,
		syntax.OpBeginText: syntax.EmptyBeginText, syntax.OpEndText: syntax.EmptyEndText,
		syntax.OpWordBoundary: syntax.EmptyWordBoundary, syntax.OpNoWordBoundary: syntax.EmptyNoWordBoundary,
	}
	if look, ok := looks[re.Op]; ok {
		return &regexpNode{op: regexpLook, look: look}
	}
	n := &regexpNode{op: regexpChar}
	switch {
	case re.Op == syntax.OpAnyChar:
		n.set = newRuneSet([]rune{0, unicode.MaxRune})
	case re.Op == syntax.OpAnyCharNotNL:
		n.set = newRuneSet([]rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune})
	case re.Op == syntax.OpCharClass:
		n.set = newRuneSet(re.Rune)
	case re.Op == syntax.OpNoMatch:
		n.set = newRuneSet(nil)
	case re.Op == syntax.OpLiteral && len(re.Rune) == 1:
		r := re.Rune[0]
		ranges := []rune{r, r}
		if re.Flags&syntax.FoldCase != 0 {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				ranges = append(ranges, f, f)
			}
		}
		n.set = newRuneSet(ranges)
	default:
		p.wrong = true
	}
	return n
}

// runeSet is a set of characters: ASCII by bits, others by sorted ranges.
type runeSet struct {
	ascii  [2]uint64
	ranges []rune // pairs of first and last
}

func newRuneSet(ranges []rune) runeSet {
	var s runeSet
	pairs := make([][2]rune, 0, len(ranges)/2)
	for i := 0; i+1 < len(ranges); i += 2 {
		pairs = append(pairs, [2]rune{ranges[i], ranges[i+1]})
	}
	slices.SortFunc(pairs, func(a, b [2]rune) int { return int(a[0]) - int(b[0]) })
	for _, r := range pairs {
		for c := r[0]; c <= min(r[1], utf8.RuneSelf-1); c++ {
			s.ascii[c>>6] |= 1 << (c & 63)
		}
		s.ranges = append(s.ranges, r[0], r[1])
	}
	return s
}

func (s *runeSet) has(r rune) bool {
	if r >= 0 && r < utf8.RuneSelf {
		return s.ascii[r>>6]>>(r&63)&1 == 1
	}
	n := len(s.ranges) / 2
	i := sort.Search(n, func(i int) bool { return s.ranges[2*i+1] >= r })
	return i < n && s.ranges[2*i] <= r
}

// plain tells whether Perl's rules give the right ends of all groups: nothing
// is non-greedy, no alternative begins another one, rounds have no groups of a
// round before, and where x{m,n} leaves its last round as little as possible,
// rounds are of one length.
func (n *regexpNode) plain() bool {
	switch {
	case n.prefer == preferShorter:
		return false
	case n.op == regexpAlternate && !n.distinct():
		return false
	case n.op == regexpRepeat && n.groups && n.max != 1:
		atom := n.kids[0]
		if atom.op == regexpGroup {
			atom = atom.kids[0]
		}
		if _, fixed := atom.characters(nil); atom.groups || n.min > 0 && !fixed {
			return false
		}
	}
	for _, k := range n.kids {
		if !k.plain() {
			return false
		}
	}
	return true
}

// distinct tells whether all alternatives are sequences of characters that
// differ at some place.
func (n *regexpNode) distinct() bool {
	var texts [][]runeSet
	for _, k := range n.kids {
		text, ok := k.characters(nil)
		if !ok {
			return false
		}
		for _, other := range texts {
			same := min(len(text), len(other))
			if meeting(text[:same], other[:same]) {
				return false
			}
		}
		texts = append(texts, text)
	}
	return true
}

func (n *regexpNode) characters(dst []runeSet) ([]runeSet, bool) {
	switch n.op {
	case regexpChar:
		return append(dst, n.set), true
	case regexpEmpty:
		return dst, true
	case regexpConcat:
		dst, ok := n.kids[0].characters(dst)
		if !ok {
			return nil, false
		}
		return n.kids[1].characters(dst)
	}
	return nil, false
}

// meeting tells whether some text matches both sequences.
func meeting(a, b []runeSet) bool {
	for i := range a {
		if !a[i].meets(&b[i]) {
			return false
		}
	}
	return true
}

func (s *runeSet) meets(t *runeSet) bool {
	for i, j := 0, 0; i < len(s.ranges) && j < len(t.ranges); {
		switch {
		case s.ranges[i+1] < t.ranges[j]:
			i += 2
		case t.ranges[j+1] < s.ranges[i]:
			j += 2
		default:
			return true
		}
	}
	return false
}
