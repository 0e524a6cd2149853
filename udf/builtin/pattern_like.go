package builtin

import (
	"bytes"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/bitutil"

	"volley/sqlerr"
	"volley/udf"
	"volley/udf/vector"
)

// registerLike adds LIKE and ILIKE, with an escape character as third argument
// where it is not the backslash.
func registerLike(b *registrar) {
	for _, f := range []struct {
		names []string
		fold  bool
		not   bool
	}{
		{[]string{"like", "~~"}, false, false},
		{[]string{"ilike", "~~*"}, true, false},
		{[]string{"!~~"}, false, true},
		{[]string{"!~~*"}, true, true},
	} {
		for _, name := range f.names {
			b.strict(name, types(tText, tText), tBool, like(f.fold, f.not))
		}
	}
	b.strict("like", types(tBytea, tBytea), tBool, like(false, false))
	b.strict("~~", types(tBytea, tBytea), tBool, like(false, false))
	b.strict("!~~", types(tBytea, tBytea), tBool, like(false, true))
	b.strict("like", types(tBytea, tBytea, tBytea), tBool, like(false, false))
	b.strict("like_escape", types(tText, tText), tText, text2(tText, likeEscape))
	b.strict("like_escape", types(tBytea, tBytea), tBytea, text2(tBytea, likeEscape))
	b.strict("like", types(tText, tText, tText), tBool, like(false, false))
	b.strict("ilike", types(tText, tText, tText), tBool, like(true, false))
}

func like(fold, not bool) batchFunc {
	return func(_ *udf.Context, args []udf.Arg, n int) (arrow.Array, error) {
		s := vector.NewColumn(vector.ByteSlices(args[0].Array), args[0].Const)
		p := load[string](args[1])
		escape := func(int) string { return `\` }
		if len(args) == 3 {
			escape = load[string](args[2]).At
		}
		v, bits := valid(args, n), make([]byte, bitutil.BytesForBits(int64(n)))
		m := likeMatcher{bytes: args[0].Array.DataType().ID() == arrow.BINARY, fold: fold}
		for i := range n {
			if !v.Valid(i) {
				continue
			}
			if err := m.use(p.At(i), escape(i)); err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			matches, err := m.match(s.At(i))
			if err != nil {
				return nil, &udf.RowError{Row: i, Err: err}
			}
			if matches != not {
				bits[i>>3] |= 1 << (i & 7)
			}
		}
		return vector.FromBits(bits, n, v), nil
	}
}

// likeMatcher matches one LIKE pattern at a time; using the same one again is
// free.
type likeMatcher struct {
	bytes, fold     bool
	pattern, escape string
	ready           bool
	tokens          []likeToken
	shape           likeShape
	literal         []byte   // of shapes other than general and inOrder
	pieces          [][]byte // of inOrder
	scratch         []byte
}

// likeToken is a byte to match, any character, or any string.
type likeToken struct {
	kind likeKind
	b    byte
}

type likeKind uint8

const (
	oneByte likeKind = iota
	anyChar
	anyString
	danglingEscape
)

// likeShape is a form of pattern that the library's searches can answer.
type likeShape uint8

const (
	general  likeShape = iota
	exactly            // abc
	prefix             // abc%
	suffix             // %abc
	contains           // %abc%
	inOrder            // ab%cd, %ab%cd%, …
)

func (m *likeMatcher) use(pattern, escape string) error {
	if m.ready && m.pattern == pattern && m.escape == escape {
		return nil
	}
	if utf8.RuneCountInString(escape) > 1 {
		return errEscapeString()
	}
	m.pattern, m.escape = pattern, escape
	if m.fold {
		pattern, escape = foldCase(pattern), foldCase(escape)
	}
	m.tokens = m.tokens[:0]
	for pattern != "" {
		switch {
		case escape != "" && len(pattern) >= len(escape) && pattern[:len(escape)] == escape:
			pattern = pattern[len(escape):]
			if pattern == "" { // an error for texts that get so far
				m.tokens = append(m.tokens, likeToken{kind: danglingEscape})
				break
			}
			m.tokens = append(m.tokens, likeToken{oneByte, pattern[0]})
		case pattern[0] == '%':
			m.tokens = append(m.tokens, likeToken{kind: anyString})
		case pattern[0] == '_':
			m.tokens = append(m.tokens, likeToken{kind: anyChar})
		default:
			m.tokens = append(m.tokens, likeToken{oneByte, pattern[0]})
		}
		pattern = pattern[min(1, len(pattern)):]
	}
	m.ready = true
	m.classify()
	return nil
}

func foldCase(s string) string { return string(toLower.append(nil, []byte(s))) }

func (m *likeMatcher) classify() {
	t := m.tokens
	front := len(t) > 0 && t[0].kind == anyString
	if front {
		t = t[1:]
	}
	back := len(t) > 0 && t[len(t)-1].kind == anyString
	if back {
		t = t[:len(t)-1]
	}
	m.literal = m.literal[:0]
	for _, x := range t {
		if x.kind != oneByte {
			m.cut()
			return
		}
		m.literal = append(m.literal, x.b)
	}
	switch {
	case front && back, front && len(t) == 0:
		m.shape = contains
	case front:
		m.shape = suffix
	case back:
		m.shape = prefix
	default:
		m.shape = exactly
	}
}

func (m *likeMatcher) match(s []byte) (bool, error) {
	if m.fold {
		m.scratch = toLower.append(m.scratch[:0], s)
		s = m.scratch
	}
	switch m.shape {
	case exactly:
		return bytes.Equal(s, m.literal), nil
	case prefix:
		return bytes.HasPrefix(s, m.literal), nil
	case suffix:
		return bytes.HasSuffix(s, m.literal), nil
	case contains:
		return bytes.Contains(s, m.literal), nil
	case inOrder:
		return m.matchPieces(s), nil
	}
	return m.matchTokens(s)
}

// matchTokens goes back to the last % only: an earlier one need never match
// more once a later one is reached.
func (m *likeMatcher) matchTokens(s []byte) (bool, error) {
	i, j := 0, 0
	star, from := -1, 0
	for i < len(s) {
		switch {
		case j < len(m.tokens) && m.tokens[j].kind == anyString:
			star, from = j, i
			j++
			continue
		case j < len(m.tokens) && m.tokens[j].kind == anyChar:
			i += m.width(s[i:])
			j++
			continue
		case j < len(m.tokens) && m.tokens[j].kind == danglingEscape:
			return false, sqlerr.New(sqlerr.InvalidEscapeSequence, "LIKE pattern must not end with escape character")
		case j < len(m.tokens) && m.tokens[j].b == s[i]:
			i++
			j++
			continue
		case star < 0:
			return false, nil
		}
		from += m.width(s[from:])
		i, j = from, star+1
	}
	for j < len(m.tokens) && m.tokens[j].kind == anyString {
		j++
	}
	return j == len(m.tokens), nil
}

func (m *likeMatcher) width(s []byte) int {
	if m.bytes || s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRune(s)
	return n
}

// likeEscape appends a pattern with the backslash as its escape character
// instead of another one.
func likeEscape(dst []byte, pattern, escape string) ([]byte, error) {
	if utf8.RuneCountInString(escape) > 1 {
		return dst, errEscapeString()
	}
	if escape == `\` {
		return append(dst, pattern...), nil
	}
	escaped := false
	for pattern != "" {
		_, n := utf8.DecodeRuneInString(pattern)
		c := pattern[:n]
		pattern = pattern[n:]
		switch {
		case c == escape && !escaped:
			dst = append(dst, '\\')
			escaped = true
			continue
		case c == `\` && !escaped:
			dst = append(dst, '\\')
		}
		dst, escaped = append(dst, c...), false
	}
	return dst, nil
}

func errEscapeString() error {
	return sqlerr.New(sqlerr.InvalidEscapeSequence, "invalid escape string").
		WithHint("Escape string must be empty or one character.")
}
