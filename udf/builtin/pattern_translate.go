package builtin

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"volley/sqlerr"
)

// translated is a regular expression in the syntax that both engines share.
type translated struct {
	text       string
	backtracks bool // has back references or lookaround
	anchored   bool // looks at what is before a match: ^, \A, \y, (?<=
	lazy       bool // has a non-greedy quantifier
}

// translateRegexp writes PostgreSQL's escapes and white space as the engines
// have them.
func translateRegexp(p string, expanded bool) (translated, error) {
	t := regexpTranslator{p: p, expanded: expanded}
	t.out.Grow(len(p) + 8)
	for t.i < len(p) {
		if err := t.step(); err != nil {
			return translated{}, err
		}
	}
	t.text = t.out.String()
	return t.translated, nil
}

type regexpTranslator struct {
	translated
	p        string
	i        int
	expanded bool
	out      strings.Builder
	// open are the parentheses around: whether each is of lookaround.
	open      []bool
	inBracket bool
}

// looking tells whether the current place is in lookahead or lookbehind, where
// parentheses are no groups and cannot be referred to.
func (t *regexpTranslator) looking() bool { return slices.Contains(t.open, true) }

func (t *regexpTranslator) rest(prefix string) bool { return strings.HasPrefix(t.p[t.i:], prefix) }

func (t *regexpTranslator) pass(n int, as string) {
	t.out.WriteString(as)
	t.i += n
}

func (t *regexpTranslator) step() error {
	switch c := t.p[t.i]; {
	case c == '\\':
		return t.escape()
	case c == '[':
		return t.bracket()
	case c == '(' && t.rest("(?"):
		return t.group()
	case c == '{':
		if err := t.repetition(); err != nil {
			return err
		}
	case c == '(' && t.looking():
		t.open = append(t.open, false)
		t.pass(1, "(?:")
		return nil
	case c == '(':
		t.open = append(t.open, false)
	case c == ')' && len(t.open) > 0:
		t.open = t.open[:len(t.open)-1]
	case c == '^':
		t.anchored = true
	case c == '?' && t.i > 0 && strings.IndexByte("*+?}", t.p[t.i-1]) >= 0:
		t.lazy = true
	case t.expanded && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
		t.i++
		return nil
	case t.expanded && c == '#':
		end := strings.IndexByte(t.p[t.i:], '\n')
		if end < 0 {
			end = len(t.p) - t.i - 1
		}
		t.i += end + 1
		return nil
	}
	t.pass(1, t.p[t.i:t.i+1])
	return nil
}

// repetition refuses {m,n} with numbers that are too large.
func (t *regexpTranslator) repetition() error {
	inside, _, _ := strings.Cut(t.p[t.i+1:], "}")
	for _, number := range strings.SplitN(inside, ",", 3) {
		if n, err := strconv.Atoi(number); err == nil && n > maxRepetition {
			return badRegexp("invalid repetition count(s)")
		}
	}
	return nil
}

func (t *regexpTranslator) group() error {
	switch {
	case t.rest("(?:"):
		t.open = append(t.open, false)
		t.pass(3, "(?:")
	case t.rest("(?="), t.rest("(?!"):
		t.backtracks = true
		t.open = append(t.open, true)
		t.pass(3, t.p[t.i:t.i+3])
	case t.rest("(?<="), t.rest("(?<!"):
		t.backtracks, t.anchored = true, true
		t.open = append(t.open, true)
		t.pass(4, t.p[t.i:t.i+4])
	case t.rest("(?#"):
		end := strings.IndexByte(t.p[t.i:], ')')
		if end < 0 {
			return badRegexp("parentheses () not balanced")
		}
		t.i += end + 1
	default:
		return badRegexp("quantifier operand invalid")
	}
	return nil
}

func badRegexp(fault string) error {
	return sqlerr.New(sqlerr.InvalidRegexp, "invalid regular expression: %s", fault)
}

// escape reads \x outside of brackets.
func (t *regexpTranslator) escape() error {
	if t.i+1 == len(t.p) {
		return badRegexp(`invalid escape \ sequence`)
	}
	switch c := t.p[t.i+1]; c {
	case 'y', 'm', 'M':
		t.anchored = true
		t.pass(2, `\b`)
	case 'Y':
		t.anchored = true
		t.pass(2, `\B`)
	case 'A':
		t.anchored = true
		t.pass(2, `\A`)
	case 'Z':
		t.pass(2, `\z`)
	case 'd', 'D', 's', 'S', 'w', 'W':
		t.pass(2, unicodeClasses[c])
	case 'u':
		return t.codePoint(4)
	case 'U':
		return t.codePoint(8)
	default:
		switch s, ok := controlEscapes[c]; {
		case ok:
			t.pass(2, s)
		case c >= '1' && c <= '9' && t.looking():
			return badRegexp("invalid backreference number")
		case c >= '1' && c <= '9':
			t.backtracks = true
			t.pass(2, t.p[t.i:t.i+2])
		case c == 'x':
			return t.codePoint(hexDigits(t.p[t.i+2:]))
		case c == '0':
			t.pass(2, t.p[t.i:t.i+2])
		case c == 'c' && t.i+2 < len(t.p):
			t.pass(3, hexEscape(rune(t.p[t.i+2]&31)))
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			return badRegexp(`invalid escape \ sequence`)
		default:
			t.pass(2, t.p[t.i:t.i+2])
		}
	}
	return nil
}

// unicodeClasses are the class escapes: unlike the engines', they take all
// letters and digits.
var unicodeClasses = map[byte]string{
	'd': `[0-9]`, 'D': `[^0-9]`, 'w': `[\p{L}\p{Nd}_]`, 'W': `[^\p{L}\p{Nd}_]`, 's': `[\s\x0b]`, 'S': `[^\s\x0b]`,
}

var controlEscapes = map[byte]string{
	'a': `\x07`, 'b': `\x08`, 'B': `\\`, 'e': `\x1b`, 'f': `\x0c`, 'n': `\x0a`, 'r': `\x0d`, 't': `\x09`, 'v': `\x0b`,
}

func hexEscape(r rune) string {
	const digits = "0123456789abcdef"
	out := []byte{'\\', 'x', '{'}
	for shift := 20; shift >= 0; shift -= 4 {
		out = append(out, digits[r>>shift&15])
	}
	return string(append(out, '}'))
}

// hexDigits counts the hexadecimal digits that s begins with.
func hexDigits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789abcdefABCDEF"))
}

// maxChr is the largest number that an escape may have for a character.
const maxChr = 0x7ffffffe

// codePoint writes the character whose number is the digits after \x, \u or \U;
// one beyond Unicode is in no text.
func (t *regexpTranslator) codePoint(digits int) error {
	from := t.i + 2
	if digits == 0 || from+digits > len(t.p) || hexDigits(t.p[from:from+digits]) < digits {
		return badRegexp(`invalid escape \ sequence`)
	}
	r, err := strconv.ParseUint(t.p[from:from+digits], 16, 64)
	switch {
	case err != nil || r > maxChr:
		return badRegexp(`invalid escape \ sequence`)
	case r > unicode.MaxRune && !t.inBracket:
		t.pass(2+digits, `[^\x00-\x{10ffff}]`)
	case r > unicode.MaxRune:
		t.pass(2+digits, "")
	default:
		t.pass(2+digits, hexEscape(rune(r)))
	}
	return nil
}

// bracket reads [...], in which a backslash escapes and [:class:] is a class.
func (t *regexpTranslator) bracket() error {
	for _, word := range []string{"[[:<:]]", "[[:>:]]"} {
		if t.rest(word) {
			t.anchored = true
			t.pass(len(word), `\b`)
			return nil
		}
	}
	t.inBracket = true
	defer func() { t.inBracket = false }()
	t.pass(1, "[")
	if t.rest("^") {
		t.pass(1, "^")
	}
	if t.rest("]") {
		t.pass(1, `\]`)
	}
	for t.i < len(t.p) && t.p[t.i] != ']' {
		switch c := t.p[t.i]; {
		case t.rest("[:"):
			end := strings.Index(t.p[t.i:], ":]")
			if end < 0 {
				return badRegexp("brackets [] not balanced")
			}
			class, ok := namedClasses[t.p[t.i+2:t.i+end]]
			if !ok {
				return badRegexp("invalid character class")
			}
			t.pass(end+2, class)
		case t.rest("[.") || t.rest("[="):
			end := strings.Index(t.p[t.i+2:], t.p[t.i+1:t.i+2]+"]")
			if end < 0 {
				return badRegexp("brackets [] not balanced")
			}
			name := t.p[t.i+2 : t.i+2+end]
			if len([]rune(name)) != 1 {
				return badRegexp("invalid collating element")
			}
			t.pass(end+4, hexEscape([]rune(name)[0]))
		case c == '[':
			t.pass(1, `\[`)
		case c == '\\':
			if err := t.bracketEscape(); err != nil {
				return err
			}
		default:
			t.pass(1, t.p[t.i:t.i+1])
		}
	}
	if t.i == len(t.p) {
		return badRegexp("brackets [] not balanced")
	}
	t.pass(1, "]")
	return nil
}

var namedClasses = map[string]string{
	"alpha": `\p{L}`, "digit": `0-9`, "alnum": `\p{L}\p{Nd}`, "upper": `\p{Lu}`, "lower": `\p{Ll}`,
	"space": `\s\x0b`, "blank": ` \t`, "punct": "!-/:-@\\[-`{-~", "cntrl": `\x00-\x1f\x7f`,
	"xdigit": `0-9A-Fa-f`, "graph": `!-~`, "print": ` -~`, "word": `\p{L}\p{Nd}_`, "ascii": `\x00-\x7f`,
}

func (t *regexpTranslator) bracketEscape() error {
	if t.i+1 == len(t.p) {
		return badRegexp(`invalid escape \ sequence`)
	}
	switch c := t.p[t.i+1]; c {
	case 'd', 'w', 's', 'D', 'W', 'S':
		class := unicodeClasses[c]
		if class[1] == '^' {
			return badRegexp("invalid escape \\ sequence")
		}
		t.pass(2, class[1:len(class)-1])
	case 'u':
		return t.codePoint(4)
	case 'U':
		return t.codePoint(8)
	case 'x':
		return t.codePoint(hexDigits(t.p[t.i+2:]))
	default:
		if s, ok := controlEscapes[c]; ok {
			t.pass(2, s)
		} else {
			t.pass(2, t.p[t.i:t.i+2])
		}
	}
	return nil
}
