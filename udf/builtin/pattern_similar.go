package builtin

import (
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/sqlerr"
	"volley/udf"
)

// registerSimilar adds SIMILAR TO and SUBSTRING(s SIMILAR pattern ESCAPE e).
func registerSimilar(b *registrar) {
	two, three := types(tText, tText), types(tText, tText, tText)
	b.strict("similar", two, tBool, similar)
	b.strict("similar", three, tBool, similar)
	b.strict("substring", three, tText, substringSimilar)
}

func similar(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	cache := similars{ctx: ctx}
	if len(args) == 3 {
		return map3(tBool, cache.match)(ctx, args, n)
	}
	return map2(tBool, func(s, p string) (bool, error) { return cache.match(s, p, `\`) })(ctx, args, n)
}

// similars compiles patterns of SIMILAR TO; using the last one again is free.
type similars struct {
	ctx          *udf.Context // of the call
	text, escape string
	last         *pattern
}

func (c *similars) use(text, escape string) (*pattern, error) {
	if c.last != nil && c.text == text && c.escape == escape {
		return c.last, nil
	}
	source, err := similarToRegexp(text, escape)
	if err != nil {
		return nil, err
	}
	p, err := compilePattern(source, regexpOptions{dot: true})
	if err != nil {
		return nil, err
	}
	p.ctx = c.ctx
	c.text, c.escape, c.last = strings.Clone(text), strings.Clone(escape), p
	return p, nil
}

func (c *similars) match(s, p, escape string) (bool, error) {
	re, err := c.use(p, escape)
	if err != nil {
		return false, err
	}
	return re.match(s)
}

// substringSimilar is the part of s between the separators of the pattern, the
// escape character and a double quote, or all that matches.
func substringSimilar(ctx *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
	cache := similars{ctx: ctx}
	s, p, e := load[string](args[0]), load[string](args[1]), load[string](args[2])
	return writeNullable(ctx, tText, valid(args, n), n, func(dst []byte, i int) ([]byte, bool, error) {
		re, err := cache.use(p.At(i), e.At(i))
		if err != nil {
			return dst, false, err
		}
		at, err := re.find(s.At(i), 0)
		if err != nil || at == nil {
			return dst, false, err
		}
		if len(at) > 2 {
			at = at[2:]
		}
		return append(dst, s.At(i)[at[0]:at[1]]...), true, nil
	})
}

// similarToRegexp is the regular expression of a SIMILAR TO pattern. Where
// separators divide it, its one group is the part between them, and the part
// before matches as little as it can.
func similarToRegexp(p, escape string) (string, error) {
	if utf8.RuneCountInString(escape) > 1 {
		return "", sqlerr.New(sqlerr.InvalidEscapeSequence, "invalid escape string").
			WithHint("Escape string must be empty or one character.")
	}
	t := similarTranslator{escape: escape, lazy: escape != "" && strings.Contains(p, escape+`"`)}
	t.out.WriteString("^(?:")
	for _, r := range p {
		if err := t.add(r); err != nil {
			return "", err
		}
	}
	t.out.WriteString(")$")
	return t.out.String(), nil
}

type similarTranslator struct {
	out              strings.Builder
	escape           string
	escaped, bracket bool
	lazy             bool // quantifiers are those of the first part
	separators       int
}

func (t *similarTranslator) add(r rune) error {
	switch {
	case t.escaped:
		t.escaped = false
		if r == '"' && !t.bracket {
			return t.separate()
		}
		t.out.WriteString(`\` + string(r))
	case string(r) == t.escape:
		t.escaped = true
	case t.bracket:
		t.bracket = r != ']'
		if r == '\\' {
			t.out.WriteByte('\\')
		}
		t.out.WriteRune(r)
	default:
		t.addPlain(r)
	}
	return nil
}

func (t *similarTranslator) addPlain(r rune) {
	switch r {
	case '[':
		t.bracket = true
		t.out.WriteRune(r)
	case '%':
		t.out.WriteString(".*")
		t.quantified()
	case '*', '+', '?', '}':
		t.out.WriteRune(r)
		t.quantified()
	case '_':
		t.out.WriteByte('.')
	case '(':
		t.out.WriteString("(?:")
	case '.', '^', '$', '\\':
		t.out.WriteString(`\` + string(r))
	default:
		t.out.WriteRune(r)
	}
}

func (t *similarTranslator) quantified() {
	if t.lazy {
		t.out.WriteByte('?')
	}
}

// separate ends the first part, then the second.
func (t *similarTranslator) separate() error {
	t.lazy = false
	switch t.separators++; t.separators {
	case 1:
		t.out.WriteString(")(")
	case 2:
		t.out.WriteString(")(?:")
	default:
		return sqlerr.New("2200C", "SQL regular expression may not contain more than two escape-double-quote separators")
	}
	return nil
}
