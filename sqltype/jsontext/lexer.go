package jsontext

import (
	"bytes"
	"unicode/utf8"

	"volley/sqlerr"
)

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokString
	tokNumber
	tokTrue
	tokFalse
	tokNull
	tokObject    // {
	tokObjectEnd // }
	tokArray     // [
	tokArrayEnd  // ]
	tokComma
	tokColon
)

// lexer cuts a text into tokens; text[start:pos] is the present one. With
// strict, escapes must be characters that text can hold, as jsonb demands.
type lexer struct {
	text       []byte
	start, pos int
	kind       tokenKind
	escaped    bool // the present string holds escapes
	strict     bool
	canceled   func() bool // nil: it never is
	look       int         // where in text that is asked next
}

// bytesPerLook is how many bytes are read, in some tenths of a millisecond, before it
// is asked again whether the statement was cancelled.
const bytesPerLook = 64 << 10

// next reads a token.
func (l *lexer) next() error {
	for l.pos < len(l.text) && isSpace(l.text[l.pos]) {
		l.pos++
	}
	l.start = l.pos
	if l.pos >= l.look && l.canceled != nil {
		if l.canceled() {
			return sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
		}
		l.look = l.pos + bytesPerLook
	}
	if l.pos == len(l.text) {
		l.kind = tokEnd
		return nil
	}
	c := l.text[l.pos]
	if kind := punctuation[c]; kind != tokEnd {
		l.kind = kind
		l.pos++
		return nil
	}
	switch {
	case c == '"':
		return l.string()
	case c == '-' || isDigit(c):
		return l.number()
	}
	return l.word()
}

var punctuation = [256]tokenKind{
	'{': tokObject, '}': tokObjectEnd, '[': tokArray, ']': tokArrayEnd, ',': tokComma, ':': tokColon,
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isDigit(c byte) bool { return c-'0' < 10 }

// inWord tells whether c belongs to the same run of characters, which an error
// shows as one token.
func inWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || isDigit(c) || c == '_' || c >= utf8.RuneSelf
}

func (l *lexer) word() error {
	for l.pos < len(l.text) && inWord(l.text[l.pos]) {
		l.pos++
	}
	if l.pos == l.start {
		_, size := utf8.DecodeRune(l.text[l.pos:])
		l.pos += size
		return l.badToken()
	}
	switch string(l.text[l.start:l.pos]) {
	case "true":
		l.kind = tokTrue
	case "false":
		l.kind = tokFalse
	case "null":
		l.kind = tokNull
	default:
		return l.badToken()
	}
	return nil
}

func (l *lexer) badToken() error { return invalid("Token \"%s\" is invalid.", l.text[l.start:l.pos]) }

// number reads -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?.
func (l *lexer) number() error {
	l.kind = tokNumber
	p := l.start
	if l.text[p] == '-' {
		p++
	}
	digits := func() bool {
		from := p
		for p < len(l.text) && isDigit(l.text[p]) {
			p++
		}
		return p > from
	}
	ok := true
	if p < len(l.text) && l.text[p] == '0' {
		p++
	} else {
		ok = digits()
	}
	if p < len(l.text) && l.text[p] == '.' {
		p++
		ok = digits() && ok
	}
	if p < len(l.text) && l.text[p]|0x20 == 'e' {
		p++
		if p < len(l.text) && (l.text[p] == '+' || l.text[p] == '-') {
			p++
		}
		ok = digits() && ok
	}
	for p < len(l.text) && inWord(l.text[p]) {
		p, ok = p+1, false
	}
	l.pos = p
	if !ok {
		return l.badToken()
	}
	return nil
}

func (l *lexer) string() error {
	l.kind, l.escaped = tokString, false
	high := false // a high surrogate waits for its low one
	for p := l.start + 1; p < len(l.text); p++ {
		switch c := l.text[p]; {
		case c == '"':
			l.pos = p + 1
			if high && l.strict {
				return loneSurrogate("Unicode low surrogate must follow a high surrogate.")
			}
			return nil
		case c < ' ':
			return invalid("Character with value 0x%02x must be escaped.", c)
		case c != '\\':
			if high && l.strict {
				return loneSurrogate("Unicode low surrogate must follow a high surrogate.")
			}
		default:
			l.escaped = true
			size, err := l.escape(p, &high)
			if err != nil {
				return err
			}
			p += size - 1
		}
	}
	l.pos = len(l.text)
	return l.badToken()
}

// escape checks the escape at p and gives its length.
func (l *lexer) escape(p int, high *bool) (int, error) {
	if p+1 == len(l.text) {
		return 0, l.unterminated()
	}
	switch c := l.text[p+1]; c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		if *high && l.strict {
			return 0, loneSurrogate("Unicode low surrogate must follow a high surrogate.")
		}
		return 2, nil
	case 'u':
	default:
		_, size := utf8.DecodeRune(l.text[p+1:])
		return 0, invalid("Escape sequence \"\\%s\" is invalid.", l.text[p+1:p+1+size])
	}
	r, ok := hex4(l.text[p+2:])
	switch {
	case !ok && allHex(l.text[p+2:]):
		return 0, l.unterminated()
	case !ok:
		return 0, invalid("\"\\u\" must be followed by four hexadecimal digits.")
	case !l.strict:
	case r == 0:
		return 0, sqlerr.New(sqlerr.UntranslatableCharacter, "unsupported Unicode escape sequence").
			WithDetail("\\u0000 cannot be converted to text.")
	case isHigh(r):
		if *high {
			return 0, loneSurrogate("Unicode high surrogate must not follow a high surrogate.")
		}
		*high = true
		return 6, nil
	case isLow(r) != *high:
		return 0, loneSurrogate("Unicode low surrogate must follow a high surrogate.")
	}
	*high = false
	return 6, nil
}

func (l *lexer) unterminated() error {
	l.pos = len(l.text)
	return l.badToken()
}

func loneSurrogate(detail string) error { return invalid("%s", detail) }

func isHigh(r rune) bool { return r >= 0xd800 && r < 0xdc00 }
func isLow(r rune) bool  { return r >= 0xdc00 && r < 0xe000 }

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// allHex tells whether a text ends before a character that is no digit.
func allHex(b []byte) bool {
	return len(b) < 4 && len(bytes.Trim(b, "0123456789abcdefABCDEF")) == 0
}

// unexpected is the error that the present token is not what the grammar
// wants.
func (l *lexer) unexpected(wanted string) error {
	if l.kind == tokEnd {
		return invalid("The input string ended unexpectedly.")
	}
	return invalid("Expected %s, but found \"%s\".", wanted, l.text[l.start:l.pos])
}
