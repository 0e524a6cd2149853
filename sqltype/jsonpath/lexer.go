package jsonpath

import (
	"strings"
	"unicode/utf8"

	"volley/sqlerr"
)

// token is one word of a path.
type token struct {
	kind tokenKind
	text string // its meaning: a string without quotes, a name
	raw  string // as it is written
}

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokWord
	tokString
	tokVariable
	tokNumber
	tokInteger
	tokSign // an operator or punctuation, in text
)

const special = "?%$.[]{}()|&!=<>@#,*:-+/"

func isSpace(c byte) bool { return strings.IndexByte(" \t\n\r\f", c) >= 0 }

// isOther tells whether c may stand in a name without quotes.
func isOther(c byte) bool {
	return !isSpace(c) && c != '"' && c != '\\' && strings.IndexByte(special, c) < 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

type lexer struct {
	text string
	pos  int
	tok  token
}

func (l *lexer) peek(n int) byte {
	if l.pos+n < len(l.text) {
		return l.text[l.pos+n]
	}
	return 0
}

// next reads a token into l.tok.
func (l *lexer) next() error {
	if err := l.skipBlanks(); err != nil {
		return err
	}
	start := l.pos
	if l.pos >= len(l.text) {
		l.tok = token{}
		return nil
	}
	l.tok = token{kind: tokSign}
	var err error
	switch c := l.text[l.pos]; {
	case isDigit(c), c == '.' && isDigit(l.peek(1)):
		err = l.number()
	case c == '"':
		l.tok.kind = tokString
		l.tok.text, err = l.quoted()
	case c == '$' && l.peek(1) == '"':
		l.pos++
		l.tok.kind = tokVariable
		l.tok.text, err = l.quoted()
	case c == '$' && l.pos+1 < len(l.text) && (isOther(l.peek(1)) || l.peek(1) == '\\'):
		l.pos++
		l.tok.kind = tokVariable
		l.tok.text, err = l.name()
	case isOther(c), c == '\\':
		l.tok.kind = tokWord
		l.tok.text, err = l.name()
	default:
		l.tok.text = l.text[l.pos : l.pos+1]
		for _, two := range []string{"&&", "||", "**", "==", "!=", "<>", "<=", ">="} {
			if strings.HasPrefix(l.text[l.pos:], two) {
				l.tok.text = two
			}
		}
		l.pos += len(l.tok.text)
	}
	l.pos = min(l.pos, len(l.text))
	l.tok.raw = l.text[start:l.pos]
	return err
}

func (l *lexer) skipBlanks() error {
	for l.pos < len(l.text) {
		switch {
		case isSpace(l.text[l.pos]):
			l.pos++
		case strings.HasPrefix(l.text[l.pos:], "/*"):
			end := strings.Index(l.text[l.pos+2:], "*/")
			if end < 0 {
				l.pos = len(l.text)
				return l.failed("unexpected end of comment")
			}
			l.pos += end + 4
		default:
			return nil
		}
	}
	return nil
}

// failed is the error of a token that is none.
func (l *lexer) failed(message string) error {
	if l.pos >= len(l.text) {
		return sqlerr.New(sqlerr.SyntaxError, "%s at end of jsonpath input", message)
	}
	return sqlerr.New(sqlerr.SyntaxError, "%s at or near \"%s\" of jsonpath input", message, l.text[l.pos:])
}

// number reads an integer, a decimal or a number with an exponent.
func (l *lexer) number() error {
	start := l.pos
	digits := func() bool {
		from := l.pos
		for l.pos < len(l.text) && isDigit(l.text[l.pos]) {
			l.pos++
		}
		return l.pos > from
	}
	l.tok.kind = tokInteger
	if l.text[l.pos] == '0' {
		l.pos++
	} else {
		digits()
	}
	if l.peek(0) == '.' {
		l.pos++
		l.tok.kind = tokNumber
		digits()
	}
	if c := l.peek(0); c == 'e' || c == 'E' {
		l.tok.kind = tokNumber
		l.pos++
		if c := l.peek(0); c == '+' || c == '-' {
			l.pos++
		}
		if !digits() {
			return sqlerr.New(sqlerr.SyntaxError, "trailing junk after numeric literal at or near \"%s\" of jsonpath input", l.text[start:l.pos])
		}
	}
	l.tok.text = l.text[start:l.pos]
	if l.pos < len(l.text) && isOther(l.text[l.pos]) {
		end := l.pos + 1
		if isDigit(l.text[l.pos]) {
			for end < len(l.text) && isDigit(l.text[end]) {
				end++
			}
		}
		return sqlerr.New(sqlerr.SyntaxError, "trailing junk after numeric literal at or near \"%s\" of jsonpath input", l.text[start:end])
	}
	return nil
}

// name reads a name without quotes.
func (l *lexer) name() (string, error) {
	var b []byte
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch {
		case c == '\\':
			var err error
			if b, err = l.escape(b); err != nil {
				return "", err
			}
			continue
		case !isOther(c):
			return string(b), nil
		}
		b = append(b, c)
		l.pos++
	}
	return string(b), nil
}

// quoted reads a string in quotes.
func (l *lexer) quoted() (string, error) {
	var b []byte
	for l.pos++; l.pos < len(l.text); {
		switch c := l.text[l.pos]; c {
		case '"':
			l.pos++
			return string(b), nil
		case '\\':
			var err error
			if b, err = l.escape(b); err != nil {
				return "", err
			}
		default:
			b = append(b, c)
			l.pos++
		}
	}
	return "", l.failed("unexpected end of quoted string")
}

// escape reads an escape of a string.
func (l *lexer) escape(b []byte) ([]byte, error) {
	c := l.peek(1)
	l.pos += 2
	switch c {
	case 0:
		l.pos = len(l.text)
		return b, l.failed("unexpected end after backslash")
	case 'b':
		return append(b, '\b'), nil
	case 'f':
		return append(b, '\f'), nil
	case 'n':
		return append(b, '\n'), nil
	case 'r':
		return append(b, '\r'), nil
	case 't':
		return append(b, '\t'), nil
	case 'v':
		return append(b, '\v'), nil
	case 'x':
		r, ok := l.hex(2, 2)
		if !ok {
			return b, l.failed("invalid hexadecimal character sequence")
		}
		return appendRune(b, r)
	case 'u':
		return l.unicode(b)
	}
	return append(b, c), nil
}

// unicode reads \uXXXX, also of a surrogate pair, or \u{X…}.
func (l *lexer) unicode(b []byte) ([]byte, error) {
	r, ok := rune(0), false
	if l.peek(0) == '{' {
		l.pos++
		r, ok = l.hex(1, 6)
		ok = ok && l.peek(0) == '}'
		l.pos++
	} else {
		r, ok = l.hex(4, 4)
	}
	if !ok {
		return b, l.failed("invalid Unicode escape sequence")
	}
	if r >= 0xd800 && r < 0xdc00 {
		if l.peek(0) == '\\' && l.peek(1) == 'u' {
			l.pos += 2
			low, ok := l.hex(4, 4)
			if ok && low >= 0xdc00 && low < 0xe000 {
				return appendRune(b, (r-0xd800)<<10+(low-0xdc00)+0x10000)
			}
		}
		return b, badUnicode("Unicode low surrogate must follow a high surrogate.")
	}
	if r >= 0xdc00 && r < 0xe000 {
		return b, badUnicode("Unicode low surrogate must follow a high surrogate.")
	}
	return appendRune(b, r)
}

func badUnicode(detail string) error {
	return sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type %s", "jsonpath").WithDetail("%s", detail)
}

func appendRune(b []byte, r rune) ([]byte, error) {
	if r == 0 {
		return b, sqlerr.New("22P05", "unsupported Unicode escape sequence").WithDetail("%s", "\\u0000 cannot be converted to text.")
	}
	return utf8.AppendRune(b, r), nil
}

// hex reads least to most hexadecimal digits.
func (l *lexer) hex(least, most int) (rune, bool) {
	r, n := rune(0), 0
	for ; n < most; n++ {
		c := l.peek(0)
		switch {
		case isDigit(c):
			r = r<<4 + rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 + rune(c|0x20-'a') + 10
		default:
			return r, n >= least
		}
		l.pos++
	}
	return r, true
}
