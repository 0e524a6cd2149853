package builtin

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
	"github.com/grafana/regexp"

	"volley/sqlerr"
	"volley/udf"
)

// pattern is a compiled regular expression of PostgreSQL's. Most run on an
// engine whose time is linear in the text; back references and lookaround need
// one that backtracks, which gives up after a while.
type pattern struct {
	linear *regexp.Regexp
	back   *regexp2.Regexp
	// tree is that of a linear one, or nil. plain: linear finds the same groups
	// and ends as dissector.
	tree      *regexpNode
	dissector *dissector
	plain     bool
	// prefix is what every match of a linear one begins with; whole: and all of it.
	prefix string
	whole  bool
	// anchored: what matches at a place depends on what is before it.
	anchored bool
	empty    bool   // matches the empty text
	source   string // what back would be compiled from, on demand
	options  regexp2.RegexOptions
	groups   int
	ctx      *udf.Context // of the call that uses it, whose end ends a search; may be nil
}

// match tells whether s has a match.
func (p *pattern) match(s string) (bool, error) {
	if p.tabled() {
		return p.dissector.match(s, p.prefix, p.whole)
	}
	if p.linear != nil {
		return p.matchLinear(s)
	}
	return backtrack(p, func() (bool, error) { return p.back.MatchString(s) })
}

// find gives the first match at or after byte from, as the begins and ends of
// the match and of its groups, −1 for a group that took no part; nil when there
// is none.
func (p *pattern) find(s string, from int) ([]int, error) {
	all, err := p.findAll(s, from, 1)
	if len(all) == 0 {
		return nil, err
	}
	return all[0], err
}

// findAll gives up to limit matches that do not overlap.
func (p *pattern) findAll(s string, from, limit int) ([][]int, error) {
	// The linear engine leaves out an empty match right behind another one, and
	// knows nothing of what is before from.
	if p.linear != nil && p.plain && (limit == 1 || !p.empty) && (from == 0 || !p.anchored) {
		if p.tabled() { // it is soon said that there is none
			if ok, err := p.match(s); !ok {
				return nil, err
			}
		}
		return p.findLinear(s, from, limit)
	}
	if p.tree != nil {
		p.useDissector()
		all := p.dissector.find(s, from, limit)
		return all, p.dissector.search.err()
	}
	if err := p.compileBack(); err != nil {
		return nil, err
	}
	runes, offsets := decodeRunes(s)
	start, _ := slices.BinarySearch(offsets, from)
	var all [][]int
	m, err := backtrack(p, func() (*regexp2.Match, error) { return p.back.FindRunesMatchStartingAt(runes, start) })
	for err == nil && m != nil && len(all) < limit {
		groups := m.Groups()
		at := make([]int, 0, 2*len(groups))
		for _, g := range groups {
			if len(g.Captures) == 0 {
				at = append(at, -1, -1)
				continue
			}
			at = append(at, offsets[g.Index], offsets[g.Index+g.Length])
		}
		all = append(all, at)
		last := m
		m, err = backtrack(p, func() (*regexp2.Match, error) { return p.back.FindNextMatch(last) })
	}
	return all, err
}

// useDissector makes the dissector, if there is none yet, and has it begin anew.
func (p *pattern) useDissector() {
	if p.dissector == nil {
		p.dissector = newDissector(p.tree, p.groups)
	}
	p.dissector.search = regexpSearch{ctx: p.ctx}
}

// tabled tells whether whole texts are searched by a table, and begins a search.
func (p *pattern) tabled() bool {
	if p.tree == nil {
		return false
	}
	p.useDissector()
	return p.dissector.reads(p.tree).table(true) != nil
}

// decodeRunes gives the characters of s and the byte at which each begins, and
// the end.
func decodeRunes(s string) (runes []rune, offsets []int) {
	runes, offsets = make([]rune, 0, len(s)), make([]int, 0, len(s)+1)
	for i, r := range s {
		runes, offsets = append(runes, r), append(offsets, i)
	}
	return runes, append(offsets, len(s))
}

func (p *pattern) compileBack() error {
	if p.back != nil {
		return nil
	}
	re, err := regexp2.Compile(p.source, p.options|regexp2.RE2)
	if err != nil {
		return invalidRegexp(err)
	}
	p.back = re
	return nil
}

func invalidRegexp(err error) error {
	return sqlerr.New(sqlerr.InvalidRegexp, "invalid regular expression: %s", regexpFault(err))
}

// regexps compiles PostgreSQL's advanced regular expressions; using the last
// one again is free.
type regexps struct {
	ctx         *udf.Context // of the call
	uses        int
	text, flags string
	last        *pattern
}

// use compiles a pattern with PostgreSQL's flags (i, c, n, m, s, p, w, x, q, t);
// g is the caller's.
func (r *regexps) use(text, flags string) (*pattern, error) {
	r.uses++
	if err := stopped(r.ctx, r.uses); err != nil {
		return nil, err
	}
	if r.last != nil && r.text == text && r.flags == flags {
		return r.last, nil
	}
	o, err := regexpFlags(flags)
	if err != nil {
		return nil, err
	}
	p, err := compilePattern(text, o)
	if err != nil {
		return nil, err
	}
	// The strings may be of a batch, whose memory does not outlive the call.
	p.ctx = r.ctx
	r.text, r.flags, r.last = strings.Clone(text), strings.Clone(flags), p
	return p, nil
}

// compilePattern takes a pattern as PostgreSQL has it.
func compilePattern(text string, o regexpOptions) (*pattern, error) {
	text, o, err := directors(text, o)
	if err != nil {
		return nil, err
	}
	var t translated
	if o.literal {
		t.text = regexp.QuoteMeta(text)
	} else if t, err = translateRegexp(text, o.expanded); err != nil {
		return nil, err
	}
	p := &pattern{anchored: t.anchored, source: t.text, options: o.backtracking()}
	if t.backtracks {
		if err := p.compileBack(); err != nil {
			return nil, err
		}
		p.groups = len(p.back.GetGroupNumbers()) - 1
		return p, nil
	}
	re, err := regexp.Compile("(?" + o.linear() + ")" + t.text)
	if err != nil {
		return nil, invalidRegexp(err)
	}
	// POSIX takes the longest match, but where a quantifier is non-greedy.
	if !t.lazy {
		re.Longest()
	}
	p.linear, p.groups, p.empty = re, re.NumSubexp(), re.MatchString("")
	if !p.anchored && !o.fold { // or it would be that of matches at one place, or of any case
		p.prefix, p.whole = re.LiteralPrefix()
	}
	p.tree = parseRegexp(t.text, o.linear())
	p.plain = p.tree == nil || p.tree.plain() && (p.groups > 0 || !t.lazy)
	return p, nil
}

// regexpOptions are PostgreSQL's flags.
type regexpOptions struct {
	fold, literal, expanded bool
	// lines: ^ and $ match at lines; dot: . and [^…] match a newline.
	lines, dot bool
}

func regexpFlags(flags string) (regexpOptions, error) {
	o := regexpOptions{dot: true}
	for _, f := range flags {
		switch f {
		case 'i':
			o.fold = true
		case 'c':
			o.fold = false
		case 'n', 'm':
			o.lines, o.dot = true, false
		case 's':
			o.lines, o.dot = false, true
		case 'p':
			o.lines, o.dot = false, false
		case 'w':
			o.lines, o.dot = true, true
		case 'q':
			o.literal = true
		case 'x':
			o.expanded = true
		case 't':
			o.expanded = false
		case 'e', 'b', 'g':
		default:
			return o, sqlerr.New(sqlerr.InvalidParameterValue, "invalid regular expression option: \"%c\"", f)
		}
	}
	return o, nil
}

func (o regexpOptions) linear() string {
	flags := "-U" // changes nothing: a group of flags must not be empty
	if o.dot {
		flags = "s" + flags
	}
	if o.lines {
		flags = "m" + flags
	}
	if o.fold {
		flags = "i" + flags
	}
	return flags
}

func (o regexpOptions) backtracking() regexp2.RegexOptions {
	var flags regexp2.RegexOptions
	if o.dot {
		flags |= regexp2.Singleline
	}
	if o.lines {
		flags |= regexp2.Multiline
	}
	if o.fold {
		flags |= regexp2.IgnoreCase
	}
	return flags
}

// directors reads what may stand before a pattern: ***: (as it is), ***=
// (literal), and (?xyz) with flags.
func directors(text string, o regexpOptions) (string, regexpOptions, error) {
	if rest, ok := strings.CutPrefix(text, "***="); ok {
		o.literal = true
		return rest, o, nil
	}
	text = strings.TrimPrefix(text, "***:")
	if strings.HasPrefix(text, "***") {
		return text, o, sqlerr.New(sqlerr.InvalidRegexp, "invalid regular expression: invalid regexp (reg version 0.8)")
	}
	if len(text) > 2 && strings.HasPrefix(text, "(?") && text[2] >= 'a' && text[2] <= 'z' && !o.literal {
		end := strings.IndexByte(text, ')')
		if end < 0 {
			return text, o, sqlerr.New(sqlerr.InvalidRegexp, "invalid regular expression: invalid embedded option")
		}
		embedded, err := regexpFlags(text[2:end])
		if err != nil {
			return text, o, sqlerr.New(sqlerr.InvalidRegexp, "invalid regular expression: invalid embedded option")
		}
		embedded.fold = embedded.fold || o.fold && !strings.Contains(text[2:end], "c")
		if !strings.ContainsAny(text[2:end], "nmspw") {
			embedded.lines, embedded.dot = o.lines, o.dot
		}
		return text[end+1:], embedded, nil
	}
	return text, o, nil
}

// regexpFault is PostgreSQL's words for what the engine found wrong.
func regexpFault(err error) string {
	text := err.Error()
	for _, f := range [][2]string{
		{"missing closing ]", "brackets [] not balanced"},
		{"unterminated [] set", "brackets [] not balanced"},
		{"missing closing )", "parentheses () not balanced"},
		{"unexpected )", "parentheses () not balanced"},
		{"missing argument to repetition", "quantifier operand invalid"},
		{"quantifier '{x,y}' following nothing", "quantifier operand invalid"},
		{"invalid repeat count", "invalid repetition count(s)"},
		{"invalid nested repetition", "quantifier operand invalid"},
		{"invalid character class range", "invalid character range"},
		{"reference to undefined group", "invalid backreference number"},
		{"trailing backslash", `invalid escape \ sequence`},
		{"invalid escape", `invalid escape \ sequence`},
	} {
		if strings.Contains(text, f[0]) {
			return f[1]
		}
	}
	return strings.TrimPrefix(text, "error parsing regexp: ")
}

// characters counts the characters of s before byte end.
func characters(s string, end int) int32 { return int32(utf8.RuneCountInString(s[:end])) }
