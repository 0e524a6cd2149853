package parser

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"volley/sqlerr"
)

// quotedString reads '…', and with escapes E'…', whose opening quote is prefix
// bytes long. Strings with only a line break (and blanks) between them are one.
func (l *lexer) quotedString(start, prefix int, escapes bool) error {
	l.i = start + prefix
	raw, err := l.segments(start, escapes)
	if err != nil {
		return err
	}
	if escapes {
		if raw, err = l.unescape(start, start+prefix, raw); err != nil {
			return err
		}
	}
	l.emit(tokString, raw, start, l.i)
	return nil
}

// segments reads the rest of a string from behind its opening quote, to behind
// its last closing quote. Doubled quotes are resolved, backslashes are kept.
func (l *lexer) segments(start int, escapes bool) (string, error) {
	var b strings.Builder
	from, single := l.i, true
	what := "unterminated quoted string"
	if c := l.sql[start] | 0x20; c == 'b' {
		what = "unterminated bit string literal"
	} else if c == 'x' {
		what = "unterminated hexadecimal string literal"
	}
	for {
		n := strings.IndexAny(l.sql[l.i:], `'\`)
		if n < 0 {
			return "", l.unterminated(start, what)
		}
		l.i += n
		if l.sql[l.i] == '\\' {
			l.i++
			if escapes && l.i < len(l.sql) {
				l.i++
			}
			continue
		}
		if l.byteAt(l.i+1) == '\'' {
			// In E'…' the quote stays escaped until unescape resolves it.
			if escapes {
				b.WriteString(l.sql[from:l.i] + `\'`)
			} else {
				b.WriteString(l.sql[from : l.i+1])
			}
			l.i += 2
			from, single = l.i, false
			continue
		}
		end := l.i
		l.i++
		if !l.continues() {
			if single {
				return l.sql[from:end], nil
			}
			b.WriteString(l.sql[from:end])
			return b.String(), nil
		}
		b.WriteString(l.sql[from:end])
		from, single = l.i, false
	}
}

// continues passes blanks that hold a line break when another quote follows
// them, and that quote; else it stays.
func (l *lexer) continues() bool {
	j, newline := l.i, false
	for j < len(l.sql) {
		switch {
		case l.sql[j] == '\n' || l.sql[j] == '\r':
			newline = true
			j++
		case isSpace(l.sql[j]):
			j++
		case newline && strings.HasPrefix(l.sql[j:], "--"):
			n := strings.IndexAny(l.sql[j:], "\r\n")
			if n < 0 {
				return false
			}
			j += n
		case newline && l.sql[j] == '\'':
			l.i = j + 1
			return true
		default:
			return false
		}
	}
	return false
}

// unescape resolves the backslashes of E'…', whose text begins at byte from.
func (l *lexer) unescape(start, from int, s string) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	b := make([]byte, 0, len(s))
	high := rune(0) // pending first half of a surrogate pair
	for i := 0; i < len(s); i++ {
		unicode := s[i] == '\\' && i+1 < len(s) && s[i+1]|0x20 == 'u'
		if high != 0 && !unicode {
			return "", nearEscape(from+i, badPair, firstChar(s[i:]))
		}
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		if !unicode {
			var n int
			b, n = appendEscape(b, s[i+1:])
			i += n
			continue
		}
		size := 4
		if s[i+1] == 'U' {
			size = 8
		}
		r, ok := hexRune(s[i+2:], size)
		if !ok {
			return "", sqlerr.At(from+i, sqlerr.InvalidEscapeSequence, "invalid Unicode escape").
				WithHint(`Unicode escapes must be \uXXXX or \UXXXXXXXX.`)
		}
		var bad string
		if b, high, bad = appendRune(b, high, r); bad != "" {
			return "", nearEscape(from+i, bad, s[i:i+2+size])
		}
		i += 1 + size
	}
	if high != 0 {
		return "", nearEscape(l.i-1, badPair, "'")
	}
	if bad := firstInvalid(b); bad >= 0 {
		return "", sqlerr.At(start, sqlerr.CharacterNotInRepertory,
			"invalid byte sequence for encoding \"UTF8\": 0x%02x", b[bad])
	}
	return string(b), nil
}

// appendEscape appends the byte that the escape at the start of s (behind its
// backslash) stands for, and gives the escape's length.
func appendEscape(b []byte, s string) ([]byte, int) {
	switch c := s[0]; {
	case c >= '0' && c <= '7':
		n, v := 0, 0
		for n < 3 && n < len(s) && s[n] >= '0' && s[n] <= '7' {
			v = v*8 + int(s[n]-'0')
			n++
		}
		return append(b, byte(v)), n
	case c == 'x':
		n := 1
		for n < 3 && n < len(s) && isHex(s[n]) {
			n++
		}
		if v, err := strconv.ParseUint(s[1:n], 16, 8); err == nil {
			return append(b, byte(v)), n
		}
	}
	if k := strings.IndexByte("bfnrt", s[0]); k >= 0 {
		return append(b, "\b\f\n\r\t"[k]), 1
	}
	return append(b, s[0]), 1
}

// quotedIdent reads "…" whose opening quote is prefix bytes long.
func (l *lexer) quotedIdent(start, prefix int) error {
	l.i = start + prefix
	from := l.i
	for {
		n := strings.IndexByte(l.sql[l.i:], '"')
		if n < 0 {
			return l.unterminated(start, "unterminated quoted identifier")
		}
		l.i += n + 1
		if l.byteAt(l.i) != '"' {
			break
		}
		l.i++
	}
	name := strings.ReplaceAll(l.sql[from:l.i-1], `""`, `"`)
	if name == "" {
		return sqlerr.At(start, sqlerr.SyntaxError, "zero-length delimited identifier at or near \"%s\"", l.sql[start:l.i])
	}
	l.emit(tokQuoted, name, start, l.i)
	return nil
}

// bitString reads B'…' and X'…'.
func (l *lexer) bitString(letter byte) error {
	start := l.i
	l.i += 2
	raw, err := l.segments(start, false)
	if err != nil {
		return err
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case letter == 'b' && (c == '0' || c == '1'):
			b.WriteByte(c)
		case letter == 'x' && isHex(c):
			v, _ := strconv.ParseUint(raw[i:i+1], 16, 8)
			for k := 3; k >= 0; k-- {
				b.WriteByte('0' + byte(v>>k&1))
			}
		case letter == 'b':
			return sqlerr.At(start, sqlerr.InvalidText, "\"%c\" is not a valid binary digit", rune(c))
		default:
			return sqlerr.At(start, sqlerr.InvalidText, "\"%c\" is not a valid hexadecimal digit", rune(c))
		}
	}
	l.emit(tokBits, b.String(), start, l.i)
	return nil
}

// dollar reads $1, $$…$$ and $tag$…$tag$.
func (l *lexer) dollar() error {
	start := l.i
	if isDigit(l.byteAt(start + 1)) {
		return l.param()
	}
	j := start + 1
	for isIdentStart(l.byteAt(j)) || j > start+1 && isDigit(l.byteAt(j)) {
		j++
	}
	if l.byteAt(j) != '$' {
		return sqlerr.At(start, sqlerr.SyntaxError, "syntax error at or near \"$\"")
	}
	tag := l.sql[start : j+1]
	n := strings.Index(l.sql[j+1:], tag)
	if n < 0 {
		return l.unterminated(start, "unterminated dollar-quoted string")
	}
	body := l.sql[j+1 : j+1+n]
	l.emit(tokString, body, start, j+1+n+len(tag))
	return nil
}

// firstInvalid gives the offset of the first byte that is NUL or no UTF-8, or -1.
func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == 0 || r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
